import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { runSuite } from '../../../src/index.ts';
import { csvTable, writeFile } from './csv-batch.ts';

const data = csvTable({ i: 'integer', s: 'text' }, [
  [1, 'a'],
  [2, 'b'],
]);
const secretFile = writeFile('secret.csv', 'word\nhush\n');
const target = `${secretFile}.stolen`;
const batchFile = data.files[0]!;

async function ask(
  query: string,
  queryTimeoutMs = 10_000,
): Promise<{ found: unknown; refusal: string | null; all: string }> {
  const result = await runSuite({
    suite: {
      name: 's',
      expectations: [
        { type: 'unexpected_rows_expectation', kwargs: { unexpected_rows_query: query } },
        { type: 'expect_table_row_count_to_equal', kwargs: { value: 2 } },
      ],
    },
    data,
    queryTimeoutMs,
  });
  const [own, other] = result.results;
  expect(other?.success, 'the other expectation is not disturbed').toBe(true);
  return {
    found: own?.result.observed_value,
    refusal: own?.exception_info.exception_message ?? null,
    all: JSON.stringify(result),
  };
}

describe('a query of a suite may use the language', () => {
  test.each([
    ['select * from {batch}', 2],
    ['select * from batch b where exists (select 1 from batch c where c.i > b.i)', 1],
    ['with big as (select * from {batch} where i > 1) select * from big', 1],
    ['with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select n from t', 5],
    ['select i, row_number() over (order by s) from {batch} qualify row_number() over (order by s) = 1', 1],
    ['select * from (values (1), (2), (3)) v(x)', 3],
    ['from {batch} select s', 2],
    ['select unnest(range(3))', 3],
    ['select * from {batch} -- a comment', 2],
    ["select * from {batch} where s = 'read_text; -- drop'", 0],
    ['(select i from {batch}) union all (select i from {batch})', 4],
    ['select * from {batch}; ', 2],
  ])('%s', async (query, count) => {
    const { found, refusal } = await ask(query);
    expect({ found, refusal }).toEqual({ found: count, refusal: null });
  });
});

describe('a query of a suite cannot reach beyond its tables', () => {
  test.each([
    ['a file', `select * from read_csv('${secretFile}')`],
    ['a file by its name', `select * from '${secretFile}'`],
    ['a file by its quoted name', `select * from "${secretFile}"`],
    ['the text of a file', `select * from read_text('${secretFile}')`],
    ['the bytes of a file', `select content from read_blob('${secretFile}')`],
    ['the batch file itself', `select * from read_text('${batchFile}')`],
    ['a folder', "select * from glob('/**')"],
    ['the look of a file', `select * from sniff_csv('${secretFile}')`],
    [
      'a file in a subquery',
      `select * from {batch} where s in (select content from read_text('${secretFile}'))`,
    ],
    ['a file in a common table expression', `with t as (from read_text('${secretFile}')) select * from t`],
    ['a name that hides a file', `with t as (select 1) select * from '${secretFile}'`],
    ['a query in a query', `select * from query('from read_text(''${secretFile}'')')`],
    ['a table by its name', `select * from query_table('${secretFile}')`],
    ['writing a file', `copy (select 1) to '${target}'`],
    ['writing over the batch', `copy (select 1) to '${batchFile}'`],
    ['closing the bracket', `select 1) q; copy (select 1) to '${target}'; select * from (select 1`],
    ['a second statement', `select 1; copy (select 1) to '${target}'`],
    ['exporting', `export database '${target}'`],
    ['attaching', `attach '${target}' as other`],
    ['a setting', 'set enable_external_access = true'],
    ['a setting by pragma', "pragma memory_limit = '100GB'"],
    ['reading settings', 'select * from duckdb_settings()'],
    ['reading a setting', "select current_setting('temp_directory')"],
    ['an extension', 'install httpfs'],
    ['loading an extension', "load '/tmp/x.duckdb_extension'"],
    ['secrets', 'select * from duckdb_secrets()'],
    ['the environment', "select getenv('PATH')"],
    ['the catalogue', 'select * from duckdb_views()'],
    ['the schema of information', 'select * from information_schema.tables'],
    ['internal tables', 'select * from sqlite_master'],
    ['a log', `select * from enable_logging(storage = 'file', storage_config = {'path': '${target}'})`],
    ['a log entry', "select write_log('x')"],
    ['a profile', `select * from enable_profiling(save_location = '${target}')`],
    ['its own query', 'select current_query()'],
    ['waiting', 'select sleep_ms(100000)'],
    ['our own functions', "select tidemark_judge(0, 'x')"],
    ['creating', 'create table t as select 1'],
    ['dropping', 'drop view batch'],
    ['changing', 'insert into batch values (1)'],
    ['describing', 'describe batch'],
    ['summarizing', 'summarize batch'],
    ['explaining', 'explain analyze select 1'],
    ['calling', 'call pragma_version()'],
    ['checkpoints', 'select * from checkpoint()'],
    ['nothing', ''],
    ['a zero byte', 'select 1 \0 from {batch}'],
  ])('%s', async (_, query) => {
    const { refusal, all } = await ask(query);
    expect(refusal).not.toBeNull();
    expect(all).not.toContain('hush');
    expect(existsSync(target)).toBe(false);
    expect(readFileSync(batchFile, 'utf8')).toContain('"i","s"');
  });

  test('the network', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    for (const query of [
      `select * from read_csv('http://127.0.0.1:${port}/x')`,
      `from 'http://127.0.0.1:${port}/x.parquet'`,
    ]) {
      expect((await ask(query)).refusal).not.toBeNull();
    }
    expect(connections).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  test('its time', async () => {
    const endless =
      'select count(*) from range(10000000) a, range(10000000) b, {batch} where a.range % 7 = b.range % 11';
    const { refusal } = await ask(endless, 200);
    expect(refusal).toBe('stopped after 200 ms');
  });

  test('its memory', async () => {
    const greedy = 'select list(repeat(range::varchar, 1000)) from range(100000000)';
    const { refusal } = await ask(greedy);
    expect(refusal).toMatch(/Out of Memory|stopped/);
  });
});
