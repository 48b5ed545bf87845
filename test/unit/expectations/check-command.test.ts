import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { main } from '../../../scripts/tidemark/main.ts';
import { EngineError, runSuite, type ValidationResult } from '../../../src/index.ts';
import { writeFile } from './csv-batch.ts';

async function check(...args: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  const exitCode = await main(['check', ...args], {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    env: {},
    exitCode: 0,
  });
  return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
}

function suiteFile(...expectations: [type: string, kwargs: object, severity?: string][]): string {
  const entries = expectations.map(([type, kwargs, severity]) => ({
    type,
    kwargs,
    ...(severity ? { severity } : {}),
  }));
  return writeFile('suite.json', JSON.stringify({ name: 'orders', expectations: entries }));
}

const csv = writeFile(
  'orders.csv',
  'id,status,total,at\n1,paid,10.5,2024-01-01\n2,open,-3,2024-01-02\n2,,7,2024-01-03\n',
);
const good = suiteFile(['expect_column_values_to_not_be_null', { column: 'id' }]);

describe('tidemark check', () => {
  test('ends with 0 when the suite passes, and says so in one line', async () => {
    expect(await check('--suite', good, '--data', csv)).toEqual({
      exitCode: 0,
      printed: 'orders: passed, 1 of 1 expectations met on 3 rows',
      complained: '',
    });
  });

  test.each([[[]], [['--json']]])(
    'warns of a suite without expectations, which passes (%s)',
    async (flags) => {
      const { exitCode, printed, complained } = await check('--suite', suiteFile(), '--data', csv, ...flags);
      expect(exitCode).toBe(0);
      expect(complained).toMatch(
        /^warning: the suite \S+suite\.json has no expectations: nothing is checked/,
      );
      if (flags.length > 0) expect(JSON.parse(printed)).toMatchObject({ success: true, results: [] });
      else expect(printed).toBe('orders: passed, 0 of 0 expectations met');
    },
  );

  test('reads a field of more than a megabyte', async () => {
    const wide = writeFile('wide.csv', `id,note\n1,${'x'.repeat(1_500_000)}\n2,y\n`);
    expect(await check('--suite', good, '--data', wide)).toMatchObject({ exitCode: 0 });
  });

  test('ends with 1 when it fails, and says what, how many, which and where', async () => {
    const suite = suiteFile(
      ['expect_column_values_to_be_between', { column: 'total', min_value: 0 }, 'warning'],
      ['expect_column_max_to_be_between', { column: 'at', min_value: '2024-02-01' }, 'info'],
      ['expect_column_values_to_not_be_null', { column: 'idd' }],
    );
    const { exitCode, printed } = await check('--suite', suite, '--data', csv, '--index', 'id');
    expect(exitCode).toBe(1);
    expect(printed.split('\n')).toEqual([
      'orders: failed (critical), 0 of 3 expectations met on 3 rows',
      '',
      'WARNING  expect_column_values_to_be_between',
      '         total; min_value 0',
      '         1 of 3 unexpected (33.3 %)',
      '         such as -3',
      '         at id: 2',
      '',
      'INFO     expect_column_max_to_be_between',
      '         at; min_value "2024-02-01"',
      '         observed "2024-01-03"',
      '',
      'CRITICAL expect_column_values_to_not_be_null',
      '         idd',
      '         could not be evaluated: The column "idd" in BatchData does not exist; did you mean "id"?',
    ]);
  });

  test('counts different values where they are judged, and rows where those are', async () => {
    const suite = suiteFile(
      ['expect_column_distinct_values_to_be_in_set', { column: 'id', value_set: [2] }],
      ['expect_column_distinct_values_to_equal_set', { column: 'status', value_set: ['paid', 'void'] }],
      ['expect_column_values_to_be_unique', { column: 'id' }],
      ['expect_column_values_to_not_be_null', { column: 'status' }],
    );
    const { printed } = await check('--suite', suite, '--data', csv);
    expect(printed.split('\n').filter((line) => /^ {9}/.test(line))).toEqual([
      '         id; value_set [2]',
      '         1 different values unexpected, such as 1',
      '         status; value_set ["paid","void"]',
      '         1 different values unexpected, such as "open"',
      '         1 of the set do not occur, such as "void"',
      '         id',
      '         2 of 3 unexpected (66.7 %)',
      '         such as 2',
      '         at positions 1, 2 (the first row is 0)',
      '         status',
      '         1 of 3 unexpected (33.3 %)',
      '         such as null',
      '         at positions 2 (the first row is 0)',
    ]);
  });

  test('prints one validation result with --json and nothing else, the same as runSuite', async () => {
    const suite = {
      name: 'orders',
      expectations: [{ type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' } }],
    };
    const path = writeFile('suite.json', JSON.stringify(suite));
    const { exitCode, printed } = await check(
      '--suite',
      path,
      '--data',
      csv,
      '--json',
      '--result-format',
      'COMPLETE',
    );
    const result = JSON.parse(printed) as ValidationResult;
    expect(exitCode).toBe(1);
    expect(result.results[0]!.result.unexpected_index_list).toEqual([1, 2]);
    expect(result).toEqual(await runSuite({ suite, data: csv, resultFormat: 'COMPLETE' }));
  });

  test('takes suite parameters, types and other tables, and masks', async () => {
    const customers = writeFile('customers.csv', 'id\n1\n');
    const suite = suiteFile(
      ['expect_column_values_to_be_of_type', { column: 'id', type_: 'TEXT' }],
      ['expect_table_row_count_to_be_between', { min_value: { $PARAMETER: 'least' } }],
      ['expect_column_values_to_exist_in_table', { column: 'total', table: 'customers', other_column: 'id' }],
    );
    const { exitCode, printed } = await check(
      ...[
        '--suite',
        suite,
        '--data',
        csv,
        '--types',
        'id=text',
        'total=numeric(9,1)',
        '--parameters',
        '{"least": 3}',
      ],
      ...['--table', `customers=${customers}`, '--mask', 'total', '--json'],
    );
    const { results } = JSON.parse(printed) as ValidationResult;
    expect(exitCode).toBe(1);
    expect(results.map(({ success }) => success)).toEqual([true, true, false]);
    expect(results[2]!.result.partial_unexpected_list).toEqual(['***', '***', '***']);
  });

  describe('a column to mask', () => {
    const people = writeFile('people.csv', 'id,email,mail\n1,secretA@x,a\n');
    const leads = writeFile('leads.csv', 'id,email,phone\n1,secretB@x,555-1\n');
    const compare = (other_column: string) =>
      suiteFile([
        'expect_aggregate_to_equal_aggregate',
        { column: 'email', aggregate: 'max', table: 'leads', other_column },
      ]);
    const both = ['--data', people, '--table', `leads=${leads}`, '--json'];

    test.each([
      ['email', ['email']],
      ['phone', ['email', 'phone']],
    ])('is masked in every table that has it: %s', async (other, masked) => {
      const { printed } = await check('--suite', compare(other), ...both, '--mask', ...masked);
      const { results } = JSON.parse(printed) as ValidationResult;
      expect(results[0]!.result.observed_value).toEqual({ self: '***', other: '***' });
    });

    test('may be in another table alone', async () => {
      const { exitCode, printed } = await check('--suite', compare('phone'), ...both, '--mask', 'phone');
      expect(exitCode).toBe(1);
      expect(printed).toContain('secretA@x');
      expect(printed).not.toContain('555-1');
    });

    test('ends with 2 where no table has it', async () => {
      const { exitCode, complained } = await check('--suite', compare('phone'), ...both, '--mask', 'phon');
      expect(exitCode).toBe(2);
      expect(JSON.parse(complained).error.message).toMatch(
        /"phon", does not exist in the data or in another table .* "phone"\?/,
      );
    });

    test('leaves a table that cannot be read to its own reason', async () => {
      const empty = writeFile('empty.csv', '');
      const { exitCode, printed } = await check(
        ...['--suite', compare('email'), '--data', people, '--table', `leads=${empty}`, '--mask', 'email'],
      );
      expect(exitCode).toBe(1);
      expect(printed).toContain('empty.csv has no header line');
    });
  });

  test.each<[string, string[], string | RegExp]>([
    [
      'data that is not there',
      ['--suite', good, '--data', 'nowhere.csv'],
      'nowhere.csv names no CSV or Parquet file',
    ],
    [
      'a pattern without match',
      ['--suite', good, '--data', '/nowhere/*.csv'],
      'names no CSV or Parquet file',
    ],
    [
      'a suite that is not there',
      ['--suite', 'none.json', '--data', csv],
      'the suite none.json is not there; correct the path',
    ],
    ['a suite below a file', ['--suite', `${csv}/s.json`, '--data', csv], '/s.json is not there'],
    ['a suite that is a folder', ['--suite', dirname(csv), '--data', csv], 'is a folder; name a file in it'],
    ['a suite that is no JSON', ['--suite', csv, '--data', csv], /the suite .* is not JSON/],
    [
      'a suite that is wrong',
      ['--suite', suiteFile(['expect_column_values_to_be_uniqe', { column: 'id' }]), '--data', csv],
      /the suite \S+suite\.json has 1 problem:\n.* did you mean "expect_column_values_to_be_unique"\?/,
    ],
    ['no format', ['--suite', good, '--data', good], 'give the format (csv or parquet)'],
    [
      'parameters that are no object',
      ['--suite', good, '--data', csv, '--parameters', '[1]'],
      'is not a JSON object',
    ],
    [
      'a type that is none',
      ['--suite', good, '--data', csv, '--types', 'id=bigit'],
      /"bigit", the type of column "id"/,
    ],
    [
      'a type of a column that is not there',
      ['--suite', good, '--data', csv, '--types', 'idd=bigint'],
      'did you mean "id"?',
    ],
    [
      'a column to mask that is not there',
      ['--suite', good, '--data', csv, '--mask', 'stat'],
      'the column to mask, "stat", does not exist',
    ],
    [
      'an index column that is not there',
      [
        '--suite',
        suiteFile(['expect_column_values_to_be_unique', { column: 'id' }]),
        '--data',
        csv,
        '--index',
        'at',
        'key',
      ],
      'the column "key" of --index does not exist',
    ],
    ['types that are no pairs', ['--suite', good, '--data', csv, '--types', 'id'], '"id" is not name=value'],
    [
      'an unknown result format',
      ['--suite', good, '--data', csv, '--result-format', 'ALL'],
      'Allowed choices are BOOLEAN_ONLY',
    ],
    ['no suite', ['--data', csv], "required option '--suite <file>' not specified"],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { exitCode, printed, complained } = await check(...args);
    expect({ exitCode, printed }).toEqual({ exitCode: 2, printed: '' });
    expect(complained).toMatch(message);
  });
});

describe('a file that cannot be read fails the suite, with file, line and reason, said once', () => {
  const two = suiteFile(
    ['expect_column_values_to_not_be_null', { column: 'id' }],
    ['expect_column_values_to_be_unique', { column: 'id' }],
  );
  test.each<[string, string, string | Uint8Array, string]>([
    ['an empty one', 'x.csv', '', 'x.csv has no header line'],
    ['a ragged one', 'x.csv', 'id,s\n1,secret,2\n', 'line 2 of FILE has 3 fields where the header has 2'],
    ['an open quote', 'x.csv', 'id,s\n1,"secret\n', 'line 2 of FILE has a quote that is never closed'],
    ['another encoding', 'x.csv', Buffer.from('id,s\n1,caf\xe9\n', 'latin1'), 'line 2 of FILE is not UTF-8'],
    [
      'a row too long',
      'x.csv',
      `id,s\n1,${'x'.repeat(9_000_000)}\n2,y\n`,
      'FILE is longer than 8000000 bytes',
    ],
    ['no gzip', 'x.csv.gz', 'id,s\n1,secret\n', 'FILE is not gzip, as its name says'],
    ['no Parquet', 'x.parquet', 'id,s\n1,secret\n', 'FILE is not a Parquet file'],
  ])('%s', async (_, name, content, reason) => {
    const file = writeFile(name, content);
    const { exitCode, printed } = await check('--suite', two, '--data', file);
    expect(exitCode).toBe(1);
    expect(printed).toMatch(
      /^orders: failed \(critical\), 0 of 2 expectations met\n\nnone could be evaluated: /,
    );
    expect(printed.replace(file, 'FILE')).toContain(reason.replace(/^x.csv/, 'FILE'));
    expect(printed.split('\n')).toHaveLength(3);
    expect(printed).not.toContain('secret');
  });

  test('a header of other separators: what the only column is', async () => {
    const { printed } = await check(
      '--suite',
      good,
      '--data',
      writeFile('semicolons.csv', 'id;status;total\n1;2;3\n'),
    );
    expect(printed).toContain(
      'The column "id" in BatchData does not exist; the only one is "id;status;total"',
    );
  });
});

describe('data is named', () => {
  const count = (value: number) => ({
    name: 'n',
    expectations: [{ type: 'expect_table_row_count_to_equal', kwargs: { value } }],
  });
  const part = writeFile('part-0.csv.gz', gzipSync('id\n1\n2\n'));
  const folder = dirname(part);

  test('by file, folder, pattern, or several of them', async () => {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${folder}/part-1.csv.gz`, gzipSync('id\n3\n'));
    writeFileSync(`${folder}/_SUCCESS.csv`, 'id\n9\n');
    const named: [string | string[], number][] = [
      [part, 2],
      [folder, 3],
      [`${folder}/part-*.csv.gz`, 3],
      [`${folder}/part-[1-9].csv.gz`, 1],
      [[part, `${folder}/part-1.csv.gz`], 3],
      [[part, folder], 3],
    ];
    for (const [data, rows] of named)
      expect(await runSuite({ suite: count(rows), data }), String(data)).toMatchObject({ success: true });
  });

  test('a name with signs of patterns is a file where there is one', async () => {
    const data = writeFile('a[1]*?.csv', 'id\n1\n');
    expect(await runSuite({ suite: count(1), data })).toMatchObject({ success: true });
  });

  test('folders name=value of Parquet are columns, unless the files have them', async () => {
    const root = dirname(writeFile('root.txt', ''));
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `copy (select range as i, date '2024-01-01' + (range % 2)::int as day from range(10)) to '${root}/out' (format parquet, partition_by (day))`,
    );
    connection.closeSync();
    instance.closeSync();
    const suite = {
      name: 'days',
      expectations: [
        {
          type: 'expect_column_max_to_be_between',
          kwargs: { column: 'day', min_value: '2024-01-02', max_value: '2024-01-02' },
        },
        { type: 'expect_table_row_count_to_equal', kwargs: { value: 10 } },
        { type: 'expect_table_columns_to_match_set', kwargs: { column_set: ['i', 'day'] } },
      ],
    };
    const result = await runSuite({ suite, data: `${root}/out` });
    expect(result.results.map((each) => each.exception_info.exception_message)).toEqual([null, null, null]);
    expect(result.success).toBe(true);
  });

  test('a column that is to be typed or masked and is not there is an error', async () => {
    for (const own of [{ types: { idd: 'text' } }, { masked: ['idd'] }])
      await expect(runSuite({ suite: count(3), data: { files: [csv], ...own } })).rejects.toThrow(
        '"idd", does not exist; did you mean "id"?',
      );
  });

  test('files of two formats are refused, nothing at all is an error', async () => {
    await expect(runSuite({ suite: count(0), data: [csv, writeFile('x.parquet', '')] })).rejects.toThrow(
      'several formats',
    );
    await expect(runSuite({ suite: count(0), data: `${folder}/none` })).rejects.toThrow(EngineError);
    await expect(runSuite({ suite: count(0), data: { files: [] } })).resolves.toMatchObject({
      success: true,
    });
  });
});
