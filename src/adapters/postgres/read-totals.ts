import pg from 'pg';
import type { EntityJob } from './entity-job.ts';
import type { Session } from './session.ts';
import { quoteTable } from './table-name.ts';

const NOT_FINITE = new Set(['NaN', 'Infinity', '-Infinity']);

/**
 * Row count and sums of the measures over the whole table, for reconciliation. Sums are exact decimal text of
 * the finite values: NaN and the infinities have no decimal form and end in quarantine further on. Null when a
 * column has no finite value. A floating-point column is summed by its shortest decimal form.
 */
export async function readTotals(session: Session, job: EntityJob): Promise<void> {
  // As long as the scan takes: the server's statement_timeout and watchSessions bound it.
  const read = async (isFiltered: boolean) =>
    session.query<Record<string, string | null>>(
      totalsStatement(job, isFiltered),
      [],
      Number.POSITIVE_INFINITY,
    );
  let [row] = await read(false);
  // Filtering each value doubles the time of the scan, so it is done only where it is needed.
  if (Object.values(row!).some((value) => value !== null && NOT_FINITE.has(value))) {
    [row] = await read(true);
  }
  const { count, ...values } = row!;
  job.totals = {
    rowCount: Number(count),
    sums: Object.fromEntries(
      job.entity.measures.map((name, index) => [name, values[`sum_${index}`] ?? null]),
    ),
  };
}

function totalsStatement(job: EntityJob, isFiltered: boolean): string {
  const sums = job.entity.measures.map((name, index) => {
    const column = `t.${pg.escapeIdentifier(name)}`;
    const value = job.table.summable.get(name)?.needsCast ? `${column}::numeric` : column;
    const finite = `${value}::numeric NOT IN ('NaN', 'Infinity', '-Infinity')`;
    return `, sum(${value})${isFiltered ? ` FILTER (WHERE ${finite})` : ''}::text AS sum_${index}`;
  });
  return `SELECT count(*)::text AS count${sums.join('')} FROM ${quoteTable(job.table.located)} AS t`;
}
