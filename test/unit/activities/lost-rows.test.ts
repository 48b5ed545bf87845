import { describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { runSuites } from '../../../activities/run-suites.ts';
import { createCheckRunner } from '../../../src/adapters/duckdb/check-runner.ts';
import { makeLayout } from '../../../src/core/layout.ts';
import { csvTable } from '../expectations/csv-batch.ts';

const zones = { raw: 's3://r', clean: 's3://c', curated: 's3://u', quarantine: 's3://q', state: 's3://s' };
const layout = makeLayout(zones, 'shop');
const table = csvTable({ id: 'bigint', total: 'numeric(10,2)' }, [
  [1, '1.00'],
  [2, '2.00'],
]);

/** Checks the two rows of a batch whose manifest says that it has `rowCount`. */
async function check(rowCount: number, kwargs: Record<string, unknown>) {
  const store = { read: () => Promise.resolve(null), write: () => Promise.resolve() };
  const deps = { store, checks: createCheckRunner({}), pipelines: new Map() } as unknown as ActivityDeps;
  const stage = {
    pipeline: 'shop',
    sparkAboveRows: 1_000_000,
    runKey: 'r1',
    stage: 'raw',
    generation: 'r1-x1',
    allowed: ['approve', 'abort'],
  } as const;
  const run = {
    subject: 'orders',
    suite: { name: 's', expectations: [{ type: 'expect_column_values_to_not_be_null', kwargs }] },
    batch: { ...table, columns: table.columns! },
    key: ['id'],
    maskedColumns: [],
    rowCountHistory: [],
    rowCount,
  };
  return await runSuites(deps, layout, stage, [run], {}, new AbortController().signal);
}

describe('a batch of which the engine saw another number of rows than were written', () => {
  it('does not pass', async () => {
    await expect(check(3, { column: 'id' })).rejects.toMatchObject({
      code: 'FILE_MISMATCH',
      message: expect.stringContaining('orders: the checks read 2 rows of files that hold 3'),
    });
  });

  it('is one of all rows, not of those that a condition picks', async () => {
    expect((await check(2, { column: 'id' })).findings).toEqual([]);
    expect((await check(3, { column: 'id', row_condition: 'total > 1' })).findings).toEqual([]);
  });
});
