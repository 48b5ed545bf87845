import { describe, expect, test } from 'vitest';
import type { SuiteContext } from '../../../src/expectations/parse-suite.ts';
import { EXPECTATIONS } from '../../../src/expectations/registry.ts';
import { parseSuite, SuiteError, type SuiteProblem } from '../../../src/index.ts';
import { EDGE_CASES } from './edge-cases.ts';

const columns = [
  { name: 'order_id', type: 'bigint' },
  { name: 'status', type: 'text' },
];

function problemsOf(expectations: unknown[], context: SuiteContext = { columns }): readonly SuiteProblem[] {
  try {
    parseSuite({ name: 's', expectations }, context);
  } catch (error) {
    if (error instanceof SuiteError) return error.problems;
    throw error;
  }
  return [];
}

describe('a suite is read', () => {
  test('in the form of Great Expectations 1.x, severity critical unless it says otherwise', () => {
    const suite = parseSuite({
      name: 'orders',
      id: 'a',
      meta: { great_expectations_version: '1.24.1' },
      notes: 'n',
      expectations: [
        { type: 'expect_column_to_exist', kwargs: { column: 'a' }, meta: {}, id: 'b' },
        { type: 'expect_column_to_exist', kwargs: { column: 'a' }, severity: 'info' },
      ],
    });
    expect(suite.name).toBe('orders');
    expect(suite.expectations.map(({ severity }) => severity)).toEqual(['critical', 'info']);
  });

  test('in the older form', () => {
    const suite = parseSuite({
      expectation_suite_name: 'old',
      expectations: [{ expectation_type: 'expect_column_to_exist', kwargs: { column: 'a' }, meta: {} }],
    });
    expect(suite.name).toBe('old');
    expect(suite.expectations[0]?.type).toBe('expect_column_to_exist');
  });

  test('with what older versions wrote beside the kwargs, which is ignored', () => {
    const kwargs = { column: 'order_id', value: 8, auto: false, profiler_config: null };
    expect(problemsOf([{ type: 'expect_column_value_lengths_to_equal', kwargs }], {})).toEqual([]);
  });

  test('with suite parameters in the place of kwargs', () => {
    const kwargs = { column: 'order_id', min_value: { $PARAMETER: 'lo' }, max_value: 10 };
    expect(problemsOf([{ type: 'expect_column_mean_to_be_between', kwargs }])).toEqual([]);
  });
});

describe('what is wrong with a suite is told with path, value and suggestion', () => {
  test('where an expectation is none', () => {
    expect(problemsOf([{ type: 'expect_column_to_exist', kwargs: { column: 'status' } }, 7])).toEqual([
      { path: '$.expectations[1]', value: 7, message: 'Invalid input: expected record, received number' },
    ]);
  });

  test.each([
    [
      'an unknown expectation',
      { type: 'expect_column_values_to_not_be_nul', kwargs: { column: 'status' } },
      '$.expectations[0].type',
      'did you mean "expect_column_values_to_not_be_null"?',
    ],
    [
      'an unknown kwarg',
      { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'status', mostyl: 0.9 } },
      '$.expectations[0].kwargs.mostyl',
      'did you mean "mostly"?',
    ],
    [
      'a kwarg of the wrong type',
      { type: 'expect_table_row_count_to_equal', kwargs: { value: 'ten' } },
      '$.expectations[0].kwargs.value',
      'expected number',
    ],
    [
      'a missing kwarg',
      { type: 'expect_table_row_count_to_equal', kwargs: {} },
      '$.expectations[0].kwargs.value',
      'required',
    ],
    [
      'a kwarg outside its range',
      { type: 'expect_column_values_to_be_null', kwargs: { column: 'status', mostly: 2 } },
      '$.expectations[0].kwargs.mostly',
      '<=1',
    ],
    [
      'a word that is none of the allowed ones',
      {
        type: 'expect_column_pair_values_to_be_equal',
        kwargs: { column_A: 'status', column_B: 'status', ignore_row_if: 'both_value_is_missing' },
      },
      '$.expectations[0].kwargs.ignore_row_if',
      'did you mean "both_values_are_missing"?',
    ],
    [
      'a column that the contract does not have',
      { type: 'expect_column_values_to_be_null', kwargs: { column: 'statsu' } },
      '$.expectations[0].kwargs.column',
      'did you mean "status"?',
    ],
    [
      'a column of a list',
      { type: 'expect_compound_columns_to_be_unique', kwargs: { column_list: ['status', 'order-id'] } },
      '$.expectations[0].kwargs.column_list[1]',
      'did you mean "order_id"?',
    ],
    [
      'a row condition that cannot be read',
      { type: 'expect_column_values_to_be_null', kwargs: { column: 'status', row_condition: 'status == ' } },
      '$.expectations[0].kwargs.row_condition',
      'expected a column or a constant at 10, found the end',
    ],
    [
      'a column of a row condition',
      {
        type: 'expect_column_values_to_be_null',
        kwargs: { column: 'status', row_condition: 'order_ib > 1' },
      },
      '$.expectations[0].kwargs.row_condition',
      'did you mean "order_id"?',
    ],
    [
      'bounds that are both absent',
      { type: 'expect_column_values_to_be_between', kwargs: { column: 'order_id' } },
      '$.expectations[0].kwargs',
      'cannot both be None',
    ],
    [
      'a bound of another type than its column',
      { type: 'expect_column_values_to_be_between', kwargs: { column: 'status', min_value: 1 } },
      '$.expectations[0].kwargs',
      'column "status" is TEXT: min_value 1 cannot be compared with it',
    ],
    [
      'a figure that its column does not have',
      {
        type: 'expect_column_quantile_values_to_be_between',
        kwargs: { column: 'status', quantile_ranges: { quantiles: [0.5], value_ranges: [[0, 1]] } },
      },
      '$.expectations[0].kwargs',
      'quantiles need numbers',
    ],
    [
      'a schema that is none',
      {
        type: 'expect_column_values_to_match_json_schema',
        kwargs: { column: 'status', json_schema: { type: 'objekt' } },
      },
      '$.expectations[0].kwargs',
      'json_schema',
    ],
    [
      'an unknown severity',
      { type: 'expect_column_to_exist', kwargs: { column: 'a' }, severity: 'fatal' },
      '$.expectations[0].severity',
      'critical',
    ],
  ])('%s', (_, entry, path, message) => {
    const problems = problemsOf([entry]);
    expect(problems.map((problem) => problem.path)).toContain(path);
    expect(problems.find((problem) => problem.path === path)?.message).toContain(message);
  });

  describe.each([0, 50_000_000])('of a pipeline that checks more than %i rows in Spark', (sparkAboveRows) => {
    test.each<[string, object, RegExp]>([
      [
        'a time format that Spark cannot say',
        {
          type: 'expect_column_values_to_match_strftime_format',
          kwargs: { column: 'status', strftime_format: '%U' },
        },
        /^Spark has no counterpart of %U in a time format; it has Y, y, m, .* Spark checks batches of more than [0,5]+ rows: change this, or raise checks\.sparkAboveRows of the pipeline above any batch$/,
      ],
      [
        'a pattern that Spark cannot say',
        {
          type: 'expect_column_values_to_match_regex_list',
          kwargs: { column: 'status', regex_list: ['a', '(?U)b'] },
        },
        /^Spark has no counterpart of \(\?U in a pattern; write lazy quantifiers/,
      ],
      [
        'an escape that Spark refuses',
        {
          type: 'expect_column_values_to_match_like_pattern',
          kwargs: { column: 'status', like_pattern: '!a', escape: '!' },
        },
        /^Spark wants %, _ or ! after each ! of "!a"/,
      ],
      [
        'a suite parameter, which a pipeline gives no value',
        { type: 'expect_table_row_count_to_equal', kwargs: { value: { $PARAMETER: 'rows' } } },
        /^a suite parameter has no value in a pipeline/,
      ],
    ])('%s', (_, entry, message) => {
      const suite = { name: 's', expectations: [entry] };
      expect(parseSuite(suite, { columns }).expectations).toHaveLength(1);
      expect(problemsOf([entry], { columns, sparkAboveRows })).toMatchObject([
        { path: '$.expectations[0].kwargs', message: expect.stringMatching(message) },
      ]);
    });

    test('not what the worker checks anyway', () => {
      const entry = {
        type: 'expect_column_values_to_match_json_schema',
        kwargs: { column: 'status', json_schema: {} },
      };
      expect(problemsOf([entry], { columns, sparkAboveRows })).toEqual([]);
    });
  });

  test('all problems at once, one a line', () => {
    const expectations = [
      { type: 'expect_nothing', kwargs: {} },
      { type: 'expect_table_row_count_to_equal', kwargs: { valu: 1 } },
    ];
    expect(() => parseSuite({ name: 's', expectations })).toThrow(
      /the suite has 3 problems:\n(?: {2}\$.*\n?){3}$/,
    );
  });

  test.each<[string, Record<string, unknown>, [path: string, message: string][]]>([
    [
      'a misspelled type and what is wrong with its kwargs',
      { type: 'expect_column_values_to_not_be_nul', kwargs: { column: 'statsu', mostyl: 0.9 } },
      [
        ['type', 'did you mean "expect_column_values_to_not_be_null"'],
        ['kwargs.mostyl', 'did you mean "mostly"'],
        ['kwargs.column', 'did you mean "status"'],
      ],
    ],
    [
      'a severity and a kwarg',
      { type: 'expect_column_values_to_be_unique', kwargs: { column: 'statsu' }, severity: 'fatal' },
      [
        ['severity', 'critical'],
        ['kwargs.column', 'did you mean "status"'],
      ],
    ],
    [
      'an unknown kwarg and one that is missing',
      { type: 'expect_column_values_to_be_between', kwargs: { column: 'order_id', min_valu: 0 } },
      [
        ['kwargs.min_valu', 'did you mean "min_value"'],
        ['kwargs', 'cannot both be None'],
      ],
    ],
    [
      'an unknown kwarg and a bound of another type',
      { type: 'expect_column_values_to_be_between', kwargs: { column: 'status', min_value: 0, mostyl: 1 } },
      [
        ['kwargs.mostyl', 'did you mean "mostly"'],
        ['kwargs', 'min_value 0 cannot be compared'],
      ],
    ],
    [
      'both bounds and the row condition, of other types',
      {
        type: 'expect_column_values_to_be_between',
        kwargs: { column: 'order_id', min_value: 'x', max_value: 'y', row_condition: 'status > 1' },
      },
      [
        ['kwargs', 'row_condition 1 cannot be compared'],
        ['kwargs', 'min_value "x" cannot be compared'],
        ['kwargs', 'max_value "y" cannot be compared'],
      ],
    ],
    [
      'what DuckDB and what Spark cannot say',
      {
        type: 'expect_column_values_to_match_strftime_format',
        kwargs: { column: 'status', strftime_format: '%U', row_condition: 'status > 1' },
      },
      [
        ['kwargs', 'row_condition 1 cannot be compared'],
        ['kwargs', 'Spark has no counterpart of %U'],
      ],
    ],
  ])('in one round: %s', (_, entry, expected) => {
    const problems = problemsOf([entry], { columns, sparkAboveRows: 5 });
    for (const [at, message] of expected) {
      expect(problems).toContainEqual({
        path: `$.expectations[0].${at}`,
        value: expect.anything(),
        message: expect.stringContaining(message),
      });
    }
    expect(problems).toHaveLength(expected.length);
  });

  test('in one round: the suite itself and its expectations', () => {
    const suite = { name: 7, expectations: [7, { type: 'expect_nothing' }] };
    expect(() => parseSuite(suite)).toThrow(/3 problems:\n {2}\$\.name: .*\n.*\[0\]: .*\n.*\[1\]\.type: /);
  });

  test('a value that is no suite', () => {
    expect(() => parseSuite({ name: 's' })).toThrow(SuiteError);
    expect(() => parseSuite('suite')).toThrow(SuiteError);
  });
});

/** What a kwarg may find in its place. */
const JUNK: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  '',
  'v',
  '(',
  '%',
  'v > 1',
  '\0',
  [],
  ['v', 'v'],
  [null],
  [[1, 2]],
  {},
  { $PARAMETER: 'p' },
  { type: 'nullity' },
  { values: [], weights: [] },
  { bins: [1, 0], weights: [0] },
];

test('whatever stands in the place of a kwarg, a suite is read or refused, and nothing else', () => {
  let read = 0;
  for (const { type, kwargs } of EXPECTATIONS) {
    const { types, kwargs: sound } = EDGE_CASES[type]!.passing;
    const contract = Object.entries(types).map(([name, columnType]) => ({ name, type: columnType }));
    for (const name of [...Object.keys(kwargs.shape), 'nonsense']) {
      for (const value of JUNK) {
        const entry = { type, kwargs: { ...sound, [name]: value } };
        if (problemsOf([entry], { columns: contract, sparkAboveRows: 5 }).length === 0) read++;
      }
    }
  }
  expect(read).toBeGreaterThan(EXPECTATIONS.length);
});
