import { TidemarkError } from '../../core/errors.ts';
import type { EntityRead } from '../../core/manifest.ts';
import { beginRead } from './begin.ts';
import { describeTables } from './describe-tables.ts';
import { locateTables } from './locate-tables.ts';
import { rowFilter } from './row-filter.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { quoteTable, type TableName } from './table-name.ts';

interface Explained {
  'QUERY PLAN': readonly { Plan: { 'Plan Rows': number } }[];
}

/** Rows that each read would give, as the planner estimates them from its statistics: nothing is scanned. */
export async function estimateRows(
  options: SessionOptions,
  table: string,
  reads: readonly EntityRead[],
  scope: AbortSignal,
): Promise<number[]> {
  const applicationName = 'tidemark plan';
  const session = await openSession(options, applicationName, scope);
  await beginRead(session, options, { applicationName });
  const [located] = await locateTables(session, [table]);
  if (!located) throw new TidemarkError('SOURCE_TABLE_MISSING', `${session.target}: no table ${table}`);
  const { columns } = (await describeTables(session, [located]))[table]!;
  const counts: number[] = [];
  for (const read of reads) counts.push(await countRows(session, located, rowFilter(read, columns)));
  await session.close();
  return counts;
}

/** Rows of a table that a condition holds for, as the planner estimates them; null for all rows. */
export async function countRows(session: Session, table: TableName, filter: string | null): Promise<number> {
  const where = filter === null ? '' : ` WHERE ${filter}`;
  const [row] = await session.query<Explained>(
    `EXPLAIN (FORMAT JSON) SELECT FROM ${quoteTable(table)} AS t${where}`,
  );
  return row!['QUERY PLAN'][0]!.Plan['Plan Rows'];
}
