import pg from 'pg';
import { TidemarkError } from '../../core/errors.ts';
import type { KeyCut } from '../../ports/source.ts';
import { beginRead } from './begin.ts';
import { type DescribedTable, describeTables } from './describe-tables.ts';
import { countRows } from './estimate-rows.ts';
import { locateTables, requireAccess } from './locate-tables.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { quoteTable } from './table-name.ts';

/** Pages of the sample for each range: enough that one of a table in the order of its keys is within some 12 % of its size. */
const PAGES_PER_RANGE = 64;

/**
 * Bounds that cut the keys of a table into ranges of about as many rows each, from a random sample of its pages. A
 * table without an index on just the key, or without pages of its own (a view), is left whole: each range would
 * scan it.
 */
export async function cutKeys(
  options: SessionOptions,
  table: string,
  key: readonly string[],
  rowsPerRange: number,
  scope: AbortSignal,
): Promise<KeyCut> {
  const applicationName = 'tidemark plan';
  const session = await openSession(options, applicationName, scope);
  await beginRead(session, options, { applicationName });
  const located = await locateTables(session, [table]);
  if (located.length === 0)
    throw new TidemarkError('SOURCE_TABLE_MISSING', `${session.target}: no table ${table}`);
  requireAccess(session, located);
  const described = (await describeTables(session, located))[table]!;
  const rowCount = await countRows(session, located[0]!, null);
  const rangeCount = Math.ceil(rowCount / rowsPerRange);
  const indexed = described.uniqueKeys.find(
    (columns) => columns.length === key.length && key.every((name) => columns.includes(name)),
  );
  const isCut = rangeCount > 1 && indexed !== undefined && described.hasXmin;
  const bounds = isCut ? await sampleBounds(session, described, indexed, rangeCount) : [];
  await session.close();
  return { key: indexed ?? key, rowCount, bounds };
}

/** The first key of each range but the first, in order, as PostgreSQL prints it. */
async function sampleBounds(
  session: Session,
  { located, pages }: DescribedTable,
  key: readonly string[],
  rangeCount: number,
): Promise<string[][]> {
  const percent = Math.min(100, (100 * PAGES_PER_RANGE * rangeCount) / Math.max(pages.total, 1));
  const columns = key.map((name) => `t.${pg.escapeIdentifier(name)}`);
  const names = key.map((_, nth) => `k${nth}`);
  const rows = await session.query<Record<string, string>>(
    `SELECT ${names.map((name) => `${name}::text`).join(', ')}
       FROM (SELECT DISTINCT ON (range) range, ${names.join(', ')}
               FROM (SELECT ${columns.map((column, nth) => `${column} AS k${nth}`).join(', ')},
                            ntile(${rangeCount}) OVER (ORDER BY ${columns.join(', ')}) AS range
                       FROM ${quoteTable(located)} AS t TABLESAMPLE SYSTEM (${percent.toFixed(6)})) AS sampled
              WHERE range > 1
              ORDER BY range, ${names.join(', ')}) AS firsts
      ORDER BY range`,
    [],
    Number.POSITIVE_INFINITY,
  );
  return rows.map((row) => names.map((name) => row[name]!));
}
