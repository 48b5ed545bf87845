import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import {
  EngineError,
  type RunSuiteRequest,
  runSuite,
  suggestSuite,
  type ValidationResult,
} from '../../../src/index.ts';
import { csvTable, writeFile } from './csv-batch.ts';

type Entry = readonly [type: string, kwargs: Record<string, unknown>, severity?: string];

function run(
  data: RunSuiteRequest['data'],
  entries: readonly Entry[],
  options: Partial<RunSuiteRequest> = {},
): Promise<ValidationResult> {
  const expectations = entries.map(([type, kwargs, severity]) => ({ type, kwargs, severity }));
  return runSuite({ suite: { name: 'suite', expectations }, data, ...options });
}

const ROW_COUNT = 60_000;

/** Files whose only column counts their rows from 0, in groups small enough that several threads read them. */
async function numberedFiles(count: number, format: 'csv' | 'parquet'): Promise<RunSuiteRequest['data']> {
  const files = Array.from({ length: count }, (_, index) => writeFile(`part-${index}.${format}`, ''));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [index, file] of files.entries()) {
    const [from, to] = [index, index + 1].map((each) => (ROW_COUNT * each) / count);
    const options = format === 'csv' ? 'format csv, header' : 'format parquet, row_group_size 2048';
    await connection.run(`copy (select range as i from range(${from}, ${to})) to '${file}' (${options})`);
  }
  connection.closeSync();
  instance.closeSync();
  return { files, ...(format === 'csv' ? { types: { i: 'integer' } } : {}) };
}

const unique = (column: string): Entry => ['expect_column_values_to_be_unique', { column }];
const notNull = (column: string): Entry => ['expect_column_values_to_not_be_null', { column }];

describe('a validation result', () => {
  test('has the keys of Great Expectations, in the suite order', async () => {
    const data = csvTable({ i: 'integer' }, [[1], [1], [null]]);
    const result = await run(data, [
      notNull('i'),
      unique('i'),
      ['expect_table_row_count_to_equal', { value: 3 }],
    ]);
    expect(result).toEqual({
      success: false,
      suite_name: 'suite',
      suite_parameters: {},
      meta: { max_severity_failure: 'critical' },
      statistics: {
        evaluated_expectations: 3,
        successful_expectations: 1,
        unsuccessful_expectations: 2,
        success_percent: (1 / 3) * 100,
      },
      results: [
        {
          success: false,
          expectation_config: { type: notNull('i')[0], kwargs: { column: 'i' }, severity: 'critical' },
          meta: {},
          exception_info: { raised_exception: false, exception_message: null, exception_traceback: null },
          result: {
            element_count: 3,
            unexpected_count: 1,
            unexpected_percent: (1 / 3) * 100,
            partial_unexpected_list: [null],
            partial_unexpected_counts: [{ value: null, count: 1 }],
            partial_unexpected_index_list: [2],
          },
        },
        expect.objectContaining({
          result: {
            element_count: 3,
            missing_count: 1,
            missing_percent: (1 / 3) * 100,
            unexpected_count: 2,
            unexpected_percent: 100,
            unexpected_percent_total: (2 / 3) * 100,
            unexpected_percent_nonmissing: 100,
            partial_unexpected_list: [1, 1],
            partial_unexpected_counts: [{ value: 1, count: 2 }],
            partial_unexpected_index_list: [0, 1],
          },
        }),
        expect.objectContaining({ success: true, result: { observed_value: 3 } }),
      ],
    });
  });

  test.each([
    ['BOOLEAN_ONLY', []],
    [
      'BASIC',
      ['element_count', 'unexpected_count', 'unexpected_percent', 'partial_unexpected_list', 'missing_count'],
    ],
    ['SUMMARY', ['partial_unexpected_counts', 'partial_unexpected_index_list']],
    ['COMPLETE', ['unexpected_list', 'unexpected_index_list']],
  ] as const)('in format %s has what the format has', async (resultFormat, keys) => {
    const data = csvTable({ i: 'integer' }, [[1], [1]]);
    const { results } = await run(data, [unique('i')], { resultFormat });
    expect(Object.keys(results[0]!.result)).toEqual(expect.arrayContaining([...keys]));
    if (resultFormat === 'BOOLEAN_ONLY') expect(results[0]!.result).toEqual({});
    if (resultFormat === 'BASIC') expect(results[0]!.result).not.toHaveProperty('partial_unexpected_counts');
    if (resultFormat === 'SUMMARY') expect(results[0]!.result).not.toHaveProperty('unexpected_list');
  });

  test('shows at most the sample, in the order of the key, but counts all', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => [100 - index, 'x']);
    const data = csvTable({ id: 'integer', s: 'text' }, rows);
    const entry: Entry = ['expect_column_values_to_be_in_set', { column: 's', value_set: [] }];
    const { results } = await run(data, [entry], { indexColumns: ['id'], partialUnexpectedCount: 2 });
    expect(results[0]!.result).toMatchObject({
      unexpected_count: 100,
      unexpected_index_column_names: ['id'],
      partial_unexpected_list: ['x', 'x'],
      partial_unexpected_index_list: [
        { id: 1, s: 'x' },
        { id: 2, s: 'x' },
      ],
    });
  });

  test.each([
    [1, 'csv'],
    [3, 'csv'],
    [1, 'parquet'],
    [3, 'parquet'],
  ] as const)('shows the first unexpected rows wherever they lie (%i files of %s)', async (count, format) => {
    const below = (max_value: number, more = {}): Entry => [
      'expect_column_values_to_be_between',
      { column: 'i', max_value, ...more },
    ];
    const half = { row_condition: `i >= ${ROW_COUNT / 2}`, condition_parser: 'pandas' };
    const data = await numberedFiles(count, format);
    const { results } = await run(
      data,
      [below(ROW_COUNT - 101), below(ROW_COUNT - 3), below(-1), below(100, half), below(ROW_COUNT)],
      { partialUnexpectedCount: 4 },
    );
    const shown = results.map(({ result }) => [
      result.unexpected_count,
      result.partial_unexpected_list,
      result.partial_unexpected_index_list,
    ]);
    const expected = (unexpectedCount: number, from: number, length: number) => {
      const rows = Array.from({ length }, (_, index) => from + index);
      return [unexpectedCount, rows, rows];
    };
    expect(shown).toEqual([
      expected(100, ROW_COUNT - 100, 4),
      expected(2, ROW_COUNT - 2, 2),
      expected(ROW_COUNT, 0, 4),
      expected(ROW_COUNT / 2, ROW_COUNT / 2, 4),
      expected(0, 0, 0),
    ]);
  });

  test('of an empty suite passes', async () => {
    const result = await run(csvTable({ i: 'integer' }, []), []);
    expect(result).toMatchObject({ success: true, statistics: { success_percent: null } });
  });
});

describe('an expectation that cannot be evaluated', () => {
  const data = csvTable({ i: 'integer', s: 'text' }, [[1, 'a']]);

  test('fails with the reason and leaves the others alone', async () => {
    const { results } = await run(data, [
      ['expect_column_values_to_match_regex', { column: 's', regex: '(' }],
      notNull('absent'),
      ['expect_column_values_to_match_regex', { column: 's', regex: '[' }],
      notNull('s'),
      ['unexpected_rows_expectation', { unexpected_rows_query: 'select nothing from {batch}' }],
      ['expect_column_values_to_match_strftime_format', { column: 's', strftime_format: '%!' }],
      unique('i'),
    ]);
    expect(results.map(({ success }) => success)).toEqual([false, false, false, true, false, false, true]);
    expect(results.map(({ exception_info: { raised_exception: raised } }) => raised)).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });

  test('fails when only the data makes it fail, and leaves the others alone', async () => {
    const huge = csvTable({ n: 'numeric(38,0)', i: 'integer' }, [
      ['9'.repeat(38), 1],
      ['9'.repeat(38), 1],
    ]);
    const { results } = await run(huge, [
      ['expect_multicolumn_sum_to_equal', { column_list: ['n', 'i'], sum_total: 1 }],
      notNull('i'),
    ]);
    expect(results.map(({ success }) => success)).toEqual([false, true]);
    expect(results[0]!.exception_info.exception_message).toMatch(/^Out of Range Error/);
    expect(results[0]!.exception_info.exception_message).not.toContain('999');
  });

  test.each([
    [['critical', 'warning', 'info'], 'critical'],
    [['info', 'warning'], 'warning'],
    [['info'], 'info'],
  ])('counts at its severity: %j', async (severities, gravest) => {
    const entries = severities.map((severity): Entry => [...notNull('absent'), severity] as unknown as Entry);
    const result = await run(data, [...entries, notNull('i')]);
    expect(result.meta.max_severity_failure).toBe(gravest);
  });

  test('is one whose suite parameter has no value; others get theirs', async () => {
    const entry = (name: string): Entry => [
      'expect_table_row_count_to_equal',
      { value: { $PARAMETER: name } },
    ];
    const parameters = { rows: 1, word: 'x' };
    const { results } = await run(data, [entry('rows'), entry('row'), entry('word')], { parameters });
    expect(results.map(({ success }) => success)).toEqual([true, false, false]);
    expect(results[1]!.exception_info.exception_message).toContain('did you mean "rows"?');
    expect(results[2]!.exception_info.exception_message).toContain('kwargs.value: expected number');
    expect(results[0]!.expectation_config.kwargs).toEqual({ value: { $PARAMETER: 'rows' } });
  });
});

describe('CSV as PostgreSQL copies it', () => {
  const values = [
    '',
    ' ',
    ' a ',
    'NULL',
    '\\N',
    '"',
    'a"b',
    "it's",
    'a,b',
    'a\nb',
    'a\r\nb',
    '\\',
    'ä',
    '👍',
    '\u2028',
    '\t',
  ];

  test('keeps every value: missing ones are no empty texts', async () => {
    const data = csvTable({ s: 'text' }, [...values.map((value) => [value]), [null]]);
    const entries: Entry[] = [
      ['expect_column_distinct_values_to_equal_set', { column: 's', value_set: values }],
      ['expect_column_values_to_be_in_set', { column: 's', value_set: values }],
      ['expect_table_row_count_to_equal', { value: values.length + 1 }],
    ];
    const { results } = await run(data, entries, { resultFormat: 'COMPLETE' });
    expect(results.map(({ success }) => success)).toEqual([true, true, true]);
    expect(results[1]!.result.missing_count).toBe(1);
    const shown = await run(data, [['expect_column_values_to_be_in_set', { column: 's', value_set: [] }]], {
      resultFormat: 'COMPLETE',
    });
    expect(shown.results[0]!.result.unexpected_list).toEqual(values);
  });

  test('compressed, in parts, with CRLF line ends, or without rows', async () => {
    const columns = [{ name: 'i', type: 'integer' }];
    const files = [
      writeFile('a.csv.gz', gzipSync('i\n1\n2\n')),
      writeFile('b.csv', 'i\r\n3\r\n'),
      writeFile('c.csv', 'i\n'),
    ];
    const entries: Entry[] = [
      ['expect_column_sum_to_be_between', { column: 'i', min_value: 6, max_value: 6 }],
    ];
    const { results } = await run({ format: 'csv', files, columns }, entries);
    expect(results[0]!.result.observed_value).toBe(6);
    const empty = await run({ format: 'csv', files: [], columns }, [
      ['expect_table_row_count_to_equal', { value: 0 }],
      notNull('i'),
      unique('i'),
    ]);
    expect(empty.success).toBe(true);
  });

  test.each([
    ['parts with other columns', ['i,j\n1,2\n', 'j,i\n1,2\n'], 'has other columns than'],
    ['a name twice', ['i,i\n1,2\n'], 'names "i" twice'],
    ['no header', [''], 'has no header line'],
    ['a quote that is never closed', ['"i\n1\n'], 'a quote that is never closed'],
  ])('%s: every expectation fails with the reason', async (_, contents, reason) => {
    const files = contents.map((content) => writeFile('part.csv', content));
    const result = await run({ format: 'csv', files, columns: [] }, [notNull('i'), unique('i')]);
    expect(result.results.map(({ success }) => success)).toEqual([false, false]);
    expect(result.results[0]!.exception_info.exception_message).toContain(reason);
  });

  test('a row with too many or too few fields fails what reads it, and is not shown', async () => {
    const files = [writeFile('ragged.csv', 'i,s\n1,a\n2,secret,word\n3,b\n')];
    const { results } = await run({ format: 'csv', files }, [notNull('i')]);
    expect(results[0]!.success).toBe(false);
    expect(JSON.stringify(results)).not.toContain('secret');
  });

  test('types are guessed where there is no contract', async () => {
    const files = [writeFile('guess.csv', 'i,d,s\n1,2024-01-31,x\n2,2024-02-01,y\n')];
    const { results } = await run({ format: 'csv', files }, [
      ['expect_column_values_to_be_of_type', { column: 'i', type_: 'BIGINT' }],
      ['expect_column_max_to_be_between', { column: 'd', max_value: '2024-02-01' }],
      ['expect_column_values_to_be_of_type', { column: 's', type_: 'TEXT' }],
    ]);
    expect(results.map(({ success }) => success)).toEqual([true, true, true]);
  });
});

test('Parquet has its own types, row positions and partitions', async () => {
  const path = writeFile('x.parquet', '');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `copy (select range as i, 'v' || range as s, (range / 7)::decimal(9,3) as n, timestamp '2024-01-01' as at
       from range(5000)) to '${path}' (format parquet, row_group_size 2048)`,
  );
  connection.closeSync();
  instance.closeSync();
  const { results } = await run({ format: 'parquet', files: [path] }, [
    ['expect_column_values_to_be_of_type', { column: 'n', type_: 'DECIMAL(9,3)' }],
    ['expect_column_values_to_be_between', { column: 'i', max_value: 4_997 }],
    ['expect_column_values_to_be_increasing', { column: 'i', strictly: true }],
    ['expect_column_max_to_be_between', { column: 'at', max_value: '2024-01-01T00:00:00' }],
  ]);
  expect(results.map(({ success }) => success)).toEqual([true, false, true, true]);
  expect(results[1]!.result.partial_unexpected_index_list).toEqual([4998, 4999]);
});

test('columns that stand in the paths of Parquet files are columns', async () => {
  const files = ['2024-01-01', '2024-01-02'].map((date) => writeFile(`day=${date}/gen=7/part.parquet`, ''));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [index, file] of files.entries()) {
    await connection.run(`copy (select ${index} as i) to '${file}' (format parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
  const { results } = await run({ format: 'parquet', files, partition: { day: 'date' } }, [
    ['expect_table_columns_to_match_ordered_list', { column_list: ['i', 'day'] }],
    ['expect_column_max_to_be_between', { column: 'day', min_value: '2024-01-02', max_value: '2024-01-02' }],
    ['expect_column_values_to_be_in_set', { column: 'day', value_set: ['2024-01-01'] }],
  ]);
  expect(results.map(({ exception_info }) => exception_info.exception_message)).toEqual([null, null, null]);
  expect(results.map(({ success }) => success)).toEqual([true, true, false]);
  expect(results[2]!.result.partial_unexpected_index_list).toEqual([1]);
});

describe('hostile names and values', () => {
  const names = [
    'a"; drop view batch; --',
    "o'brien",
    'sel ect',
    'b.c0',
    'r',
    '{batch}',
    '\\',
    'ä',
    'I',
    'i',
  ];

  test.each(names)('column %j is only a name', async (name) => {
    const data = csvTable({ [name]: 'integer', other: 'text' }, [
      [1, 'x'],
      [1, 'y'],
      [null, 'z'],
    ]);
    const { results } = await run(
      data,
      [
        notNull(name),
        unique(name),
        ['expect_column_values_to_be_between', { column: name, min_value: 2 }],
        ['expect_compound_columns_to_be_unique', { column_list: [name, 'other'] }],
        [
          'expect_column_values_to_be_null',
          { column: 'other', row_condition: { type: 'nullity', column: { name }, is_null: true } },
        ],
        ['unexpected_rows_expectation', { unexpected_rows_query: 'select * from {batch} where false' }],
      ],
      { indexColumns: [name] },
    );
    expect(results.map(({ exception_info }) => exception_info.exception_message)).toEqual(
      Array(6).fill(null),
    );
    expect(results.map(({ result }) => result.unexpected_count)).toEqual([1, 2, 2, 0, 1, undefined]);
  });

  test.each([
    "'); drop view batch; --",
    "' or '1'='1",
    '%',
    '_',
    '\\',
    '"',
    '{x}',
    '{batch}',
    "''",
    '\u0001',
  ])('value %j is only a value', async (value) => {
    const data = csvTable({ s: 'text', t: 'text' }, [
      [value, 'a'],
      ['other', 'b'],
    ]);
    const { results } = await run(data, [
      ['expect_column_values_to_be_in_set', { column: 's', value_set: [value] }],
      ['expect_column_values_to_not_be_in_set', { column: 's', value_set: [value] }],
      [
        'expect_column_values_to_be_null',
        {
          column: 't',
          row_condition: { type: 'comparison', column: { name: 's' }, operator: '==', parameter: value },
        },
      ],
      ['expect_column_distinct_values_to_contain_set', { column: 's', value_set: [value, 'other'] }],
      [
        'expect_column_values_to_match_regex',
        { column: 's', regex: `^(${value.replace(/[^\w]/g, '\\$&')}|other)$` },
      ],
    ]);
    expect(results.map(({ exception_info }) => exception_info.exception_message)).toEqual(
      Array(5).fill(null),
    );
    expect(results.map(({ result }) => result.unexpected_count)).toEqual([1, 1, 1, undefined, 0]);
  });

  test('a zero byte in a suite is refused, not cut off', async () => {
    const data = csvTable({ s: 'text' }, [['a']]);
    const { results } = await run(data, [
      ['expect_column_values_to_be_in_set', { column: 's', value_set: ['a\0b'] }],
      notNull('s'),
    ]);
    expect(results.map(({ success }) => success)).toEqual([false, true]);
  });
});

describe('values of masked columns', () => {
  const columns = {
    id: 'integer',
    mail: { name: 'mail', type: 'text', isMasked: true },
    age: { name: 'age', type: 'integer', isMasked: true },
  };
  const data = csvTable(columns, [
    [1, 'a@x.org', 77],
    [2, 'a@x.org', 78],
    [3, 'b@x.org', null],
    [4, 'c@x.org', 123456],
  ]);
  const entries: Entry[] = [
    unique('mail'),
    ['expect_column_values_to_be_in_set', { column: 'mail', value_set: [] }],
    ['expect_column_distinct_values_to_be_in_set', { column: 'mail', value_set: ['z'] }],
    ['expect_column_most_common_value_to_be_in_set', { column: 'mail', value_set: ['z'] }],
    ['expect_column_max_to_be_between', { column: 'mail', max_value: 'a' }],
    ['expect_column_sum_to_be_between', { column: 'age', max_value: 1 }],
    ['expect_column_median_to_be_between', { column: 'age', max_value: 1 }],
    [
      'expect_column_quantile_values_to_be_between',
      { column: 'age', quantile_ranges: { quantiles: [1], value_ranges: [[0, 1]] } },
    ],
    ['expect_column_pair_values_to_be_equal', { column_A: 'age', column_B: 'id' }],
    ['expect_compound_columns_to_be_unique', { column_list: ['mail'] }],
    [
      'expect_aggregate_to_equal_aggregate',
      { aggregate: 'max', column: 'age', table: 'same', other_column: 'age', row_condition: 'id < 3' },
    ],
    [
      'expect_column_kl_divergence_to_be_less_than',
      { column: 'mail', threshold: 0, partition_object: { values: ['z'], weights: [1] } },
    ],
    [
      'unexpected_rows_expectation',
      { unexpected_rows_query: 'select *, upper(mail) as x, mail as id2 from {batch}' },
    ],
  ];

  test('appear in no result', async () => {
    const options = { resultFormat: 'COMPLETE', indexColumns: ['mail', 'id'] } as const;
    const { results } = await run({ ...data, tables: { same: data } }, entries, options);
    const text = JSON.stringify(results.map(({ result, exception_info }) => [result, exception_info]));
    expect(results.map(({ exception_info }) => exception_info.exception_message)).toEqual(
      Array(entries.length).fill(null),
    );
    expect(results.every(({ success }) => !success)).toBe(true);
    expect(text).not.toMatch(/x\.org|X\.ORG|123456|7[78]/);
    expect(text).toContain('***');
    expect(results[0]!.result.unexpected_index_list).toEqual([
      { mail: '***', id: 1 },
      { mail: '***', id: 2 },
    ]);
  });

  const own = (query: string): Entry => ['unexpected_rows_expectation', { unexpected_rows_query: query }];

  test.each([
    'select mail as id from {batch}',
    'select max(mail) as id from {batch}',
    'select id, mail as ID from {batch}',
    'with c(id) as (select mail from {batch}) select id from c',
    'select id from (select mail as id from {batch})',
    'select mail from {batch} b(mail, id, age)',
    'select id from {batch} b(age, id)',
    'select id::varchar as mail from {batch} union all select mail from {batch}',
    'select * replace (mail as id) from {batch}',
    'select * rename (mail as other, id as mail) from {batch}',
    'select unnest(struct_pack(id := mail)) from {batch}',
    'select columns(*) from {batch}',
  ])('appear under no other name: %s', async (query) => {
    const { results } = await run(data, [own(query)]);
    expect(results[0]!.exception_info.exception_message).toBeNull();
    const rows = results[0]!.result.details?.unexpected_rows;
    expect(rows).not.toEqual([]);
    expect(JSON.stringify(rows)).not.toMatch(/x\.org/);
  });

  test.each([
    ['select * from {batch} where id = 4', [{ id: 4, mail: '***', age: '***' }]],
    [
      'select b.id, c.id as other from {batch} b join {same} c on b.id = c.id where b.id = 4',
      [{ id: 4, other: '***' }],
    ],
    ['select ID, count(*) as n from {batch} where id = 4 group by 1', [{ id: 4, n: '***' }]],
  ])('and open ones are shown under their own: %s', async (query, rows) => {
    const { results } = await run({ ...data, tables: { same: data } }, [own(query)]);
    expect(results[0]!.result.details?.unexpected_rows).toEqual(rows);
  });

  test('appear when that is asked for', async () => {
    const { results } = await run(data, [unique('mail')], { unmasked: true });
    expect(results[0]!.result.partial_unexpected_list).toEqual(['a@x.org', 'a@x.org']);
  });
});

test.each([
  "select * from {batch} where strptime(s, '%Y-%m-%d') > now()",
  'select s::integer from {batch}',
  'select (length(s) * 1000)::tinyint from {batch}',
  'select error(s) from {batch}',
  "select regexp_matches('x', '(' || s) from {batch}",
  'select now() at time zone s from {batch}',
])('what the engine says of a value in a query of the suite is not told: %s', async (query) => {
  const data = csvTable({ s: 'text' }, [['secret0@x.org']]);
  const { results } = await run(data, [['unexpected_rows_expectation', { unexpected_rows_query: query }]]);
  expect(results[0]!.exception_info.exception_message).toMatch(/Error on a value of the data/);
  expect(JSON.stringify(results[0]!.exception_info)).not.toMatch(/secret0|13000/);
});

test('integers of more than 64 bits are not guessed to be floating-point numbers, of which many would be equal', async () => {
  const numbers = ['9223372036854775807', '9223372036854775808', '99999999999999999999'];
  const path = writeFile('long.csv', `i,d\n${numbers.map((number) => `${number},1e19`).join('\n')}\n`);
  const { results } = await run(path, [
    unique('i'),
    ['expect_column_values_to_be_of_type', { column: 'i', type_: 'DECIMAL(38,0)' }],
    ['expect_column_values_to_be_of_type', { column: 'd', type_: 'DOUBLE' }],
  ]);
  expect(results.map(({ success }) => success)).toEqual([true, true, true]);
});

test('different values of many columns are counted within the memory', async () => {
  const names = Array.from({ length: 90 }, (_, index) => `c${index}`);
  const lines = Array.from({ length: 20 }, (_, row) => names.map((name) => `${name}_${row}`).join(','));
  const path = writeFile('wide.csv', `${[names.join(','), ...lines].join('\n')}\n`);
  const entries = names.map(
    (column): Entry => ['expect_column_distinct_values_to_be_in_set', { column, value_set: [`${column}_0`] }],
  );
  const { results } = await run(path, entries);
  expect(results.map(({ exception_info }) => exception_info.exception_message)).toEqual(Array(90).fill(null));
  expect(results.map(({ result }) => result.unexpected_count)).toEqual(Array(90).fill(19));
  expect((await suggestSuite({ data: path })).expectations.length).toBeGreaterThan(90);
});

test('another table that is broken fails what reads it; one that the suite does not name is not opened', async () => {
  const broken = {
    format: 'csv',
    files: [writeFile('a.csv', 'i\n1\n'), writeFile('b.csv', 'j\n1\n')],
  } as const;
  const gone = { format: 'csv', files: ['/nowhere/x.csv'] } as const;
  const { results } = await run({ ...csvTable({ i: 'integer' }, [[1]]), tables: { broken, gone } }, [
    ['expect_column_values_to_exist_in_table', { column: 'i', table: 'broken' }],
    ['unexpected_rows_expectation', { unexpected_rows_query: 'select * from {broken}' }],
    notNull('i'),
  ]);
  expect(results.map(({ success }) => success)).toEqual([false, false, true]);
  expect(results[0]!.exception_info.exception_message).toMatch(
    /^table "broken" cannot be read: .* other columns than/,
  );
  expect(results[1]!.exception_info.exception_message).toMatch(/^table "broken" cannot be read/);
});

describe('what keeps the engine from its work is thrown', () => {
  test('a file that is not there', async () => {
    const attempt = run({ format: 'csv', files: ['/nowhere/x.csv'] }, [notNull('i')]);
    await expect(attempt).rejects.toThrow(EngineError);
    await expect(attempt).rejects.toMatchObject({ failure: 'missing' });
  });

  test('a signal to stop', async () => {
    const data = csvTable({ i: 'integer' }, [[1]]);
    await expect(run(data, [notNull('i')], { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
  });

  test('a time limit', async () => {
    const path = writeFile('big.parquet', '');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`copy (select hash(range) as i from range(4000000)) to '${path}' (format parquet)`);
    connection.closeSync();
    instance.closeSync();
    const attempt = run({ format: 'parquet', files: [path] }, [unique('i')], { timeoutMs: 20 });
    await expect(attempt).rejects.toMatchObject({ name: 'EngineError', failure: 'stopped' });
  });
});
