import { describe, expect, test } from 'vitest';
import { type ExpectationResult, runSuite } from '../../../src/index.ts';
import { csvTable } from './csv-batch.ts';

/** An expectation about single values, with one value that it takes and one that it does not. */
interface ValueCase {
  readonly kwargs: Record<string, unknown>;
  readonly type: string;
  readonly good: unknown;
  readonly bad: unknown;
  /** A column that it cannot be evaluated on, and the reason; left out where it can on all. */
  readonly mismatch?: readonly [type: string, value: unknown, reason: RegExp];
}

const NEEDS_TEXT = ['integer', 1, /needs text|is INTEGER/] as const;

const VALUES: Readonly<Record<string, ValueCase>> = {
  expect_column_values_to_be_in_set: { type: 'text', kwargs: { value_set: ['a', 'b'] }, good: 'a', bad: 'c' },
  expect_column_values_to_not_be_in_set: { type: 'text', kwargs: { value_set: ['c'] }, good: 'a', bad: 'c' },
  expect_column_values_to_be_between: {
    type: 'integer',
    kwargs: { min_value: 1, max_value: 5 },
    good: 5,
    bad: 6,
    mismatch: ['text', 'a', /cannot be compared/],
  },
  expect_column_values_to_be_of_type: { type: 'integer', kwargs: { type_: 'INTEGER' }, good: 1, bad: 'x' },
  expect_column_values_to_be_in_type_list: {
    type: 'integer',
    kwargs: { type_list: ['INTEGER', 'BIGINT'] },
    good: 1,
    bad: 'x',
  },
  expect_column_values_to_match_regex: { type: 'text', kwargs: { regex: '^a' }, good: 'ab', bad: 'ba' },
  expect_column_values_to_not_match_regex: { type: 'text', kwargs: { regex: '^a' }, good: 'ba', bad: 'ab' },
  expect_column_values_to_match_regex_list: {
    type: 'text',
    kwargs: { regex_list: ['^a', '^b'] },
    good: 'b',
    bad: 'c',
  },
  expect_column_values_to_not_match_regex_list: {
    type: 'text',
    kwargs: { regex_list: ['^a', '^b'] },
    good: 'c',
    bad: 'b',
  },
  expect_column_values_to_match_like_pattern: {
    type: 'text',
    kwargs: { like_pattern: 'a%' },
    good: 'ab',
    bad: 'ba',
    mismatch: NEEDS_TEXT,
  },
  expect_column_values_to_not_match_like_pattern: {
    type: 'text',
    kwargs: { like_pattern: 'a%' },
    good: 'ba',
    bad: 'ab',
    mismatch: NEEDS_TEXT,
  },
  expect_column_values_to_match_like_pattern_list: {
    type: 'text',
    kwargs: { like_pattern_list: ['a%', 'b%'], match_on: 'any' },
    good: 'b',
    bad: 'c',
    mismatch: NEEDS_TEXT,
  },
  expect_column_values_to_not_match_like_pattern_list: {
    type: 'text',
    kwargs: { like_pattern_list: ['a%', 'b%'] },
    good: 'c',
    bad: 'b',
    mismatch: NEEDS_TEXT,
  },
  expect_column_values_to_match_strftime_format: {
    type: 'text',
    kwargs: { strftime_format: '%Y-%m-%d' },
    good: '2024-02-29',
    bad: '2023-02-29',
    mismatch: NEEDS_TEXT,
  },
  expect_column_values_to_be_dateutil_parseable: {
    type: 'text',
    kwargs: {},
    good: 'Jan 31, 2024',
    bad: 'never',
    mismatch: NEEDS_TEXT,
  },
  expect_column_values_to_be_json_parseable: {
    type: 'text',
    kwargs: {},
    good: '{"a": 1}',
    bad: '{a',
    mismatch: NEEDS_TEXT,
  },
  expect_column_values_to_match_json_schema: {
    type: 'text',
    kwargs: { json_schema: { type: 'object' } },
    good: '{"a": 1}',
    bad: '[1]',
    mismatch: NEEDS_TEXT,
  },
  expect_column_value_lengths_to_be_between: {
    type: 'text',
    kwargs: { min_value: 2, max_value: 3 },
    good: 'abc',
    bad: 'abcd',
    mismatch: NEEDS_TEXT,
  },
  expect_column_value_lengths_to_equal: {
    type: 'text',
    kwargs: { value: 2 },
    good: 'ab',
    bad: 'a',
    mismatch: NEEDS_TEXT,
  },
  expect_column_values_to_exist_in_table: {
    type: 'integer',
    kwargs: { table: 'other', other_column: 'k' },
    good: 7,
    bad: 8,
  },
};

const other = csvTable({ k: 'integer', x: 'text' }, [[7, 'a']]);

async function judge(
  type: string,
  columnType: string,
  values: readonly unknown[],
  kwargs: object,
): Promise<ExpectationResult> {
  const data = {
    ...csvTable(
      { v: columnType, x: 'text' },
      values.map((value) => [value, 'x']),
    ),
    tables: { other },
  };
  const suite = { name: 'edge', expectations: [{ type, kwargs: { column: 'v', ...kwargs } }] };
  return (await runSuite({ suite, data })).results[0]!;
}

describe.each(Object.entries(VALUES))('%s', (type, { type: columnType, kwargs, good, bad, mismatch }) => {
  test.each<[string, unknown[], object, [boolean, number, number, number]]>([
    ['of nothing but missing values', [null, null, null], {}, [true, 3, 0, 3]],
    ['of an empty table', [], {}, [true, 0, 0, 0]],
    ['of one good row', [good], {}, [true, 1, 0, 0]],
    ['of one bad row', [bad], {}, [false, 1, 1, 0]],
    ['where mostly is just reached', [good, good, good, bad, null], { mostly: 0.75 }, [true, 5, 1, 1]],
    ['where mostly is just missed', [good, good, good, bad, null], { mostly: 0.7501 }, [false, 5, 1, 1]],
    ['where nothing good is asked for', [bad], { mostly: 0 }, [true, 1, 1, 0]],
  ])('%s', async (_, values, more, [success, elements, unexpected, missing]) => {
    const { result, exception_info, ...rest } = await judge(type, columnType, values, { ...kwargs, ...more });
    const judged = elements - missing;
    expect(exception_info.exception_message).toBeNull();
    expect(rest.success).toBe(success);
    expect(result).toMatchObject({
      element_count: elements,
      unexpected_count: unexpected,
      missing_count: missing,
      missing_percent: elements === 0 ? null : (missing / elements) * 100,
      unexpected_percent: judged === 0 ? null : (unexpected / judged) * 100,
      unexpected_percent_total: elements === 0 ? null : (unexpected / elements) * 100,
      partial_unexpected_list: Array.from({ length: unexpected }, () => bad),
    });
  });

  test.runIf(mismatch)('of a column of another type', async () => {
    const [wrongType, value, reason] = mismatch!;
    const { success, exception_info } = await judge(type, wrongType, [value], kwargs);
    expect(success).toBe(false);
    expect(exception_info.exception_message).toMatch(reason);
  });
});

/** Figures: of missing values alone, of no rows, of one row with 4. */
const FIGURES: Readonly<
  Record<string, { readonly kwargs?: object; readonly none: unknown; readonly one: unknown }>
> = {
  expect_column_min_to_be_between: { none: null, one: 4 },
  expect_column_max_to_be_between: { none: null, one: 4 },
  expect_column_mean_to_be_between: { none: null, one: 4 },
  expect_column_median_to_be_between: { none: null, one: 4 },
  expect_column_stdev_to_be_between: { none: null, one: null },
  expect_column_sum_to_be_between: { none: 0, one: 4 },
  expect_column_unique_value_count_to_be_between: { none: 0, one: 1 },
  expect_column_proportion_of_unique_values_to_be_between: { none: 0, one: 1 },
  expect_column_proportion_of_non_null_values_to_be_between: { none: 0, one: 1 },
};

describe.each(Object.entries(FIGURES))('%s', (type, { none, one }) => {
  test.each<[string, unknown[], unknown]>([
    ['of nothing but missing values', [null, null], none],
    ['of an empty table', [], none],
    ['of one row', [4], one],
  ])('%s', async (_, values, figure) => {
    const wide = await judge(type, 'integer', values, { min_value: -100, max_value: 100 });
    expect(wide.result.observed_value).toBe(figure);
    expect(wide.success).toBe(figure !== null);
    const narrow = await judge(type, 'integer', values, { min_value: 50, max_value: 100 });
    expect(narrow.success).toBe(false);
  });
});

test('figures of text are refused', async () => {
  for (const type of ['mean', 'median', 'stdev', 'sum']) {
    const { exception_info } = await judge(`expect_column_${type}_to_be_between`, 'text', ['a'], {
      min_value: 0,
    });
    expect(exception_info.exception_message).toContain('needs numbers');
  }
});

/** Pairs and records: a good and a bad row of two numbers, and what a row of missing values is. */
const RECORDS: Readonly<
  Record<string, { readonly kwargs: object; readonly good: [number, number]; readonly bad: [number, number] }>
> = {
  expect_column_pair_values_to_be_equal: {
    kwargs: { column_A: 'a', column_B: 'b' },
    good: [1, 1],
    bad: [1, 2],
  },
  expect_column_pair_values_a_to_be_greater_than_b: {
    kwargs: { column_A: 'a', column_B: 'b' },
    good: [2, 1],
    bad: [1, 1],
  },
  expect_column_pair_values_to_be_in_set: {
    kwargs: { column_A: 'a', column_B: 'b', value_pairs_set: [[1, 2]] },
    good: [1, 2],
    bad: [2, 1],
  },
  expect_multicolumn_sum_to_equal: {
    kwargs: { column_list: ['a', 'b'], sum_total: 3 },
    good: [1, 2],
    bad: [2, 2],
  },
  expect_multicolumn_values_to_be_equal: { kwargs: { column_list: ['a', 'b'] }, good: [1, 1], bad: [1, 2] },
  expect_select_column_values_to_be_unique_within_record: {
    kwargs: { column_list: ['a', 'b'] },
    good: [1, 2],
    bad: [1, 1],
  },
};

describe.each(Object.entries(RECORDS))('%s', (type, { kwargs, good, bad }) => {
  const missing = [null, null];
  test.each<[string, unknown[][], object, boolean, number, number]>([
    ['of nothing but missing values', [missing, missing], {}, true, 0, 2],
    ['of an empty table', [], {}, true, 0, 0],
    ['of one good row', [good], {}, true, 0, 0],
    ['of one bad row', [bad], {}, false, 1, 0],
    ['where mostly is just reached', [good, good, good, bad, missing], { mostly: 0.75 }, true, 1, 1],
    ['where mostly is just missed', [good, good, good, bad, missing], { mostly: 0.7501 }, false, 1, 1],
  ])('%s', async (_, rows, more, success, unexpected, left) => {
    const data = csvTable({ a: 'integer', b: 'integer' }, rows as unknown[][]);
    const ignore = type.includes('pair') ? 'both_values_are_missing' : 'all_values_are_missing';
    const suite = {
      name: 'edge',
      expectations: [{ type, kwargs: { ...kwargs, ...more, ignore_row_if: ignore } }],
    };
    const [found] = (await runSuite({ suite, data })).results;
    expect(found!.exception_info.exception_message).toBeNull();
    expect(found!.success).toBe(success);
    expect(found!.result).toMatchObject({
      element_count: rows.length,
      unexpected_count: unexpected,
      missing_count: left,
    });
  });
});
