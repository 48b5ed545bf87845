import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { main } from '../../../scripts/tidemark/main.ts';
import { parseSuite, runSuite, type Suite, suggestSuite } from '../../../src/index.ts';
import { csvTable, writeFile } from './csv-batch.ts';

const TYPES = {
  order_id: 'bigint',
  email: 'text',
  status: 'varchar(20)',
  country: 'text',
  quantity: 'integer',
  total: 'numeric(12,2)',
  discount: 'double precision',
  note: 'text',
  ordered_at: 'timestamp',
  shipped_at: 'timestamp',
};
type Row = Record<keyof typeof TYPES, unknown>;

const ROWS: readonly Row[] = Array.from({ length: 200 }, (_, index) => ({
  order_id: 1000 + index,
  email: `user${index}@example.com`,
  status: ['paid', 'open', 'shipped'][index % 3],
  country: ['AT', 'DE', null][index % 50 === 0 ? 2 : index % 2],
  quantity: 1 + (index % 12),
  total: (index * 7.25).toFixed(2),
  discount: (index % 4) / 10,
  note: index % 2 === 0 ? null : `text ${'x'.repeat(index % 30)}`,
  ordered_at: `2024-03-${String(1 + (index % 28)).padStart(2, '0')} 10:00:00`,
  shipped_at: index % 3 === 2 ? `2024-04-${String(1 + (index % 28)).padStart(2, '0')} 09:30:00` : null,
}));

function tableOf(rows: readonly Row[]) {
  const names = Object.keys(TYPES) as (keyof Row)[];
  return csvTable(
    TYPES,
    rows.map((row) => names.map((name) => row[name])),
  );
}

/** Expectations as `type column`, in order. */
function listed(suite: Suite): string[] {
  return suite.expectations.map(({ type, kwargs }) =>
    [type, kwargs.column ?? kwargs.column_A].filter(Boolean).join(' '),
  );
}

const suite = await suggestSuite({ data: tableOf(ROWS), name: 'orders' });

describe('a suggested suite', () => {
  test('passes on its data, in every expectation', async () => {
    const { statistics, success } = await runSuite({ suite, data: tableOf(ROWS) });
    expect(statistics.evaluated_expectations).toBe(suite.expectations.length);
    expect(success).toBe(true);
  });

  test('says what is worth expecting, and nothing of columns that say nothing', () => {
    expect(listed(suite)).toEqual([
      'expect_table_columns_to_match_set',
      'expect_table_row_count_to_be_between',
      'expect_column_values_to_be_of_type order_id',
      'expect_column_values_to_not_be_null order_id',
      'expect_column_values_to_be_unique order_id',
      'expect_column_values_to_be_between order_id',
      'expect_column_values_to_not_be_null email',
      'expect_column_values_to_be_unique email',
      'expect_column_values_to_match_regex email',
      'expect_column_values_to_not_be_null status',
      'expect_column_values_to_be_in_set status',
      'expect_column_values_to_not_be_null country',
      'expect_column_values_to_be_in_set country',
      'expect_column_values_to_be_of_type quantity',
      'expect_column_values_to_not_be_null quantity',
      'expect_column_values_to_be_between quantity',
      'expect_column_values_to_be_of_type total',
      'expect_column_values_to_not_be_null total',
      'expect_column_values_to_be_between total',
      'expect_column_values_to_be_of_type discount',
      'expect_column_values_to_not_be_null discount',
      'expect_column_values_to_be_between discount',
      'expect_column_value_lengths_to_be_between note',
      'expect_column_values_to_be_of_type ordered_at',
      'expect_column_values_to_not_be_null ordered_at',
      'expect_column_values_to_be_between ordered_at',
      'expect_column_values_to_be_of_type shipped_at',
      'expect_column_values_to_be_between shipped_at',
      'expect_column_pair_values_a_to_be_greater_than_b shipped_at',
    ]);
  });

  test('has round bounds, closed sets, and room where values were missing', () => {
    const kwargs = (type: string, column: string) =>
      suite.expectations.find((each) => each.type === type && each.kwargs.column === column)?.kwargs;
    const between = 'expect_column_values_to_be_between';
    expect(kwargs(between, 'quantity')).toEqual({ column: 'quantity', min_value: 1, max_value: 20 });
    expect(kwargs(between, 'total')).toEqual({ column: 'total', min_value: 0, max_value: 5000 });
    expect(kwargs(between, 'discount')).toEqual({ column: 'discount', min_value: 0, max_value: 1 });
    expect(kwargs(between, 'order_id')).toEqual({ column: 'order_id', min_value: 1 });
    expect(kwargs(between, 'ordered_at')).toMatchObject({ min_value: '2024-01-01', max_value: '2025-12-31' });
    expect(kwargs('expect_column_values_to_be_in_set', 'status')!.value_set).toEqual([
      'open',
      'paid',
      'shipped',
    ]);
    expect(kwargs('expect_column_values_to_not_be_null', 'country')).toEqual({
      column: 'country',
      mostly: 0.96,
    });
  });

  test('says why, in the form of notes of Great Expectations, and reads as a suite', () => {
    for (const { type, meta } of suite.expectations) {
      expect(meta, type).toEqual({
        notes: { format: 'markdown', content: [expect.stringMatching(/^[A-Z0-9].*\.$/)] },
      });
    }
    const columns = Object.entries(TYPES).map(([name, type]) => ({ name, type }));
    expect(parseSuite(JSON.parse(JSON.stringify(suite)), { columns })).toEqual(suite);
  });

  test.each<[string, string, (row: Row, index: number) => Partial<Row>]>([
    [
      'a repeated key',
      'expect_column_values_to_be_unique order_id',
      (_, index) => (index === 7 ? { order_id: 1000 } : {}),
    ],
    [
      'a missing key',
      'expect_column_values_to_not_be_null order_id',
      (_, index) => (index === 7 ? { order_id: null } : {}),
    ],
    [
      'a word in a number',
      'expect_column_values_to_be_of_type quantity',
      (_, index) => (index === 7 ? { quantity: 'many' } : {}),
    ],
    [
      'a new status',
      'expect_column_values_to_be_in_set status',
      (_, index) => (index === 7 ? { status: 'Paid' } : {}),
    ],
    [
      'a negative amount',
      'expect_column_values_to_be_between total',
      (_, index) => (index === 7 ? { total: '-0.01' } : {}),
    ],
    [
      'an amount that is far too large',
      'expect_column_values_to_be_between total',
      (_, index) => (index === 7 ? { total: '99999' } : {}),
    ],
    [
      'a broken address',
      'expect_column_values_to_match_regex email',
      (_, index) => (index === 7 ? { email: 'user7' } : {}),
    ],
    [
      'many missing values',
      'expect_column_values_to_not_be_null country',
      (_, index) => (index % 10 === 0 ? { country: null } : {}),
    ],
    [
      'a date of another century',
      'expect_column_values_to_be_between ordered_at',
      (_, index) => (index === 7 ? { ordered_at: '1924-03-01 10:00:00' } : {}),
    ],
    [
      'an order that is shipped before it is made',
      'expect_column_pair_values_a_to_be_greater_than_b shipped_at',
      (_, index) => (index === 8 ? { shipped_at: '2024-02-28 10:00:00' } : {}),
    ],
    [
      'an empty text',
      'expect_column_value_lengths_to_be_between note',
      (_, index) => (index === 7 ? { note: '' } : {}),
    ],
  ])('fails on %s', async (_, wanted, change) => {
    const rows = ROWS.map((row, index) => ({ ...row, ...change(row, index) }));
    const { results } = await runSuite({ suite, data: tableOf(rows) });
    expect(
      listed({
        name: '',
        expectations: results.filter((each) => !each.success).map((each) => each.expectation_config),
      }),
    ).toContain(wanted);
  });

  test('fails on a lost column and on a third of the rows', async () => {
    const { order_id, ...others } = TYPES;
    expect(order_id).toBe('bigint');
    const names = Object.keys(others) as (keyof Row)[];
    const data = csvTable(
      others,
      ROWS.slice(0, 60).map((row) => names.map((name) => row[name])),
    );
    const { results } = await runSuite({ suite, data });
    expect(results[0]!.success).toBe(false);
    expect(results[1]!.success).toBe(false);
  });
});

/** Notes of a suite but the first, which says what it is made from. */
function leftOut({ meta }: Suite): readonly string[] {
  return (meta!.notes as { content: readonly string[] }).content.slice(1);
}

describe('what is left out is told with the reason', () => {
  const rows = (count: number, row: (at: number) => unknown[]) =>
    Array.from({ length: count }, (_, at) => row(at));
  test.each<[string, ReturnType<typeof csvTable>, string[]]>([
    [
      'nothing, of columns that say nothing',
      csvTable(
        { id: 'integer' },
        rows(50, (at) => [at]),
      ),
      [],
    ],
    [
      'uniqueness where values repeat',
      csvTable(
        { id: 'integer', user_id: 'text' },
        rows(50, (at) => [at, `u${at % 40}`]),
      ),
      ['user_id (TEXT): Uniqueness: values repeat, 40 differ in 50 rows.'],
    ],
    [
      'a key, where no column is one',
      csvTable(
        { day: 'date' },
        rows(50, (at) => [`2024-01-${10 + (at % 5)}`]),
      ),
      [
        'No column is expected to be unique, so there is no key. Keys of several columns are not looked for: add expect_compound_columns_to_be_unique.',
      ],
    ],
    [
      'uniqueness and presence where values are missing',
      csvTable(
        { id: 'integer', email: 'text' },
        rows(50, (at) => [at, at < 4 ? null : `${at}@x.at`]),
      ),
      [
        'email (TEXT): Presence: 4 of 50 values are missing, which is too many.',
        'email (TEXT): Uniqueness: 4 of 50 values are missing, and a key has all.',
      ],
    ],
    [
      'uniqueness of what measures, and of long texts',
      csvTable(
        { id: 'integer', total: 'numeric(9,2)', note: 'text' },
        rows(50, (at) => [at, `${at}.50`, 'x'.repeat(20 + at)]),
      ),
      [
        'total (NUMERIC(9,2)): Uniqueness: all values differ, but numbers with decimals, dates and flags measure and do not name.',
        'note (TEXT): Uniqueness: all values differ, but keys are not longer than 64 characters (up to 69).',
      ],
    ],
    [
      'a type that many values do not have',
      csvTable(
        { id: 'integer', n: 'integer' },
        rows(50, (at) => [at, at < 9 ? 'x' : 1]),
      ),
      ['n (INTEGER): Type, values and uniqueness: 9 of 50 values do not read as INTEGER, which is too many.'],
    ],
    [
      'all of a column without values',
      csvTable(
        { id: 'integer', n: 'integer' },
        rows(50, (at) => [at, null]),
      ),
      ['n: it has no value, so nothing is expected of it.'],
    ],
    [
      'what a few rows cannot tell',
      csvTable(
        { id: 'integer' },
        rows(5, (at) => [at]),
      ),
      [
        '5 rows are too few to tell what is usual: keys, sets, bounds and forms are expected from 20 rows on.',
      ],
    ],
    [
      'all values, without rows',
      csvTable({ id: 'integer' }, []),
      ['Without rows nothing is expected of values.'],
    ],
    [
      'values that are masked',
      csvTable(
        { id: 'integer', s: { name: 's', type: 'text', isMasked: true } },
        rows(50, (at) => [at, 'a']),
      ),
      ['s (TEXT): Values: they are masked, and an expectation would show them.'],
    ],
  ])('%s', async (_, data, expected) => {
    expect(leftOut(await suggestSuite({ data }))).toEqual(expected);
  });
});

describe('a type that is guessed from the first rows', () => {
  const EARLY = 25_000;
  const late = {
    amount: '0.5',
    code: 'X',
    serial: '10000000000000000000',
    day: '2024-01-31 10:00:00',
    flag: 'maybe',
  };
  const early = { amount: 1, code: 7, serial: 9, day: '2024-01-31', flag: true };
  const lines = [
    `id,${Object.keys(late).join(',')}`,
    ...Array.from({ length: EARLY }, (_, at) => [at, ...Object.values(early)].join(',')),
    [EARLY, ...Object.values(late)].join(','),
  ];
  const data = writeFile('late.csv', `${lines.join('\n')}\n`);

  test('is not claimed where a later value breaks it, and the one that holds is named', async () => {
    const found = await suggestSuite({ data });
    expect(listed(found).filter((each) => each.includes('be_of_type'))).toEqual([
      'expect_column_values_to_be_of_type id',
    ]);
    const types = Object.entries({
      amount: 'double',
      code: 'text',
      serial: 'text',
      day: 'timestamp',
      flag: 'text',
    });
    expect(leftOut(found)).toHaveLength(types.length);
    for (const [name, type] of types) {
      expect(leftOut(found)).toContainEqual(
        expect.stringMatching(
          `^${name} .* the first rows read as \\w+, but 1 of 25,001 values do not. All read as ${type}: say --types ${name}=${type},`,
        ),
      );
    }
    expect(await runSuite({ suite: found, data })).toMatchObject({ success: true });
  });

  test('gives way to the one that is named, which all values have', async () => {
    const named = {
      files: [data],
      types: { amount: 'double', code: 'text', serial: 'text', day: 'timestamp', flag: 'text' },
    };
    const found = await suggestSuite({ data: named });
    expect(listed(found)).toContain('expect_column_values_to_be_of_type amount');
    expect(listed(found)).toContain('expect_column_values_to_be_of_type day');
    expect(leftOut(found)).toEqual(['code (TEXT): Uniqueness: values repeat, 2 differ in 25,001 rows.']);
    expect(await runSuite({ suite: found, data: named })).toMatchObject({ success: true });
  });
});

test('a table without rows suggests its columns alone, so that data to come can pass', async () => {
  const { expectations } = await suggestSuite({ data: csvTable({ i: 'integer', s: 'text' }, []) });
  expect(expectations.map(({ type }) => type)).toEqual(['expect_table_columns_to_match_set']);
});

describe('odd data has a suggestion that it passes', () => {
  const odd = ['a"b\'; drop view batch; --', '{batch}', '\\', ' ', 'ä', 'select'];
  test.each<[string, ReturnType<typeof csvTable>]>([
    ['no rows', csvTable({ i: 'integer', s: 'text' }, [])],
    ['one row', csvTable({ i: 'integer', s: 'text', d: 'date' }, [[1, 'a', '2024-01-31']])],
    [
      'nothing but missing values',
      csvTable(
        { i: 'integer', s: 'text' },
        Array.from({ length: 30 }, () => [null, null]),
      ),
    ],
    [
      'one value',
      csvTable(
        { i: 'integer', s: 'text', f: 'real' },
        Array.from({ length: 30 }, () => [0, '', 0]),
      ),
    ],
    [
      'hostile names and values',
      csvTable(
        Object.fromEntries(odd.map((name) => [name, 'text'])),
        Array.from({ length: 150 }, (_, index) => odd.map((_, at) => odd[(index + at) % odd.length])),
      ),
    ],
    [
      'numbers at the ends',
      csvTable(
        { i: 'bigint', n: 'numeric(38,2)', f: 'double precision' },
        Array.from({ length: 40 }, (_, index) => [
          index % 2 ? '9223372036854775807' : '-9223372036854775808',
          index % 2 ? '999999999999999999999999999999999999.99' : '-1',
          index % 2 ? '1e308' : 'NaN',
        ]),
      ),
    ],
    [
      'values that do not read',
      csvTable(
        { i: 'integer' },
        Array.from({ length: 100 }, (_, index) => [index === 5 ? 'x' : index]),
      ),
    ],
    [
      'dates at the ends',
      csvTable(
        { d: 'date' },
        Array.from({ length: 40 }, (_, index) => [index % 2 ? '0001-01-01' : '9999-12-31']),
      ),
    ],
    [
      'other types',
      csvTable(
        { b: 'boolean', u: 'uuid', j: 'jsonb', t: 'time' },
        Array.from({ length: 40 }, (_, index) => [
          index % 2 === 0,
          `00000000-0000-0000-0000-0000000000${10 + index}`,
          '{"a": 1}',
          '10:00:00',
        ]),
      ),
    ],
  ])('%s', async (_, data) => {
    const found = await suggestSuite({ data });
    const { results } = await runSuite({ suite: found, data });
    expect(results.filter((each) => !each.success)).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
  });

  test('Parquet, with a column of lists', async () => {
    const path = writeFile('x.parquet', '');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `copy (select range as id, [range] as list, (range % 3)::decimal(9,3) as n, 'AB' as code from range(500)) to '${path}' (format parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    const found = await suggestSuite({ data: path });
    expect(await runSuite({ suite: found, data: path })).toMatchObject({ success: true });
    expect(listed(found)).toContain('expect_column_values_to_be_unique id');
  });

  test('values of masked columns stay out of the suite', async () => {
    const data = csvTable(
      { s: { name: 's', type: 'text', isMasked: true }, t: 'text' },
      Array.from({ length: 60 }, () => ['secret', 'open']),
    );
    const text = JSON.stringify(await suggestSuite({ data }));
    expect(text).not.toContain('secret');
    expect(text).toContain('open');
  });
});

describe('tidemark suite suggest', () => {
  async function type(...args: string[]) {
    const printed: string[] = [];
    const complained: string[] = [];
    const exitCode = await main(['suite', 'suggest', ...args], {
      print: (text) => printed.push(text),
      complain: (text) => complained.push(text),
      env: {},
      exitCode: 0,
    });
    return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
  }
  const csv = writeFile(
    'days.csv',
    `day,n\n${Array.from({ length: 60 }, (_, at) => `2024-01-${10 + (at % 20)},${at}`).join('\n')}\n`,
  );

  test('prints the suite alone with --json, writes a new file with -o, and shows the reasons', async () => {
    const json = await type('--data', csv, '--json');
    const path = join(dirname(csv), 'suite.json');
    const text = await type('--data', csv, '-o', path);
    expect(json.exitCode).toBe(0);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(json.printed));
    expect(JSON.parse(json.printed)).toMatchObject({ name: 'days' });
    expect(text.printed).toMatch(/^days: \d+ expectations, all met; written to .*suite\.json\n/);
    expect(text.printed).toContain('None of 60 values is missing.');
    expect(text.printed).not.toContain('left out');
    const again = await type('--data', csv, '-o', path);
    expect(again).toMatchObject({ exitCode: 2, printed: '' });
    expect(again.complained).toContain('is there already');
  });

  test('says at the end what is left out', async () => {
    const few = await type('--data', writeFile('few.csv', 'id\n1\n2\n'));
    expect(few.printed).toMatch(/\n\nleft out:\n {2}2 rows are too few to tell what is usual: .*\.$/);
  });

  test('ends with 2 where there is nothing to read', async () => {
    expect(await type('--data', '/nowhere/x.csv')).toMatchObject({ exitCode: 2, printed: '' });
    expect(await type('--data', writeFile('ragged.csv', 'a,b\n1,2\n1,2,3\n'))).toMatchObject({
      exitCode: 2,
      printed: '',
    });
  });
});
