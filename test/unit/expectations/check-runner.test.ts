import { expect, test } from 'vitest';
import { createCheckRunner } from '../../../src/adapters/duckdb/check-runner.ts';
import { csvTable, writeFile } from './csv-batch.ts';

const runner = createCheckRunner({});
const types = { id: 'bigint', mail: 'text', total: 'numeric(10,2)' };
const table = csvTable(types, [
  [1, 'a', '0.10'],
  [2, 'b', '0.20'],
  [2, 'b', null],
]);
const batch = { ...table, columns: table.columns! };
const options = { tables: {}, indexColumns: ['id'], maskedColumns: ['mail'] };
const suite = (type: string, kwargs: unknown) => ({ name: 's', expectations: [{ type, kwargs }] });

test('runs a suite over a batch, masking what has to be masked', async () => {
  const { results } = await runner.check(
    suite('expect_column_values_to_be_unique', { column: 'mail' }),
    batch,
    options,
  );
  expect(results[0]?.result.partial_unexpected_index_list).toEqual([
    { id: 2, mail: '***' },
    { id: 2, mail: '***' },
  ]);
});

test('gives row count and exact sums', async () => {
  expect(await runner.totals(batch, ['total', 'id'])).toEqual({
    rowCount: 3,
    sums: { total: '0.30', id: '5' },
  });
  expect(await runner.totals({ ...batch, files: [] }, ['total'])).toEqual({
    rowCount: 0,
    sums: { total: null },
  });
});

test.each([
  ['a measure that is not there', batch, ['totl'], 'FILE_MISMATCH'],
  [
    'a measure that does not read',
    { ...batch, files: [writeFile('x.csv', 'total\n1.5\nx\n')] },
    ['total'],
    'FILE_MISMATCH',
  ],
  [
    'a file that is no Parquet',
    { ...batch, format: 'parquet', files: [writeFile('x.parquet', 'PAR1')] },
    ['total'],
    'FILE_MISMATCH',
  ],
  ['a file that is gone', { ...batch, files: ['/nowhere.csv'] }, ['total'], 'OBJECT_MISSING'],
] as const)('%s is an error with a code', async (_, broken, measures, code) => {
  await expect(runner.totals(broken, measures)).rejects.toMatchObject({ name: 'TidemarkError', code });
});

test('a wrong suite is a wrong definition, a stop is the one that was asked for', async () => {
  const wrong = runner.check(suite('expect_nothing', {}), batch, options);
  await expect(wrong).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
  const signal = AbortSignal.abort(new Error('enough'));
  const stopped = runner.check(suite('expect_column_to_exist', { column: 'id' }), batch, {
    ...options,
    signal,
  });
  await expect(stopped).rejects.toThrow('enough');
});
