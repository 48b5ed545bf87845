import { TidemarkError } from '../../core/errors.ts';
import { QueryRefused } from '../../expectations/run-checks.ts';
import { columnRef } from '../../expectations/sql/column-ref.ts';
import { duckdbDialect } from '../../expectations/sql/duckdb.ts';
import { emptyUse, fromClause } from '../../expectations/sql/relation.ts';
import type { Source } from '../../expectations/sql/schema.ts';
import type { HiddenRows, Totals } from '../../ports/checks.ts';
import { openEngine } from './connection.ts';
import { withAbsolutePaths } from './paths.ts';
import { runQuery } from './query.ts';
import { openSource } from './source.ts';
import type { RunSuiteOptions, TableFiles } from './types.ts';

/**
 * Row count of a table and the sums of its measures as decimal text, exact for integers and decimals; null where no row
 * has a value. Throws `TidemarkError` FILE_MISMATCH when a measure is not among the columns or the files are broken.
 */
export async function sumTable(
  files: TableFiles,
  measures: readonly string[],
  options: RunSuiteOptions,
  hidden?: HiddenRows,
): Promise<Totals> {
  const table = withAbsolutePaths(files);
  const engine = await openEngine(table.files, options);
  try {
    const source = hide(await openSource(engine.connection, table, true), hidden);
    const use = emptyUse();
    const sums = measures.map((measure) => {
      const index = source.columns.findIndex(({ name }) => name === measure);
      if (index < 0) throw new TidemarkError('FILE_MISMATCH', `there is no column "${measure}" to add up`);
      use.columns.add(index);
      const column = columnRef(source.columns[index]!, index, duckdbDialect);
      const unreadable = duckdbDialect.countIf(column.isUnreadable ?? 'false');
      return [duckdbDialect.text(`sum(${column.value})`), unreadable];
    });
    const select = ['count(*)', ...sums.flat()].join(', ');
    const from = fromClause(source, use, duckdbDialect);
    const { rows } = await runQuery(engine.connection, `select ${select} from ${from}`);
    const [count, ...cells] = rows[0] ?? [];
    const broken = measures.find((_, index) => cells[2 * index + 1] !== '0');
    if (broken !== undefined) {
      throw new TidemarkError('FILE_MISMATCH', `values of column "${broken}" do not read as its type`);
    }
    const found = measures.map((measure, index) => [measure, cells[2 * index] as string | null]);
    return { rowCount: Number(count), sums: Object.fromEntries(found) };
  } catch (error) {
    if (error instanceof QueryRefused) throw new TidemarkError('FILE_MISMATCH', error.message);
    throw error;
  } finally {
    await engine.close();
  }
}

/** The source without the hidden rows. */
function hide(source: Source, hidden: HiddenRows | undefined): Source {
  if (!hidden || !source.columns.some(({ name }) => name === hidden.column)) return source;
  const { identifier, string } = duckdbDialect;
  const kept = `${identifier(hidden.column)} is distinct from ${string(hidden.value)}`;
  return { ...source, relation: `(select * from ${source.relation} where ${kept})` };
}
