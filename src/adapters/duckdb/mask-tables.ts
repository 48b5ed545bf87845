import type { DuckDBConnection } from '@duckdb/node-api';
import { QueryRefused } from '../../expectations/run-checks.ts';
import { didYouMean } from '../../expectations/suggest.ts';
import { openEngine } from './connection.ts';
import { openSource } from './source.ts';
import type { Batch, RunSuiteOptions, TableFiles } from './types.ts';

/**
 * Masks the columns that the data names in every table that has them. Throws `TypeError` for a name that is no column of
 * any, since what it is about would be shown unseen.
 */
export async function maskEveryTable(batch: Batch, options: RunSuiteOptions): Promise<Batch> {
  const { masked = [], tables = {}, ...own } = batch;
  const others = Object.entries(tables);
  if (masked.length === 0 || others.length === 0) return batch;
  const all: readonly TableFiles[] = [own, ...others.map(([, table]) => table)];
  const columns = await readColumns(all, options);
  refuseUnknown(masked, columns);
  const kept = (index: number) => masked.filter((name) => columns[index]?.includes(name) ?? true);
  const withMasks = others.map(([name, table], index) => {
    const names = new Set([...(table.masked ?? []), ...kept(index + 1)]);
    return [name, { ...table, masked: [...names] }] as const;
  });
  return { ...own, masked: kept(0), tables: Object.fromEntries(withMasks) };
}

/** The names of each table's columns; null where its files do not hang together, which is told when they are read. */
async function readColumns(
  tables: readonly TableFiles[],
  options: RunSuiteOptions,
): Promise<(readonly string[] | null)[]> {
  const files = new Set(tables.flatMap((table) => table.files));
  const engine = await openEngine([...files], options);
  try {
    const found: (readonly string[] | null)[] = [];
    for (const table of tables) found.push(await columnsOf(engine.connection, table));
    return found;
  } finally {
    await engine.close();
  }
}

async function columnsOf(connection: DuckDBConnection, table: TableFiles): Promise<readonly string[] | null> {
  try {
    // With columns given, no types are guessed from the rows.
    const source = await openSource(connection, { columns: [], ...table, masked: [] }, true);
    return source.columns.map(({ name }) => name);
  } catch (error) {
    if (error instanceof QueryRefused) return null;
    throw error;
  }
}

function refuseUnknown(masked: readonly string[], columns: readonly (readonly string[] | null)[]): void {
  if (columns.includes(null)) return;
  const known = columns.flatMap((names) => names ?? []);
  const unknown = masked.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(
    `the column to mask, "${unknown}", does not exist in the data or in another table that the suite names${didYouMean(unknown, known)}`,
  );
}
