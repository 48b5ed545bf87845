import { describe, expect, test } from 'vitest';
import { expectationTypes } from '../../../src/expectations/registry.ts';
import { type Batch, type ExpectationResult, runSuite, type TableFiles } from '../../../src/index.ts';
import { csvTable } from './csv-batch.ts';

/** Types of the columns that the tables below use. */
const TYPES: Readonly<Record<string, string>> = {
  i: 'integer',
  j: 'integer',
  f: 'double precision',
  n: 'numeric(10,2)',
  s: 'text',
  t: 'text',
  b: 'boolean',
  d: 'date',
  at: 'timestamptz',
};

type Columns = Readonly<Record<string, readonly unknown[]>>;
/** What a result has to be: `success`, then unexpected and missing counts or the observed value; or an exception. */
type Want =
  | readonly [boolean, number?, number?]
  | { readonly observed: unknown; readonly success: boolean }
  | RegExp;
type Row = readonly [what: string, data: Columns, kwargs: Record<string, unknown>, want: Want];

const nulls = [null, null, null];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  expect_table_row_count_to_be_between: [
    ['inside', { i: [1, 2] }, { min_value: 2, max_value: 2 }, { success: true, observed: 2 }],
    ['below', { i: [1, 2] }, { min_value: 3 }, { success: false, observed: 2 }],
    ['strict bounds', { i: [1, 2] }, { max_value: 2, strict_max: true }, { success: false, observed: 2 }],
    ['without bounds', { i: [] }, {}, { success: true, observed: 0 }],
    ['of some rows', { i: [1, 2] }, { max_value: 1, row_condition: 'i > 1' }, { success: true, observed: 1 }],
  ],
  expect_table_row_count_to_equal: [
    ['equal', { i: [1] }, { value: 1 }, { success: true, observed: 1 }],
    ['empty table', { i: [] }, { value: 1 }, { success: false, observed: 0 }],
  ],
  expect_table_row_count_to_equal_other_table: [
    [
      'equal',
      { i: [1, 2, 3] },
      { other_table_name: 'other' },
      { success: true, observed: { self: 3, other: 3 } },
    ],
    ['more', { i: [1] }, { other_table_name: 'other' }, { success: false, observed: { self: 1, other: 3 } }],
    [
      'no such table',
      { i: [1] },
      { other_table_name: 'othr' },
      /"othr" is not part of this run; did you mean "other"/,
    ],
  ],
  expect_table_column_count_to_be_between: [
    ['inside', { i: [1], s: ['a'] }, { min_value: 1, max_value: 2 }, { success: true, observed: 2 }],
    ['above', { i: [1], s: ['a'] }, { max_value: 1 }, { success: false, observed: 2 }],
  ],
  expect_table_column_count_to_equal: [
    ['equal', { i: [], s: [] }, { value: 2 }, { success: true, observed: 2 }],
    ['other', { i: [] }, { value: 2 }, { success: false, observed: 1 }],
  ],
  expect_table_columns_to_match_ordered_list: [
    ['equal', { i: [], s: [] }, { column_list: ['i', 's'] }, { success: true, observed: ['i', 's'] }],
    [
      'another order',
      { i: [], s: [] },
      { column_list: ['s', 'i'] },
      { success: false, observed: ['i', 's'] },
    ],
    ['null', { i: [] }, { column_list: null }, { success: true, observed: ['i'] }],
  ],
  expect_table_columns_to_match_set: [
    ['equal', { s: [], i: [] }, { column_set: ['i', 's'] }, { success: true, observed: ['i', 's'] }],
    ['more', { s: [], i: [] }, { column_set: ['i'] }, { success: false, observed: ['i', 's'] }],
    [
      'more, allowed',
      { s: [], i: [] },
      { column_set: ['i'], exact_match: false },
      { success: true, observed: ['i', 's'] },
    ],
    ['fewer', { i: [] }, { column_set: ['i', 's'], exact_match: false }, { success: false, observed: ['i'] }],
  ],
  expect_column_to_exist: [
    ['exists', { i: [] }, { column: 'i' }, [true]],
    ['exists elsewhere', { i: [], s: [] }, { column: 'i', column_index: 1 }, [false]],
    ['does not', { i: [] }, { column: 'x' }, [false]],
  ],
  unexpected_rows_expectation: [
    [
      'none',
      { i: [1] },
      { unexpected_rows_query: 'select * from {batch} where i > 1' },
      { success: true, observed: 0 },
    ],
    [
      'some',
      { i: [1, 2] },
      { unexpected_rows_query: 'select i from {batch} where i > 1;' },
      { success: false, observed: 1 },
    ],
    [
      'across tables',
      { i: [1, 9] },
      { unexpected_rows_query: 'select * from {batch} anti join {other} using (i)' },
      { success: false, observed: 1 },
    ],
    [
      'with braces',
      { s: ['{a}'] },
      { unexpected_rows_query: "select * from {batch} where s = '{{a}}'" },
      { success: false, observed: 1 },
    ],
    [
      'an unknown table',
      { i: [1] },
      { unexpected_rows_query: 'select * from {bach}' },
      /unknown table \{bach\}; did you mean "batch"/,
    ],
    ['broken SQL', { i: [1] }, { unexpected_rows_query: 'select from where' }, /syntax error/],
  ],
  expect_column_values_to_not_be_null: [
    ['passes', { s: ['a', ''] }, { column: 's' }, [true, 0]],
    ['fails', { s: ['a', null] }, { column: 's' }, [false, 1]],
    ['all null', { s: nulls }, { column: 's' }, [false, 3]],
    ['all null, nothing asked', { s: nulls }, { column: 's', mostly: 0 }, [true, 3]],
    ['empty table', { s: [] }, { column: 's' }, [true, 0]],
    ['one row', { s: [null] }, { column: 's' }, [false, 1]],
    ['mostly, reached', { i: [1, 2, 3, null] }, { column: 'i', mostly: 0.75 }, [true, 1]],
    ['mostly, missed', { i: [1, 2, 3, null] }, { column: 'i', mostly: 0.76 }, [false, 1]],
    ['unreadable is not null', { i: ['x'] }, { column: 'i' }, [true, 0]],
    ['NaN is null', { f: ['NaN', 1] }, { column: 'f' }, [false, 1]],
    ['no such column', { i: [1] }, { column: 'ii' }, /"ii" in BatchData does not exist; did you mean "i"/],
  ],
  expect_column_values_to_be_null: [
    ['passes', { s: nulls }, { column: 's' }, [true, 0]],
    ['fails', { s: [null, ''] }, { column: 's' }, [false, 1]],
    ['empty table', { s: [] }, { column: 's' }, [true, 0]],
    ['mostly, reached', { i: [null, null, null, 1] }, { column: 'i', mostly: 0.75 }, [true, 1]],
  ],
  expect_column_values_to_be_unique: [
    ['passes', { i: [1, 2, null, null] }, { column: 'i' }, [true, 0, 2]],
    ['fails', { i: [1, 1, 2] }, { column: 'i' }, [false, 2, 0]],
    ['all null', { i: nulls }, { column: 'i' }, [true, 0, 3]],
    ['empty table', { i: [] }, { column: 'i' }, [true, 0, 0]],
    ['one row', { i: [7] }, { column: 'i' }, [true, 0, 0]],
    ['mostly, reached', { i: [1, 1, 2, 3] }, { column: 'i', mostly: 0.5 }, [true, 2, 0]],
    ['mostly, missed', { i: [1, 1, 2, 3] }, { column: 'i', mostly: 0.51 }, [false, 2, 0]],
    ['two ways to write a number', { n: ['1.0', '1.00'] }, { column: 'n' }, [false, 2, 0]],
    ['unreadable', { i: ['x', 1] }, { column: 'i' }, [false, 1, 0]],
    [
      'of some rows',
      { i: [1, 1, 2], s: ['a', 'b', 'b'] },
      { column: 'i', row_condition: "s == 'b'" },
      [true, 0, 0],
    ],
  ],
  expect_column_values_to_be_in_set: [
    ['passes', { s: ['a', null] }, { column: 's', value_set: ['a', 'b'] }, [true, 0, 1]],
    ['fails', { s: ['a', 'A'] }, { column: 's', value_set: ['a'] }, [false, 1, 0]],
    ['an empty set', { s: ['a', null] }, { column: 's', value_set: [] }, [false, 1, 1]],
    ['all null', { s: nulls }, { column: 's', value_set: ['a'] }, [true, 0, 3]],
    ['empty table', { s: [] }, { column: 's', value_set: ['a'] }, [true, 0, 0]],
    ['one row', { i: [2] }, { column: 'i', value_set: [2] }, [true, 0, 0]],
    ['words against numbers', { i: [1] }, { column: 'i', value_set: ['1'] }, [false, 1, 0]],
    ['dates', { d: ['2024-01-01', '2024-01-02'] }, { column: 'd', value_set: ['2024-01-01'] }, [false, 1, 0]],
    ['booleans', { b: ['t', 'f'] }, { column: 'b', value_set: [true] }, [false, 1, 0]],
    ['decimals', { n: ['0.10', '0.30'] }, { column: 'n', value_set: [0.1, 0.3] }, [true, 0, 0]],
    [
      'mostly, reached',
      { s: ['a', 'a', 'a', 'x', null] },
      { column: 's', value_set: ['a'], mostly: 0.75 },
      [true, 1, 1],
    ],
    [
      'mostly, missed',
      { s: ['a', 'a', 'a', 'x', null] },
      { column: 's', value_set: ['a'], mostly: 0.76 },
      [false, 1, 1],
    ],
    ['unreadable', { i: ['x', 1] }, { column: 'i', value_set: [1] }, [false, 1, 0]],
  ],
  expect_column_values_to_not_be_in_set: [
    ['passes', { s: ['a', null] }, { column: 's', value_set: ['b'] }, [true, 0, 1]],
    ['fails', { s: ['a', 'b'] }, { column: 's', value_set: ['b'] }, [false, 1, 0]],
    ['an empty set', { s: ['a'] }, { column: 's', value_set: [] }, [true, 0, 0]],
    ['all null', { s: nulls }, { column: 's', value_set: ['a'] }, [true, 0, 3]],
    ['unreadable', { i: ['x', 1] }, { column: 'i', value_set: [2] }, [false, 1, 0]],
    ['mostly, reached', { i: [1, 2] }, { column: 'i', value_set: [1], mostly: 0.5 }, [true, 1, 0]],
  ],
  expect_column_values_to_be_between: [
    ['passes', { i: [1, 2, null] }, { column: 'i', min_value: 1, max_value: 2 }, [true, 0, 1]],
    ['fails', { i: [0, 1, 3] }, { column: 'i', min_value: 1, max_value: 2 }, [false, 2, 0]],
    [
      'strict',
      { i: [1, 2] },
      { column: 'i', min_value: 1, max_value: 2, strict_min: true, strict_max: true },
      [false, 2, 0],
    ],
    ['one bound', { f: [-1.5, 9e9] }, { column: 'f', max_value: 0 }, [false, 1, 0]],
    ['all null', { i: nulls }, { column: 'i', min_value: 1 }, [true, 0, 3]],
    ['empty table', { i: [] }, { column: 'i', min_value: 1 }, [true, 0, 0]],
    ['one row', { i: [1] }, { column: 'i', min_value: 2 }, [false, 1, 0]],
    ['dates', { d: ['2024-01-31', '2024-02-01'] }, { column: 'd', max_value: '2024-01-31' }, [false, 1, 0]],
    [
      'instants',
      { at: ['2024-01-01 00:30:00+01'] },
      { column: 'at', min_value: '2024-01-01T00:00:00Z' },
      [false, 1, 0],
    ],
    ['words', { s: ['a', 'c'] }, { column: 's', max_value: 'b' }, [false, 1, 0]],
    ['cents', { n: ['0.29', '0.30'] }, { column: 'n', max_value: 0.29 }, [false, 1, 0]],
    ['unreadable', { i: ['x', 1] }, { column: 'i', min_value: 0 }, [false, 1, 0]],
    [
      'a number against words',
      { s: ['1'] },
      { column: 's', min_value: 0 },
      /"s" is TEXT: min_value 0 cannot be compared/,
    ],
    [
      'a word against numbers',
      { i: [1] },
      { column: 'i', min_value: 'a' },
      /"i" is INTEGER: min_value "a" cannot be compared/,
    ],
    [
      'bounds the wrong way round',
      { i: [1] },
      { column: 'i', min_value: 2, max_value: 1 },
      /min_value cannot be greater than max_value/,
    ],
    ['mostly, reached', { i: [1, 2, 3, 4] }, { column: 'i', max_value: 3, mostly: 0.75 }, [true, 1, 0]],
    ['mostly, missed', { i: [1, 2, 3, 4] }, { column: 'i', max_value: 3, mostly: 0.76 }, [false, 1, 0]],
  ],
  expect_column_values_to_be_of_type: [
    ['passes', { i: [1, null] }, { column: 'i', type_: 'INTEGER' }, [true, 0, 1]],
    ['unreadable', { i: [1, '2.5', ' ', 'x'] }, { column: 'i', type_: 'integer' }, [false, 3, 0]],
    ['another type', { i: [1] }, { column: 'i', type_: 'TEXT' }, { success: false, observed: 'INTEGER' }],
    ['mostly', { i: [1, 2, 3, 'x'] }, { column: 'i', type_: 'int64', mostly: 0.75 }, [true, 1, 0]],
    ['precision', { n: [1] }, { column: 'n', type_: 'DECIMAL(10, 2)' }, [true, 0, 0]],
    [
      'other precision',
      { n: [1] },
      { column: 'n', type_: 'NUMERIC(12,2)' },
      { success: false, observed: 'NUMERIC(10,2)' },
    ],
    [
      'decimals with more places',
      { n: ['1.2', '1.234', '1.230'] },
      { column: 'n', type_: 'NUMERIC(10,2)' },
      [false, 1, 0],
    ],
    [
      'a date that does not exist',
      { d: ['2024-02-30', '0044-03-15 BC', '2024-01-05 10:00'] },
      { column: 'd', type_: 'DATE' },
      [false, 3, 0],
    ],
    ['an unknown type', { i: [1] }, { column: 'i', type_: 'NUMBR' }, /no known type among "NUMBR"/],
  ],
  expect_column_values_to_be_in_type_list: [
    ['passes', { f: [1.5] }, { column: 'f', type_list: ['TEXT', 'DOUBLE_PRECISION'] }, [true, 0, 0]],
    [
      'fails',
      { f: [1.5] },
      { column: 'f', type_list: ['TEXT'] },
      { success: false, observed: 'DOUBLE PRECISION' },
    ],
    ['null', { f: [1.5, 'x'] }, { column: 'f', type_list: null }, [false, 1, 0]],
  ],
  expect_column_type_to_be: [
    ['passes', { s: ['x'] }, { column: 's', type_: 'VARCHAR' }, { success: true, observed: 'TEXT' }],
    ['fails', { s: ['x'] }, { column: 's', type_: 'BIGINT' }, { success: false, observed: 'TEXT' }],
  ],
  expect_column_values_to_match_regex: [
    ['passes', { s: ['ab', 'b', null] }, { column: 's', regex: 'b' }, [true, 0, 1]],
    ['fails', { s: ['ab', 'b', ''] }, { column: 's', regex: '^a' }, [false, 2, 0]],
    ['all null', { s: nulls }, { column: 's', regex: 'a' }, [true, 0, 3]],
    ['empty table', { s: [] }, { column: 's', regex: 'a' }, [true, 0, 0]],
    ['numbers as text', { i: [12, 3] }, { column: 'i', regex: '^\\d\\d$' }, [false, 1, 0]],
    ['a quote in the pattern', { s: ["it's"] }, { column: 's', regex: "t's" }, [true, 0, 0]],
    ['a broken pattern', { s: ['a'] }, { column: 's', regex: '(' }, /missing \)/],
    ['mostly, reached', { s: ['a', 'b'] }, { column: 's', regex: 'a', mostly: 0.5 }, [true, 1, 0]],
  ],
  expect_column_values_to_not_match_regex: [
    ['passes', { s: ['ab', null] }, { column: 's', regex: '^b' }, [true, 0, 1]],
    ['fails', { s: ['ab', 'b'] }, { column: 's', regex: 'b$' }, [false, 2, 0]],
  ],
  expect_column_values_to_match_regex_list: [
    ['any', { s: ['a1', 'b'] }, { column: 's', regex_list: ['a', 'b'] }, [true, 0, 0]],
    ['all', { s: ['a1', 'b'] }, { column: 's', regex_list: ['a', '\\d'], match_on: 'all' }, [false, 1, 0]],
  ],
  expect_column_values_to_not_match_regex_list: [
    ['passes', { s: ['c', null] }, { column: 's', regex_list: ['a', 'b'] }, [true, 0, 1]],
    ['fails', { s: ['c', 'b'] }, { column: 's', regex_list: ['a', 'b'] }, [false, 1, 0]],
  ],
  expect_column_values_to_match_like_pattern: [
    ['passes', { s: ['abc', null] }, { column: 's', like_pattern: 'a_c' }, [true, 0, 1]],
    ['fails', { s: ['abc', 'Abc'] }, { column: 's', like_pattern: 'a%' }, [false, 1, 0]],
    ['escaped', { s: ['10%', '10x'] }, { column: 's', like_pattern: '10!%', escape: '!' }, [false, 1, 0]],
    ['numbers', { i: [1] }, { column: 'i', like_pattern: '1' }, /"i" is INTEGER; LIKE needs text/],
  ],
  expect_column_values_to_not_match_like_pattern: [
    ['passes', { s: ['b'] }, { column: 's', like_pattern: 'a%' }, [true, 0, 0]],
    ['fails', { s: ['a', null] }, { column: 's', like_pattern: 'a%' }, [false, 1, 1]],
  ],
  expect_column_values_to_match_like_pattern_list: [
    ['any', { s: ['a', 'b'] }, { column: 's', like_pattern_list: ['a%', 'b%'] }, [true, 0, 0]],
    [
      'all',
      { s: ['a', 'ab'] },
      { column: 's', like_pattern_list: ['a%', '%b'], match_on: 'all' },
      [false, 1, 0],
    ],
  ],
  expect_column_values_to_not_match_like_pattern_list: [
    ['passes', { s: ['c'] }, { column: 's', like_pattern_list: ['a%', 'b%'] }, [true, 0, 0]],
    ['fails', { s: ['c', 'b'] }, { column: 's', like_pattern_list: ['a%', 'b%'] }, [false, 1, 0]],
  ],
  expect_column_values_to_match_strftime_format: [
    ['passes', { s: ['2024-01-31', null] }, { column: 's', strftime_format: '%Y-%m-%d' }, [true, 0, 1]],
    [
      'fails',
      { s: ['2024-02-30', '31.1.2024'] },
      { column: 's', strftime_format: '%Y-%m-%d' },
      [false, 2, 0],
    ],
    [
      'dates already',
      { d: ['2024-01-31'] },
      { column: 'd', strftime_format: '%Y' },
      /"d" is DATE; a time format needs text/,
    ],
    ['a broken format', { s: ['a'] }, { column: 's', strftime_format: '%Q' }, /format specifier/],
  ],
  expect_column_values_to_be_dateutil_parseable: [
    [
      'passes',
      { s: ['2024-01-31', 'Jan 31, 2024 10:00 PM', '31/12/2024', null] },
      { column: 's' },
      [true, 0, 1],
    ],
    ['fails', { s: ['2024-13-41', 'cat', '', '12'] }, { column: 's' }, [false, 4, 0]],
    ['numbers', { i: [20240131] }, { column: 'i' }, /"i" is INTEGER; a date needs text/],
  ],
  expect_column_values_to_be_json_parseable: [
    ['passes', { s: ['{"a": [1, null]}', '"x"', '3', null] }, { column: 's' }, [true, 0, 1]],
    ['fails', { s: ['{a: 1}', '', "{'a': 1}"] }, { column: 's' }, [false, 3, 0]],
  ],
  expect_column_values_to_match_json_schema: [
    [
      'passes',
      { s: ['{"a": 1}', null] },
      { column: 's', json_schema: { type: 'object', required: ['a'] } },
      [true, 0, 1],
    ],
    [
      'fails',
      { s: ['{"a": "x"}', '{}', 'no'] },
      { column: 's', json_schema: { properties: { a: { type: 'integer' } }, required: ['a'] } },
      [false, 3, 0],
    ],
    ['a broken schema', { s: ['{}'] }, { column: 's', json_schema: { type: 'objekt' } }, /json_schema/],
  ],
  expect_column_value_lengths_to_be_between: [
    ['passes', { s: ['ab', 'äöü', null] }, { column: 's', min_value: 2, max_value: 3 }, [true, 0, 1]],
    ['fails', { s: ['', 'abcd'] }, { column: 's', min_value: 1, max_value: 3 }, [false, 2, 0]],
    ['numbers', { i: [1] }, { column: 'i', min_value: 1 }, /"i" is INTEGER; a length needs text/],
  ],
  expect_column_value_lengths_to_equal: [
    ['passes', { s: ['ab', null] }, { column: 's', value: 2 }, [true, 0, 1]],
    ['fails', { s: ['ab', 'a', '👍'] }, { column: 's', value: 2 }, [false, 2, 0]],
  ],
  expect_column_value_z_scores_to_be_less_than: [
    ['passes', { i: [1, 2, 3, null] }, { column: 'i', threshold: 1.1, double_sided: true }, [true, 0, 1]],
    ['fails', { i: [0, 0, 0, 0, 10] }, { column: 'i', threshold: 1.5, double_sided: false }, [false, 1, 0]],
    ['below', { i: [0, 0, 0, 0, -10] }, { column: 'i', threshold: 1.5, double_sided: false }, [true, 0, 0]],
    ['all equal', { i: [4, 4] }, { column: 'i', threshold: 0.1 }, [true, 0, 0]],
    ['one row', { i: [4] }, { column: 'i', threshold: 0.1 }, [true, 0, 0]],
    ['words', { s: ['a'] }, { column: 's', threshold: 1 }, /z scores need numbers/],
  ],
  expect_column_values_to_not_be_outliers: [
    ['passes', { i: [1, 2, 3, 4, null] }, { column: 'i' }, [true, 0, 1]],
    ['beyond the fences', { i: [1, 2, 3, 4, 100] }, { column: 'i' }, [false, 1, 0]],
    ['on a fence', { i: [0, 1, 2, 3, 6] }, { column: 'i' }, [true, 0, 0]],
    ['far from the mean', { i: [0, 0, 0, 0, 10] }, { column: 'i', method: 'std' }, [false, 1, 0]],
    ['all equal', { i: [5, 5] }, { column: 'i', method: 'std' }, [true, 0, 0]],
    ['one row', { i: [5] }, { column: 'i', method: 'std', multiplier: 0 }, [true, 0, 0]],
    ['words', { s: ['a'] }, { column: 's' }, /outliers need numbers/],
  ],
  expect_column_values_to_be_increasing: [
    ['passes', { i: [1, 1, null, 2] }, { column: 'i' }, [true, 0, 1]],
    ['fails', { i: [1, 3, 2, 2] }, { column: 'i' }, [false, 1, 0]],
    ['strictly', { i: [1, 1, null, 2] }, { column: 'i', strictly: true }, [false, 1, 1]],
    ['empty table', { i: [] }, { column: 'i' }, [true, 0, 0]],
    ['dates', { d: ['2024-01-02', '2024-01-01'] }, { column: 'd' }, [false, 1, 0]],
    ['unreadable', { i: [1, 'x'] }, { column: 'i' }, /1 value of column "i" cannot be read as INTEGER/],
  ],
  expect_column_values_to_be_decreasing: [
    ['passes', { i: [3, null, 3, 1] }, { column: 'i' }, [true, 0, 1]],
    ['fails', { i: [1, 2, 3] }, { column: 'i', mostly: 0.5 }, [false, 2, 0]],
  ],
  expect_column_min_to_be_between: [
    [
      'passes',
      { i: [3, 1, null] },
      { column: 'i', min_value: 1, max_value: 1 },
      { success: true, observed: 1 },
    ],
    ['fails', { i: [3, 1] }, { column: 'i', min_value: 2 }, { success: false, observed: 1 }],
    ['all null', { i: nulls }, { column: 'i', min_value: 2 }, { success: false, observed: null }],
    ['empty table', { i: [] }, { column: 'i' }, { success: false, observed: null }],
    [
      'dates',
      { d: ['2024-01-02', '2024-01-01'] },
      { column: 'd', min_value: '2024-01-01' },
      { success: true, observed: '2024-01-01' },
    ],
    ['unreadable', { i: ['x', 'y', 1] }, { column: 'i' }, /2 values of column "i" cannot be read as INTEGER/],
  ],
  expect_column_max_to_be_between: [
    ['passes', { n: ['1.10', '1.20'] }, { column: 'n', max_value: 1.2 }, { success: true, observed: 1.2 }],
    [
      'strict',
      { n: ['1.10', '1.20'] },
      { column: 'n', max_value: 1.2, strict_max: true },
      { success: false, observed: 1.2 },
    ],
    ['words', { s: ['a', 'b'] }, { column: 's', max_value: 'b' }, { success: true, observed: 'b' }],
  ],
  expect_column_max_to_be_recent: [
    [
      'passes',
      { at: ['2024-01-01 10:00:00+00', null] },
      { column: 'at', max_age_hours: 2 },
      { success: true, observed: '2024-01-01T10:00:00+00:00' },
    ],
    [
      'too old',
      { at: ['2024-01-01 09:59:59+00'] },
      { column: 'at', max_age_hours: 2 },
      { success: false, observed: '2024-01-01T09:59:59+00:00' },
    ],
    [
      'from the future',
      { at: ['2024-01-01 14:00:00+00'] },
      { column: 'at', max_age_hours: 2, max_ahead_hours: 1 },
      { success: false, observed: '2024-01-01T14:00:00+00:00' },
    ],
    [
      'a date',
      { d: ['2024-01-01'] },
      { column: 'd', max_age_hours: 12 },
      { success: true, observed: '2024-01-01' },
    ],
    ['empty table', { at: [] }, { column: 'at', max_age_hours: 2 }, { success: false, observed: null }],
    ['numbers', { i: [1] }, { column: 'i', max_age_hours: 2 }, /freshness needs dates/],
  ],
  expect_column_mean_to_be_between: [
    [
      'passes',
      { i: [1, 2, null] },
      { column: 'i', min_value: 1.5, max_value: 1.5 },
      { success: true, observed: 1.5 },
    ],
    ['fails', { i: [1, 2] }, { column: 'i', max_value: 1 }, { success: false, observed: 1.5 }],
    ['all null', { i: nulls }, { column: 'i' }, { success: false, observed: null }],
    ['words', { s: ['a'] }, { column: 's', max_value: 1 }, /"s" is TEXT; this figure needs numbers/],
    ['no words', { s: [null] }, { column: 's', max_value: 1 }, { success: false, observed: null }],
  ],
  expect_column_median_to_be_between: [
    [
      'odd',
      { i: [5, 7, 6, null] },
      { column: 'i', min_value: 6, max_value: 6 },
      { success: true, observed: 6 },
    ],
    ['even', { i: [1, 2] }, { column: 'i', min_value: 2 }, { success: false, observed: 1.5 }],
  ],
  expect_column_stdev_to_be_between: [
    [
      'passes',
      { i: [1, 1, 3] },
      { column: 'i', min_value: 1.15, max_value: 1.16 },
      { success: true, observed: 1.1547005383792517 },
    ],
    ['one row', { i: [1] }, { column: 'i' }, { success: false, observed: null }],
  ],
  expect_column_sum_to_be_between: [
    [
      'passes',
      { n: ['0.10', '0.20', null] },
      { column: 'n', min_value: 0.3, max_value: 0.3 },
      { success: true, observed: 0.3 },
    ],
    ['fails', { i: [1, 2] }, { column: 'i', max_value: 2 }, { success: false, observed: 3 }],
    ['all null', { i: nulls }, { column: 'i', max_value: 0 }, { success: true, observed: 0 }],
    [
      'beyond the range of its type',
      { i: [2147483647, 2147483647] },
      { column: 'i' },
      { success: true, observed: 4294967294 },
    ],
  ],
  expect_column_unique_value_count_to_be_between: [
    [
      'passes',
      { s: ['a', 'a', 'b', null] },
      { column: 's', min_value: 2, max_value: 2 },
      { success: true, observed: 2 },
    ],
    ['empty table', { s: [] }, { column: 's', min_value: 1 }, { success: false, observed: 0 }],
  ],
  expect_column_proportion_of_unique_values_to_be_between: [
    ['passes', { i: [1, 1, 2, 2, null] }, { column: 'i', max_value: 0.5 }, { success: true, observed: 0.5 }],
    ['all null', { i: nulls }, { column: 'i', min_value: 0.1 }, { success: false, observed: 0 }],
  ],
  expect_column_proportion_of_non_null_values_to_be_between: [
    ['passes', { i: [1, null, 2, null] }, { column: 'i', min_value: 0.5 }, { success: true, observed: 0.5 }],
    ['empty table', { i: [] }, { column: 'i', min_value: 0.1 }, { success: false, observed: 0 }],
  ],
  expect_column_quantile_values_to_be_between: [
    [
      'nearest',
      { i: [1, 2, 3, 4] },
      {
        column: 'i',
        quantile_ranges: {
          quantiles: [0, 0.5, 1],
          value_ranges: [
            [1, 1],
            [3, 3],
            [null, 4],
          ],
        },
      },
      { success: true, observed: { quantiles: [0, 0.5, 1], values: [1, 3, 4] } },
    ],
    [
      'linear',
      { i: [1, 2] },
      {
        column: 'i',
        allow_relative_error: 'linear',
        quantile_ranges: { quantiles: [0.25], value_ranges: [[2, null]] },
      },
      { success: false, observed: { quantiles: [0.25], values: [1.25] } },
    ],
    [
      'all null',
      { i: nulls },
      { column: 'i', quantile_ranges: { quantiles: [0.5], value_ranges: [[null, null]] } },
      { success: false, observed: { quantiles: [0.5], values: [null] } },
    ],
  ],
  expect_column_distinct_values_to_be_in_set: [
    ['passes', { s: ['a', 'a', null] }, { column: 's', value_set: ['a', 'b'] }, [true, 0]],
    ['fails', { s: ['a', 'x', 'x', 'y'] }, { column: 's', value_set: ['a'] }, [false, 2]],
    ['unreadable', { i: [1, 'x'] }, { column: 'i', value_set: [1] }, [false, 1]],
  ],
  expect_column_distinct_values_to_contain_set: [
    ['passes', { i: [1, 2, 3] }, { column: 'i', value_set: [3, 1] }, [true, undefined, 0]],
    ['fails', { i: [1] }, { column: 'i', value_set: [1, 2, 'x'] }, [false, undefined, 2]],
    ['an empty set', { i: [1] }, { column: 'i', value_set: [] }, [true, undefined, 0]],
    ['null, missing', { i: [1] }, { column: 'i', value_set: [1, null] }, [false, undefined, 1]],
    ['null beside nulls', { i: [1, null] }, { column: 'i', value_set: [1, null] }, [false, undefined, 1]],
  ],
  expect_column_distinct_values_to_equal_set: [
    ['passes', { i: [1, 1, 2] }, { column: 'i', value_set: [2, 1, 1] }, [true, 0, 0]],
    ['fails', { i: [1, 3] }, { column: 'i', value_set: [1, 2] }, [false, 1, 1]],
    ['all null', { i: nulls }, { column: 'i', value_set: [1] }, [false, 0, 1]],
    ['an empty set', { s: ['a', 'b', null] }, { column: 's', value_set: [] }, [false, 2, 0]],
    ['an empty set, all null', { s: nulls }, { column: 's', value_set: [] }, [true, 0, 0]],
    ['null beside nulls', { i: [1, null] }, { column: 'i', value_set: [1, null] }, [false, 0, 1]],
  ],
  expect_column_most_common_value_to_be_in_set: [
    ['passes', { s: ['a', 'a', 'b'] }, { column: 's', value_set: ['a'] }, { success: true, observed: ['a'] }],
    ['a tie', { s: ['b', 'a'] }, { column: 's', value_set: ['a'] }, { success: false, observed: ['a', 'b'] }],
    [
      'a tie, allowed',
      { s: ['b', 'a'] },
      { column: 's', value_set: ['a'], ties_okay: true },
      { success: true, observed: ['a', 'b'] },
    ],
    ['all null', { s: nulls }, { column: 's', value_set: ['a'] }, { success: false, observed: [] }],
  ],
  expect_column_kl_divergence_to_be_less_than: [
    [
      'values, equal',
      { s: ['a', 'b'] },
      { column: 's', threshold: 0, partition_object: { values: ['a', 'b'], weights: [0.5, 0.5] } },
      { success: true, observed: 0 },
    ],
    [
      'values, other',
      { s: ['a', 'a', 'a', 'b'] },
      { column: 's', threshold: 0.1, partition_object: { values: ['a', 'b'], weights: [0.5, 0.5] } },
      { success: false, observed: 0.13081203594113697 },
    ],
    [
      'an unexpected value',
      { s: ['a', 'c'] },
      { column: 's', threshold: 9, partition_object: { values: ['a'], weights: [1] } },
      { success: false, observed: null },
    ],
    [
      'an unexpected value, held out for',
      { s: ['a', 'c'] },
      {
        column: 's',
        threshold: 0.2,
        tail_weight_holdout: 0.5,
        partition_object: { values: ['a'], weights: [1] },
      },
      { success: true, observed: 0 },
    ],
    [
      'bins',
      { i: [0, 1, 2, 3] },
      { column: 'i', threshold: 0, partition_object: { bins: [0, 2, 3], weights: [0.5, 0.5] } },
      { success: true, observed: 0 },
    ],
    [
      'outside of the bins',
      { i: [0, 5] },
      { column: 'i', threshold: 1, partition_object: { bins: [0, 1], weights: [1] } },
      { success: false, observed: null },
    ],
  ],
  expect_column_pair_values_to_be_equal: [
    ['passes', { i: [1, null], j: [1, null] }, { column_A: 'i', column_B: 'j' }, [true, 0, 1]],
    ['one missing', { i: [1, null], j: [1, 2] }, { column_A: 'i', column_B: 'j' }, [false, 1, 0]],
    [
      'one missing, ignored',
      { i: [1, null], j: [1, 2] },
      { column_A: 'i', column_B: 'j', ignore_row_if: 'either_value_is_missing' },
      [true, 0, 1],
    ],
    [
      'none ignored',
      { i: [1, null], j: [1, null] },
      { column_A: 'i', column_B: 'j', ignore_row_if: 'neither' },
      [false, 1, 0],
    ],
    ['number and word', { i: [1], s: ['1'] }, { column_A: 'i', column_B: 's' }, [false, 1, 0]],
    [
      'mostly, reached',
      { i: [1, 2], j: [1, 3] },
      { column_A: 'i', column_B: 'j', mostly: 0.5 },
      [true, 1, 0],
    ],
  ],
  expect_column_pair_values_a_to_be_greater_than_b: [
    ['passes', { i: [2, 5], j: [1, 4] }, { column_A: 'i', column_B: 'j' }, [true, 0, 0]],
    ['equal', { i: [1], j: [1] }, { column_A: 'i', column_B: 'j' }, [false, 1, 0]],
    ['equal, allowed', { i: [1], j: [1] }, { column_A: 'i', column_B: 'j', or_equal: true }, [true, 0, 0]],
    ['number and word', { i: [1], s: ['1'] }, { column_A: 'i', column_B: 's' }, /they cannot be compared/],
  ],
  expect_column_pair_values_to_be_in_set: [
    [
      'passes',
      { i: [1, null], s: ['a', 'b'] },
      {
        column_A: 'i',
        column_B: 's',
        value_pairs_set: [
          [1, 'a'],
          [null, 'b'],
        ],
      },
      [true, 0, 0],
    ],
    [
      'fails',
      { i: [1], s: ['b'] },
      {
        column_A: 'i',
        column_B: 's',
        value_pairs_set: [
          [1, 'a'],
          [2, 'b'],
        ],
      },
      [false, 1, 0],
    ],
  ],
  expect_compound_columns_to_be_unique: [
    ['passes', { i: [1, 1], s: ['a', 'b'] }, { column_list: ['i', 's'] }, [true, 0, 0]],
    ['fails', { i: [1, 1, 2], s: ['a', 'a', 'a'] }, { column_list: ['i', 's'] }, [false, 2, 0]],
    ['missing parts are equal', { i: [1, 1], s: nulls }, { column_list: ['i', 's'] }, [false, 2, 1]],
    [
      'rows with missing parts ignored',
      { i: [1, 1], s: [null, null] },
      { column_list: ['i', 's'], ignore_row_if: 'any_value_is_missing' },
      [true, 0, 2],
    ],
    [
      'all missing, none ignored',
      { i: [null, null], s: [null, null] },
      { column_list: ['i', 's'], ignore_row_if: 'never' },
      [false, 2, 0],
    ],
  ],
  expect_select_column_values_to_be_unique_within_record: [
    ['passes', { i: [1, 2], j: [2, 1] }, { column_list: ['i', 'j'] }, [true, 0, 0]],
    ['fails', { i: [1, 2], j: [1, null] }, { column_list: ['i', 'j'] }, [false, 1, 0]],
  ],
  expect_multicolumn_sum_to_equal: [
    ['passes', { i: [1, 2], j: [2, 1] }, { column_list: ['i', 'j'], sum_total: 3 }, [true, 0, 0]],
    ['fails', { i: [1, 2], j: [2, null] }, { column_list: ['i', 'j'], sum_total: 3 }, [false, 1, 0]],
    [
      'words',
      { i: [1], s: ['a'] },
      { column_list: ['i', 's'], sum_total: 3 },
      /"s" is TEXT; a sum needs numbers/,
    ],
  ],
  expect_multicolumn_values_to_be_equal: [
    ['passes', { i: [1, 2], j: [1, 2] }, { column_list: ['i', 'j'] }, [true, 0, 0]],
    ['fails', { i: [1, 2], j: [1, null] }, { column_list: ['i', 'j'] }, [false, 1, 0]],
  ],
  expect_column_values_to_exist_in_table: [
    ['passes', { i: [1, 3, null] }, { column: 'i', table: 'other' }, [true, 0, 1]],
    ['fails', { i: [1, 9, 9] }, { column: 'i', table: 'other' }, [false, 2, 0]],
    ['under another name', { j: [2, 9] }, { column: 'j', table: 'other', other_column: 'i' }, [false, 1, 0]],
    [
      'several columns',
      { i: [1, 1], s: ['a', 'b'] },
      { column_list: ['i', 's'], table: 'other' },
      [false, 1, 0],
    ],
    ['no such column there', { j: [1] }, { column: 'j', table: 'other' }, /"j" in BatchData does not exist/],
    ['mostly', { i: [1, 9] }, { column: 'i', table: 'other', mostly: 0.5 }, [true, 1, 0]],
  ],
  expect_aggregate_to_equal_aggregate: [
    [
      'sums',
      { i: [2, 4] },
      { aggregate: 'sum', column: 'i', table: 'other' },
      { success: true, observed: { self: 6, other: 6 } },
    ],
    [
      'other sums',
      { i: [2] },
      { aggregate: 'sum', column: 'i', table: 'other' },
      { success: false, observed: { self: 2, other: 6 } },
    ],
    [
      'within a tolerance',
      { i: [2, 3] },
      { aggregate: 'sum', column: 'i', table: 'other', tolerance: 1 },
      { success: true, observed: { self: 5, other: 6 } },
    ],
    [
      'decimals and integers',
      { n: ['6.00'] },
      { aggregate: 'max', column: 'n', table: 'other', other_column: 'i', other_aggregate: 'sum' },
      { success: true, observed: { self: 6, other: 6 } },
    ],
    [
      'rows',
      { i: [7, 8, 9] },
      { aggregate: 'count', table: 'other' },
      { success: true, observed: { self: 3, other: 3 } },
    ],
    [
      'some rows',
      { i: [7] },
      { aggregate: 'count', table: 'other', other_row_condition: 'i > 2' },
      { success: true, observed: { self: 1, other: 1 } },
    ],
  ],
  expect_table_row_count_to_match_history: [
    ['near', { i: [1, 2] }, {}, { success: true, observed: 2 }],
    ['far', { i: [1, 2] }, { min_ratio: 0.9 }, { success: false, observed: 2 }],
    ['no history to speak of', { i: [] }, { min_runs: 9 }, { success: true, observed: 0 }],
  ],
};

const OTHER: TableFiles = csvTable({ i: 'integer', s: 'text' }, [
  [1, 'a'],
  [2, 'b'],
  [3, 'c'],
]);

async function run(type: string, data: Columns, kwargs: Record<string, unknown>): Promise<ExpectationResult> {
  const names = Object.keys(data);
  const length = Math.max(...names.map((name) => data[name]!.length));
  const rows = Array.from({ length }, (_, index) => names.map((name) => data[name]![index] ?? null));
  const types = Object.fromEntries(names.map((name) => [name, TYPES[name]!]));
  const batch: Batch = { ...csvTable(types, rows), tables: { other: OTHER } };
  const { results } = await runSuite({
    suite: { name: 's', expectations: [{ type, kwargs }] },
    data: batch,
    now: '2024-01-01T12:00:00Z',
    rowCountHistory: [4, 3, 3, 100],
  });
  return results[0]!;
}

for (const [type, rows] of Object.entries(ROWS)) {
  describe(type, () => {
    test.each(rows)('%s', async (_, data, kwargs, want) => {
      const { success, result, exception_info: exception } = await run(type, data, kwargs);
      if (want instanceof RegExp) {
        expect({ success, result, raised: exception.raised_exception }).toEqual({
          success: false,
          result: {},
          raised: true,
        });
        expect(exception.exception_message).toMatch(want);
        return;
      }
      expect(exception.exception_message).toBeNull();
      if ('observed' in want) {
        expect({ success, observed: result.observed_value }).toEqual(want);
        return;
      }
      const [succeeds, unexpected, missing] = want;
      expect(success).toBe(succeeds);
      if (unexpected !== undefined) expect(result.unexpected_count).toBe(unexpected);
      if (missing !== undefined) expect(result.missing_count).toBe(missing);
    });
  });
}

test('every expectation has its table', () => {
  expect(Object.keys(ROWS).sort()).toEqual(expectationTypes().sort());
});
