import { expect, test } from 'vitest';
import { runSuite } from '../../../src/index.ts';
import { csvTable } from './csv-batch.ts';

const data = csvTable(
  { id: 'integer', n: 'integer', s: 'text' },
  Array.from({ length: 300 }, (_, row) => [
    row,
    row % 7 === 0 ? null : row % 40,
    row === 5 ? 'x' : `t${row % 3}`,
  ]),
);
const expectations = Array.from({ length: 40 }, (_, index) => [
  { type: 'expect_column_values_to_be_between', kwargs: { column: 'n', max_value: index } },
  {
    type: 'expect_column_values_to_be_in_set',
    kwargs: { column: 's', value_set: index % 2 ? ['t0', 't1', 't2'] : ['t0'] },
  },
  {
    type: 'expect_column_values_to_match_regex',
    kwargs: { column: 's', regex: '^t', row_condition: `id > ${index}` },
  },
  { type: 'expect_column_values_to_be_unique', kwargs: { column: 'n' } },
]).flat();

test.each([[undefined], [['id']]])(
  'a large suite, whose evidence takes a scan of its own, tells what each expectation tells alone (index %j)',
  async (indexColumns) => {
    const options = { data, ...(indexColumns ? { indexColumns } : {}) };
    const together = await runSuite({ suite: { name: 'all', expectations }, ...options });
    const few = expectations.slice(60, 76);
    const alone = await runSuite({ suite: { name: 'few', expectations: few }, ...options });
    expect(together.results.slice(60, 76)).toEqual(alone.results);
    expect(
      together.results.filter((each) => !each.success && each.result.partial_unexpected_list!.length === 0),
    ).toEqual([]);
  },
);
