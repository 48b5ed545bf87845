import type { Command } from 'commander';
import { TidemarkError } from '../../src/core/errors.ts';
import type { QueryResult } from '../../src/ports/warehouse.ts';
import { CommandError, type Output, show } from './output.ts';
import { parseCount } from './run-id.ts';
import { withDeps } from './session.ts';
import { renderTable } from './table.ts';

export function addQuery(program: Command, out: Output): void {
  program
    .command('query')
    .summary('SQL on the warehouse')
    .argument('<sql>', 'one statement')
    .option('--limit <n>', 'rows shown at most', '100')
    .option('--json', 'as JSON: {columns, rows, rowCount}')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark query "SELECT count(*) FROM ecommerce.orders_fact"\n  npx tidemark query "SELECT * FROM ecommerce_spectrum.orders_fact LIMIT 5" --json\n\nAll rows are fetched before --limit is applied: put a LIMIT in the SQL of a large table.\n\nExit: 0 done, 1 the SQL failed or the warehouse cannot be reached, 2 wrong usage',
    )
    .action(async (sql: string, options: { limit: string; json?: boolean }) => {
      const limit = parseCount('--limit', options.limit);
      await withDeps(out, async (deps) => {
        const result = await deps.warehouse.query(sql).catch((error: unknown) => {
          // What the table of errors says to do is about a run; here it is the person's own SQL.
          if (error instanceof TidemarkError && error.code === 'WAREHOUSE_SQL_FAILED')
            throw new CommandError(error.message);
          throw error;
        });
        const rows = result.rows.slice(0, limit);
        show(out, options.json, { columns: result.columns, rows, rowCount: result.rows.length }, () =>
          renderResult(result, limit),
        );
      });
    });
}

export function renderResult({ columns, rows }: QueryResult, limit: number): string {
  const table = renderTable(
    columns.map((each) => each.name),
    rows.slice(0, limit).map((row) => row.map((cell) => (cell === null ? 'NULL' : String(cell)))),
  );
  const hidden = Math.max(0, rows.length - limit);
  const count = `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${hidden > 0 ? `, ${hidden} not shown; --limit` : ''})`;
  return `${table}\n${count}`;
}
