import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSuites, type SuiteRun } from '../../activities/run-suites.ts';
import { composeDeps } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { makeLayout } from '../../src/core/layout.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { expectationTypes, findExpectation } from '../../src/expectations/registry.ts';
import type { ExpectationResult, ValidationResult } from '../../src/expectations/types.ts';
import type { CheckBatch } from '../../src/ports/checks.ts';
import { contractBucket } from './contract-target.ts';

const root = `s3://${contractBucket}/contract/${randomUUID().slice(0, 8)}`;
const s3 = new S3Client({ forcePathStyle: true });

const COLUMNS = [
  { name: 'id', type: 'integer' },
  { name: 'other_id', type: 'integer' },
  { name: 'amount', type: 'numeric(10,2)' },
  { name: 'ratio', type: 'double precision' },
  { name: 'status', type: 'varchar(20)' },
  { name: 'note', type: 'text' },
  { name: 'email', type: 'text' },
  { name: 'flag', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'at', type: 'timestamptz' },
  { name: 'json', type: 'jsonb' },
];
const HOSTILE = [
  "it's",
  '"q"',
  'a,b',
  'one\ntwo',
  '\\',
  '%_',
  '',
  ' lead',
  'żółw',
  '{batch}',
  '`x`',
  "') or 1=1 --",
];

/** Text values of 120 rows; some do not read as their type, some are missing, a key is there twice. */
const ROWS: readonly (readonly (string | null)[])[] = Array.from({ length: 120 }, (_, row) => [
  String(row === 60 ? 59 : row + 1),
  row % 10 === 0 ? null : String((row % 15) + 1),
  row === 70 ? 'many' : (((row * 37) % 1000) / 4).toFixed(2),
  row % 12 === 5 ? 'NaN' : row % 12 === 6 ? null : String(Math.sin(row) * 50),
  ['paid', 'open', 'shipped', 'Paid', null][row % 5]!,
  HOSTILE[row % HOSTILE.length]!,
  row % 9 === 0 ? `user${row}` : `user${row}@example.com`,
  row % 7 === 0 ? null : row % 2 === 0 ? 't' : 'f',
  row === 80 ? '2024-02-31' : `2024-0${(row % 9) + 1}-15`,
  row % 11 === 0
    ? null
    : `2024-01-${String((row % 28) + 1).padStart(2, '0')} 10:30:00.${row % 2 ? '5' : '123456'}+00`,
  row % 4 === 0 ? '{"a": 1}' : row % 4 === 1 ? '{broken' : null,
]);

type Entry = [type: string, kwargs: Record<string, unknown>];

/** Every expectation, passing and failing, with the kwargs that change its SQL. */
const EXPECTATIONS: readonly Entry[] = [
  ['expect_table_row_count_to_be_between', { min_value: 1, max_value: 100 }],
  ['expect_table_row_count_to_equal', { value: 120 }],
  ['expect_table_row_count_to_match_history', {}],
  ['expect_table_row_count_to_equal_other_table', { other_table_name: 'others' }],
  ['expect_table_column_count_to_be_between', { max_value: 3 }],
  ['expect_table_column_count_to_equal', { value: 11 }],
  ['expect_table_columns_to_match_ordered_list', { column_list: COLUMNS.map(({ name }) => name) }],
  ['expect_table_columns_to_match_set', { column_set: ['id', 'none'] }],
  ['expect_column_to_exist', { column: 'id' }],
  ['unexpected_rows_expectation', { unexpected_rows_query: 'select id from {batch} where id > 118' }],
  ['expect_column_values_to_not_be_null', { column: 'status' }],
  ['expect_column_values_to_not_be_null', { column: 'ratio', mostly: 0.8 }],
  ['expect_column_values_to_be_null', { column: 'json' }],
  ['expect_column_values_to_be_unique', { column: 'id' }],
  ['expect_column_values_to_be_unique', { column: 'email' }],
  ['expect_column_values_to_be_in_set', { column: 'status', value_set: ['paid', 'open', "') or 1=1 --"] }],
  ['expect_column_values_to_be_in_set', { column: 'other_id', value_set: [1, 2, 'x'] }],
  ['expect_column_values_to_not_be_in_set', { column: 'note', value_set: HOSTILE.slice(3) }],
  [
    'expect_column_values_to_be_between',
    { column: 'amount', min_value: 1, max_value: 200.5, strict_max: true },
  ],
  ['expect_column_values_to_be_between', { column: 'at', min_value: '2024-01-05T00:00:00Z' }],
  ['expect_column_values_to_be_between', { column: 'status', min_value: 'b' }],
  ['expect_column_values_to_be_of_type', { column: 'amount', type_: 'NUMERIC' }],
  ['expect_column_values_to_be_in_type_list', { column: 'day', type_list: ['DATE', 'INTEGER'] }],
  ['expect_column_type_to_be', { column: 'id', type_: 'INTEGER' }],
  ['expect_column_values_to_match_regex', { column: 'email', regex: '^[^@]+@example\\.com$' }],
  ['expect_column_values_to_not_match_regex', { column: 'note', regex: "'|\\\\" }],
  ['expect_column_values_to_not_match_regex', { column: 'note', regex: '\\bw|(?i)ŻÓŁ$' }],
  ['expect_column_values_to_not_match_regex', { column: 'note', regex: '^[[:punct:]&&[:alpha:]]+$|{b' }],
  ['expect_column_values_to_match_regex_list', { column: 'note', regex_list: ['^a', 'o'], match_on: 'any' }],
  ['expect_column_values_to_not_match_regex_list', { column: 'note', regex_list: ['`', '\\{'] }],
  ['expect_column_values_to_match_like_pattern', { column: 'note', like_pattern: '%\\%' }],
  ['expect_column_values_to_not_match_like_pattern', { column: 'note', like_pattern: "%'%" }],
  [
    'expect_column_values_to_match_like_pattern_list',
    { column: 'note', like_pattern_list: ['a%', '%!%%'], match_on: 'any', escape: '!' },
  ],
  ['expect_column_values_to_not_match_like_pattern_list', { column: 'note', like_pattern_list: ['a%', '_'] }],
  ['expect_column_values_to_match_strftime_format', { column: 'status', strftime_format: '%Y-%m-%d' }],
  ['expect_column_values_to_be_dateutil_parseable', { column: 'note' }],
  ['expect_column_values_to_be_json_parseable', { column: 'json' }],
  ['expect_column_values_to_match_json_schema', { column: 'json', json_schema: { type: 'object' } }],
  ['expect_column_value_lengths_to_be_between', { column: 'note', min_value: 1, max_value: 5 }],
  ['expect_column_value_lengths_to_equal', { column: 'status', value: 4 }],
  ['expect_column_value_z_scores_to_be_less_than', { column: 'ratio', threshold: 1.2, double_sided: true }],
  ['expect_column_values_to_not_be_outliers', { column: 'other_id', method: 'iqr' }],
  ['expect_column_values_to_not_be_outliers', { column: 'ratio', method: 'std', multiplier: 1 }],
  ['expect_column_values_to_be_increasing', { column: 'other_id' }],
  ['expect_column_values_to_be_decreasing', { column: 'other_id', strictly: true }],
  ['expect_column_min_to_be_between', { column: 'day', min_value: '2024-02-01' }],
  ['expect_column_min_to_be_between', { column: 'at', min_value: '2024-01-01' }],
  ['expect_column_max_to_be_between', { column: 'email', max_value: 'v' }],
  ['expect_column_max_to_be_recent', { column: 'at', max_age_hours: 1 }],
  ['expect_column_mean_to_be_between', { column: 'ratio', min_value: -100, max_value: 100 }],
  ['expect_column_median_to_be_between', { column: 'other_id', min_value: 100 }],
  ['expect_column_stdev_to_be_between', { column: 'ratio', max_value: 1 }],
  ['expect_column_sum_to_be_between', { column: 'other_id', min_value: 0 }],
  ['expect_column_sum_to_be_between', { column: 'amount', min_value: 0 }],
  [
    'expect_column_quantile_values_to_be_between',
    {
      column: 'ratio',
      quantile_ranges: {
        quantiles: [0.1, 0.5, 1],
        value_ranges: [
          [null, 0],
          [0, 1],
          [null, null],
        ],
      },
    },
  ],
  ['expect_column_unique_value_count_to_be_between', { column: 'status', max_value: 4 }],
  ['expect_column_proportion_of_unique_values_to_be_between', { column: 'other_id', min_value: 0.5 }],
  ['expect_column_proportion_of_non_null_values_to_be_between', { column: 'json', min_value: 0.5 }],
  ['expect_column_distinct_values_to_be_in_set', { column: 'status', value_set: ['paid'] }],
  ['expect_column_distinct_values_to_contain_set', { column: 'status', value_set: ['paid', 'lost'] }],
  ['expect_column_distinct_values_to_equal_set', { column: 'flag', value_set: [true, false] }],
  [
    'expect_column_most_common_value_to_be_in_set',
    { column: 'status', value_set: ['paid'], ties_okay: true },
  ],
  [
    'expect_column_kl_divergence_to_be_less_than',
    {
      column: 'status',
      threshold: 0.1,
      partition_object: { values: ['paid', 'open', 'shipped', 'Paid'], weights: [0.4, 0.2, 0.2, 0.2] },
    },
  ],
  [
    'expect_column_kl_divergence_to_be_less_than',
    {
      column: 'ratio',
      threshold: 0.1,
      tail_weight_holdout: 0.02,
      partition_object: { bins: [-50, 0, 50], weights: [0.5, 0.5] },
    },
  ],
  [
    'expect_column_pair_values_to_be_equal',
    { column_A: 'id', column_B: 'other_id', ignore_row_if: 'either_value_is_missing' },
  ],
  [
    'expect_column_pair_values_a_to_be_greater_than_b',
    { column_A: 'id', column_B: 'other_id', or_equal: true },
  ],
  [
    'expect_column_pair_values_to_be_in_set',
    {
      column_A: 'status',
      column_B: 'other_id',
      value_pairs_set: [
        ['paid', 1],
        [null, 5],
      ],
    },
  ],
  ['expect_compound_columns_to_be_unique', { column_list: ['status', 'other_id'] }],
  ['expect_multicolumn_sum_to_equal', { column_list: ['id', 'other_id'], sum_total: 3 }],
  ['expect_multicolumn_values_to_be_equal', { column_list: ['id', 'other_id'] }],
  ['expect_select_column_values_to_be_unique_within_record', { column_list: ['id', 'other_id'] }],
  [
    'expect_aggregate_to_equal_aggregate',
    { aggregate: 'sum', column: 'other_id', table: 'others', other_column: 'key' },
  ],
  ['expect_column_values_to_exist_in_table', { column: 'other_id', table: 'others', other_column: 'key' }],
  ['expect_column_values_to_exist_in_table', { column: 'id', table: 'nowhere' }],
  [
    'expect_column_values_to_not_be_null',
    { column: 'status', row_condition: 'amount > 100 and (flag == true or note == "it\'s")' },
  ],
  [
    'expect_column_values_to_be_between',
    { column: 'id', max_value: 50, row_condition: 'at >= "2024-01-10" and status is not null' },
  ],
];

/** One that no engine can evaluate, between others. */
const WITH_BROKEN: readonly Entry[] = [
  ['expect_column_values_to_not_be_null', { column: 'status' }],
  ['expect_column_values_to_match_regex', { column: 'email', regex: '(' }],
  ['expect_column_values_to_be_between', { column: 'id', min_value: 'one' }],
  ['expect_table_row_count_to_equal', { value: 120 }],
];

function runOf(subject: string, batch: CheckBatch, entries = EXPECTATIONS): SuiteRun {
  const expectations = entries.map(([type, kwargs]) => ({ type, kwargs }));
  return {
    subject,
    suite: { name: subject, expectations },
    batch,
    key: ['id'],
    maskedColumns: ['email'],
    rowCountHistory: [100, 130, 90],
    rowCount: batch.files.length === 0 ? 0 : ROWS.length,
  };
}

async function put(path: string, body: string | Uint8Array): Promise<string> {
  const uri = `${root}/${path}`;
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri)!;
  await s3.send(new PutObjectCommand({ Bucket: Bucket!, Key: Key!, Body: body }));
  return uri;
}

function copyCsv(names: readonly string[], rows: readonly (readonly (string | null)[])[]): Uint8Array {
  const field = (value: string | null) =>
    value === null ? '' : value === '' || /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  return gzipSync([names, ...rows].map((row) => `${row.map(field).join(',')}\n`).join(''));
}

let csv: CheckBatch;
let parquet: CheckBatch;
let others: CheckBatch;
let here: Record<string, ValidationResult>;
let far: Record<string, ValidationResult>;
let duck: DuckDBConnection;

async function check(label: string, sparkAboveRows: number, runs: readonly SuiteRun[]) {
  const config = readConfig();
  const deps = await composeDeps(config, new Map());
  const layout = makeLayout(config.zones, `checks_${label}_${root.slice(-8)}`);
  const stage = {
    pipeline: 'checks',
    sparkAboveRows,
    runKey: `r-${label}`,
    stage: 'raw',
    generation: `r-${label}-x1`,
    allowed: [],
  } as const;
  try {
    const tables = { others };
    const verdict: Verdict = await new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }).run(() =>
      runSuites(deps, layout, stage, runs, tables, new AbortController().signal),
    );
    const evidence = JSON.parse((await deps.store.read(verdict.evidenceUri))!.text) as {
      results: Record<string, ValidationResult>;
    };
    return evidence.results;
  } finally {
    await deps.close();
  }
}

beforeAll(async () => {
  const names = COLUMNS.map(({ name }) => name);
  csv = {
    format: 'csv',
    columns: COLUMNS,
    files: [
      await put('part-00000.csv.gz', copyCsv(names, ROWS.slice(0, 50))),
      await put('part-00001.csv.gz', copyCsv(names, ROWS.slice(50))),
    ],
  };
  const keys = Array.from({ length: 12 }, (_, key) => [String(key + 1), 'x']);
  others = {
    format: 'csv',
    columns: [
      { name: 'key', type: 'integer' },
      { name: 'x', type: 'text' },
    ],
    files: [await put('others.csv.gz', copyCsv(['key', 'x'], keys))],
  };
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  duck = await instance.connect();
  const endpoint = new URL(process.env.AWS_ENDPOINT_URL_S3!).host;
  await duck.run(`LOAD '${process.env.TIDEMARK_DUCKDB_HTTPFS}'`);
  await duck.run(
    `CREATE SECRET (TYPE s3, KEY_ID '${process.env.AWS_ACCESS_KEY_ID}', SECRET '${process.env.AWS_SECRET_ACCESS_KEY}',
     ENDPOINT '${endpoint}', URL_STYLE 'path', USE_SSL false, REGION '${process.env.AWS_REGION}')`,
  );
  await duck.run("set TimeZone = 'UTC'");
  const casts = COLUMNS.map(
    ({ name, type }) => `try_cast("${name}" as ${type === 'jsonb' ? 'varchar' : type}) as "${name}"`,
  );
  const file = `${root}/rows.parquet`;
  await duck.run(
    `copy (select ${casts.join(', ')} from read_csv('${root}/part-*.csv.gz', all_varchar = true, header = true, allow_quoted_nulls = false))
     to '${file}' (format parquet)`,
  );
  parquet = { format: 'parquet', columns: COLUMNS, files: [file] };
  const ragged = await put('ragged.csv.gz', gzipSync('a,b\n1,2\n1,2,3\n'));
  const two = [
    { name: 'a', type: 'text' },
    { name: 'b', type: 'text' },
  ];
  const runs = [
    runOf('rows_csv', csv),
    runOf('rows_parquet', parquet),
    runOf('broken_expectations', csv, WITH_BROKEN),
    runOf('ragged_rows', { format: 'csv', columns: two, files: [ragged] }, [
      ['expect_table_row_count_to_equal', { value: 2 }],
    ]),
    runOf('no_files', { format: 'csv', columns: two, files: [] }, [
      ['expect_column_values_to_not_be_null', { column: 'a' }],
    ]),
  ];
  here = await check('duckdb', Number.MAX_SAFE_INTEGER, runs);
  far = await check('spark', -1, runs);
}, 600_000);

afterAll(() => {
  duck.closeSync();
  s3.destroy();
});

/** Floating-point sums differ in their last digits with the order of rows. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  // An age is measured when the suite runs.
  const items = Object.entries(value).filter(([key]) => key !== 'age_hours');
  return Object.fromEntries(items.map(([key, item]) => [key, rounded(item)]));
}

/** What both engines have to say alike: all but the words of a refusal. */
function comparable({ success, result, exception_info }: ExpectationResult): unknown {
  return { success, result: rounded(result), raised: exception_info.raised_exception };
}

describe.each(['rows_csv', 'rows_parquet'])('Spark and DuckDB judge %s alike', (subject) => {
  test.each(EXPECTATIONS.map(([type, kwargs], index) => [type, JSON.stringify(kwargs), index] as const))(
    '%s %s',
    (_, __, index) => {
      const [inDuckdb, inSpark] = [here[subject]!.results[index]!, far[subject]!.results[index]!];
      expect(comparable(inSpark), inSpark.exception_info.exception_message ?? '').toEqual(
        comparable(inDuckdb),
      );
    },
  );

  test('and in sum', () => {
    const { results: _, ...inDuckdb } = here[subject]!;
    expect(far[subject]).toMatchObject(inDuckdb);
  });
});

test('an expectation that Spark cannot evaluate fails with the reason and leaves the others alone', () => {
  const [notNull, regex, between, count] = far.broken_expectations!.results;
  expect(notNull).toMatchObject(here.broken_expectations!.results[0]!);
  expect(regex!.exception_info.exception_message).toContain(
    'the pattern is no regular expression: Unclosed group',
  );
  expect(between).toEqual(here.broken_expectations!.results[2]);
  expect(count!.success).toBe(true);
});

test('rows that do not hang together fail what reads them; no files are no rows', () => {
  const [ragged] = far.ragged_rows!.results;
  expect(ragged!.exception_info.exception_message).toContain('a row has too many or too few fields');
  expect(far.no_files!.results[0]).toEqual(here.no_files!.results[0]);
});

test('every expectation is compared', () => {
  const compared = new Set(EXPECTATIONS.map(([type]) => type));
  expect(expectationTypes().filter((type) => !compared.has(type))).toEqual([]);
  expect(expectationTypes().filter((type) => findExpectation(type)!.needsDuckdb)).toHaveLength(5);
});

test('masked values are in no result of Spark', () => {
  expect(JSON.stringify(far)).not.toContain('@example.com');
});
