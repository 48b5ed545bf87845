import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  AddJobFlowStepsCommand,
  DescribeStepCommand,
  EMRClient,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CHECKOUT } from '../../scripts/setup/paths.mjs';
import { contractBucket } from './contract-target.ts';

const root = `s3://${contractBucket}/contract/${randomUUID()}`;
const s3 = new S3Client({ forcePathStyle: true });
const emr = new EMRClient({});
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
let duck: DuckDBConnection;
let cluster: string;

const hostile = [
  null,
  '',
  'NULL',
  'null',
  '\\N',
  '\\.',
  'a\\b\\\\c\\',
  'say "yes", "no"',
  '"',
  '""',
  'a,b',
  'one\ntwo',
  'one\rtwo',
  'one\r\ntwo',
  '\n',
  '\r\n',
  ' lead',
  'trail ',
  '  ',
  '\t',
  'u\u2028v\u2029w\u0085x',
  '\ufeffbom',
  '👩‍👩‍👧 żółw',
  '#comment',
  "it's",
  '\u0001\u001f',
];

const columns = ['id', 'first', 'last'];

/** Writes rows as `COPY ... TO STDOUT (FORMAT csv, HEADER)` does. */
function copyCsv(rows: readonly (readonly (string | null)[])[]): Buffer {
  const field = (value: string | null): string =>
    value === null
      ? ''
      : value === '' || value === '\\.' || /[",\r\n]/.test(value)
        ? `"${value.replaceAll('"', '""')}"`
        : value;
  const lines = [columns, ...rows].map((row) => `${row.map(field).join(',')}\n`);
  return gzipSync(lines.join(''));
}

function place(uri: string): { Bucket: string; Key: string } {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri)!;
  return { Bucket: Bucket!, Key: Key! };
}

async function put(path: string, body: string | Buffer): Promise<string> {
  const uri = `${root}/${path}`;
  await s3.send(new PutObjectCommand({ ...place(uri), Body: body }));
  return uri;
}

async function read(uri: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand(place(uri)));
  return Buffer.from(await Body!.transformToByteArray());
}

/** Stores a plan; parts that are left out are empty. */
function putPlan(name: string, parts: Record<string, unknown>): Promise<string> {
  const resultUri = `${root}/results/${name}.json`;
  return put(
    `plans/${name}.json`,
    JSON.stringify({ version: 1, step: name, runKey: 'r1', ...parts, resultUri }),
  );
}

// Many plans in one session, each through the driver's own entry below main(); one result a line.
const runPlans = `
import json, sys, driver
spark = driver.start_spark()
for uri in sys.argv[1:]:
    print(json.dumps(driver.run(spark, driver.Storage(spark), uri)[0]), flush=True)
`;

/** Runs a step to its end and gives its state and logs. */
async function run(args: string[]): Promise<{ state: string; stdout: string; stderr: string }> {
  const { StepIds } = await emr.send(
    new AddJobFlowStepsCommand({
      JobFlowId: cluster,
      Steps: [
        {
          Name: 'contract',
          ActionOnFailure: 'CONTINUE',
          HadoopJarStep: {
            Jar: 'command-runner.jar',
            Args: ['spark-submit', '--deploy-mode', 'cluster', ...args],
          },
        },
      ],
    }),
  );
  const StepId = StepIds![0]!;
  const state = await vi.waitFor(
    async () => {
      const { Step } = await emr.send(new DescribeStepCommand({ ClusterId: cluster, StepId }));
      expect(Step!.Status!.State).toMatch(/COMPLETED|FAILED|CANCELLED|INTERRUPTED/);
      return Step!.Status!.State!;
    },
    { timeout: 120_000, interval: 200 },
  );
  const log = (name: string) =>
    vi.waitFor(
      async () => String(gunzipSync(await read(`${root}/logs/${cluster}/steps/${StepId}/${name}.gz`))),
      {
        timeout: 10_000,
      },
    );
  return { state, stdout: await log('stdout'), stderr: await log('stderr') };
}

async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  return (await duck.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
}

beforeAll(async () => {
  duck = await instance.connect();
  const endpoint = new URL(process.env.AWS_ENDPOINT_URL_S3!).host;
  await duck.run(`LOAD '${process.env.TIDEMARK_DUCKDB_HTTPFS}'`);
  await duck.run(
    `CREATE SECRET (TYPE s3, KEY_ID '${process.env.AWS_ACCESS_KEY_ID}', SECRET '${process.env.AWS_SECRET_ACCESS_KEY}',
     ENDPOINT '${endpoint}', URL_STYLE 'path', USE_SSL false, REGION '${process.env.AWS_REGION}')`,
  );
  await put('driver.py', readFileSync(join(CHECKOUT, 'spark/driver.py')));
  const { JobFlowId } = await emr.send(
    new RunJobFlowCommand({
      Name: 'spark-driver contract',
      LogUri: `${root}/logs/`,
      Instances: { KeepJobFlowAliveWhenNoSteps: true },
    }),
  );
  cluster = JobFlowId!;
});

afterAll(async () => {
  await emr.send(new TerminateJobFlowsCommand({ JobFlowIds: [cluster] }));
  duck.closeSync();
  instance.closeSync();
  emr.destroy();
  s3.destroy();
});

interface Output {
  rows: number;
  sums: Record<string, string | null>;
  files: { path: string; sizeBytes: number; partition: Record<string, string | null> }[];
}

describe('a plan that works', () => {
  let outputs: Record<string, Output>;
  let metrics: Record<string, Record<string, string | null>>;
  let stdout: string;
  let resultText: string;

  beforeAll(async () => {
    const rows = hostile.map((value, id) => [String(id), value, value]);
    const paths = [
      await put('raw/part-0.csv.gz', copyCsv(rows.slice(0, 13))),
      await put('raw/part-1.csv.gz', copyCsv(rows.slice(13))),
      await put('raw/part-2.csv.gz', copyCsv([])),
    ];
    const base = `${root}/base/day=1/a.parquet`;
    await duck.run(
      `COPY (SELECT 1::INT AS id, 12.50::DECIMAL(12,2) AS amount) TO '${base}' (FORMAT parquet)`,
    );
    const parquet = 'amount DECIMAL(12,2), day STRING, id INT';
    const typed =
      'SELECT CAST(id AS INT) AS id, CAST(id AS DECIMAL(12,2)) * 1.25 AS amount, first, last, _corrupt_record FROM raw';
    const parted = `SELECT id, TIMESTAMP'2023-01-01 00:00:00.123456' AS at,
      CASE id % 3 WHEN 0 THEN 'a:b/c=d %é+' WHEN 1 THEN '2023-01-01' END AS _part FROM typed`;
    const to = (view: string) => ({ name: view, view, path: `${root}/out/${view}/` });
    const uri = await putPlan('good', {
      conf: { 'spark.sql.shuffle.partitions': '2' },
      inputs: [
        { view: 'raw', format: 'csv', paths, columns },
        { view: 'no_csv', format: 'csv', paths: [], columns },
        { view: 'base', format: 'parquet', paths: [`${root}/base/`], schema: parquet },
        { view: 'no_parquet', format: 'parquet', paths: [], schema: parquet },
      ],
      statements: [
        { view: 'typed', sql: typed, cache: true },
        { view: 'split', sql: 'SELECT id FROM typed' },
        { view: 'parted', sql: parted },
        { view: 'parted_none', sql: 'SELECT * FROM parted WHERE id > 1000' },
        { view: 'joined', sql: 'SELECT n.* FROM typed t JOIN no_parquet n ON t.id = n.id' },
      ],
      outputs: [
        { ...to('typed'), sums: ['amount'], coalesce: 1, partitionBy: [], maxRecordsPerFile: null },
        { ...to('split'), coalesce: 1, maxRecordsPerFile: 10 },
        { ...to('parted'), partitionBy: ['_part'], sums: ['id'] },
        { ...to('parted_none'), partitionBy: ['_part'], sums: ['id'] },
        { ...to('joined'), sums: ['amount'] },
      ],
      metrics: [
        { name: 'raw', sql: 'SELECT count(*) AS n, count(_corrupt_record) AS corrupt FROM typed' },
        { name: 'base', sql: 'SELECT sum(amount) AS total, max(day) AS day, max(id) AS id FROM base' },
        { name: 'none', sql: 'SELECT count(*) AS n, sum(amount) AS total FROM no_parquet' },
        { name: 'no_csv', sql: 'SELECT count(*) AS n FROM no_csv' },
      ],
    });
    const done = await run([`${root}/driver.py`, uri]);
    expect(done.state, done.stdout + done.stderr).toBe('COMPLETED');
    stdout = done.stdout;
    resultText = String(await read(`${root}/results/good.json`));
    const result = JSON.parse(resultText);
    expect(result).toMatchObject({ version: 1, step: 'good', runKey: 'r1', ok: true });
    metrics = result.metrics;
    outputs = Object.fromEntries(result.outputs.map((each: { name: string }) => [each.name, each]));
  });

  test('hostile values of COPY reach Parquet exactly', async () => {
    // In hex, because the client that shows the rows drops a leading U+FEFF.
    const rows = await rowsOf(
      `SELECT id, hex(first) AS first, hex(last) AS last, _corrupt_record AS corrupt
       FROM read_parquet('${root}/out/typed/*.parquet') ORDER BY id`,
    );
    const hex = (value: string | null) =>
      value === null ? null : Buffer.from(value).toString('hex').toUpperCase();
    const expected = hostile.map((value, id) => ({
      id,
      first: hex(value),
      last: hex(value),
      corrupt: null,
    }));
    expect(rows).toEqual(expected);
  });

  test('rows, exact sums and metrics are reported, for empty inputs too', () => {
    const sum = (hostile.length * (hostile.length - 1)) / 2;
    expect(outputs.typed).toMatchObject({ rows: hostile.length, sums: { amount: (sum * 1.25).toFixed(4) } });
    expect(outputs.parted).toMatchObject({ rows: hostile.length, sums: { id: String(sum) } });
    expect(outputs.parted_none).toMatchObject({ rows: 0, sums: { id: null }, files: [] });
    expect(outputs.joined).toMatchObject({ rows: 0, sums: { amount: null } });
    expect(metrics).toEqual({
      raw: { n: String(hostile.length), corrupt: '0' },
      base: { total: '12.50', day: null, id: '1' },
      none: { n: '0', total: null },
      no_csv: { n: '0' },
    });
  });

  test('every file that it names exists with that size, under its partition', async () => {
    const files = Object.values(outputs).flatMap((each) => each.files);
    for (const { path, sizeBytes } of files) {
      const { ContentLength } = await s3.send(new HeadObjectCommand(place(path)));
      expect(ContentLength).toBe(sizeBytes);
    }
    const parts = outputs.parted!.files.map((file) => file.partition._part);
    expect(new Set(parts)).toEqual(new Set(['a:b/c=d %é+', '2023-01-01', null]));
    expect(parts).toHaveLength(3);
    expect(outputs.split!.files).toHaveLength(Math.ceil(hostile.length / 10));
  });

  test('Parquet has UTC micros and a schema even without rows; the magic committer wrote it', async () => {
    const [file] = outputs.parted!.files;
    // DuckDB takes %XX in a URI for an escape, so that an object whose key holds one needs it escaped again.
    const uri = file!.path.replaceAll('%', '%25');
    const [at] = await rowsOf(`SELECT type, logical_type FROM parquet_schema('${uri}') WHERE name = 'at'`);
    expect(at!.type).toBe('INT64');
    expect(at!.logical_type).toMatch(/isAdjustedToUTC=(1|true).*MICROS=/s);
    const empty = await rowsOf(`DESCRIBE SELECT * FROM read_parquet('${outputs.joined!.files[0]!.path}')`);
    expect(empty.map((each) => each.column_name)).toEqual(['amount', 'day', 'id']);
    const success = JSON.parse(String(await read(`${root}/out/typed/_SUCCESS`)));
    expect(success.committer).toBe('magic');
  });

  test('the result is the last line of stdout too', () => {
    const lines = stdout.split('\n').filter((line) => line.startsWith('TIDEMARK_RESULT '));
    expect(lines.map((line) => line.slice('TIDEMARK_RESULT '.length))).toEqual([resultText]);
  });
});

describe('a plan that fails', () => {
  const secret = 'secret-value';
  const input = (paths: string[], names = columns) => ({ view: 'raw', format: 'csv', paths, columns: names });
  const output = (view: string, more = {}) => ({ name: 'x', view, path: `${root}/failed/${view}/`, ...more });
  let csv: string;

  beforeAll(async () => {
    csv = await put('raw/secret.csv.gz', copyCsv([['1', secret, secret]]));
  });

  test('ends its step FAILED, and neither result nor logs hold a value of a row', async () => {
    const uri = await putPlan('cast', {
      inputs: [input([csv])],
      statements: [{ view: 'v', sql: 'SELECT CAST(first AS INT) AS i FROM raw' }],
      outputs: [output('v')],
    });
    const { state, stdout, stderr } = await run([`${root}/driver.py`, uri]);
    expect(state).toBe('FAILED');
    const text = String(await read(`${root}/results/cast.json`));
    const { ok, error } = JSON.parse(text);
    expect({ ok, kind: error.kind }).toEqual({ ok: false, kind: 'data' });
    expect(error.message).toMatch(/^output x: .*CAST_INVALID_INPUT.*CAST\(first AS INT\)/);
    expect(stdout).toContain(`TIDEMARK_RESULT ${text}`);
    expect(stdout + stderr + text).not.toContain(secret);
  });

  test('says what is wrong and where', async () => {
    const parquet = { view: 'p', format: 'parquet', paths: [`${root}/nowhere/`], schema: 'id INT' };
    const select = (sql: string) => ({ inputs: [input([csv])], statements: [{ view: 'v', sql }] });
    const count = [{ name: 'm', sql: 'SELECT count(*) AS n FROM raw' }];
    const cases: [parts: Record<string, unknown>, kind: string, message: RegExp][] = [
      [{ outptus: [] }, 'plan', /^plan: unknown key outptus$/],
      [
        { inputs: [{ ...parquet, format: 'orc' }] },
        'plan',
        /inputs\[0\]\.format: 'orc' is none of csv, parquet/,
      ],
      [{ inputs: [input([csv], ['id'])] }, 'plan', /^input raw: a CSV of one column/],
      [{ outputs: [output('none')] }, 'plan', /no input or statement defines the view none/],
      [
        { ...select('SELECT 1 AS a'), outputs: [output('v'), { ...output('v'), name: 'y' }] },
        'plan',
        /lies in/,
      ],
      [select('SELEC 1'), 'sql', /^statement v: .*PARSE_SYNTAX_ERROR/],
      [select('SELECT nope FROM raw'), 'sql', /^statement v: .*`nope` cannot be resolved.*`first`/],
      [
        { ...select('SELECT first FROM raw'), outputs: [output('v', { sums: ['first'] })] },
        'plan',
        /not a number/,
      ],
      [{ inputs: [parquet] }, 'data', /^input p: .*PATH_NOT_FOUND.*nowhere/],
      [
        { inputs: [input([csv], ['id', 'first', 'other'])], metrics: count },
        'data',
        /^metric m: .*the header of .*secret\.csv\.gz differs/,
      ],
      [
        {
          inputs: [input([csv])],
          metrics: [{ name: 'm', sql: `SELECT assert_true(first = 'x', 'grain') FROM raw` }],
        },
        'data',
        /grain/,
      ],
      [
        { inputs: [input([csv])], metrics: [{ name: 'm', sql: 'SELECT raise_error(last) FROM raw' }] },
        'data',
        /USER_RAISED/,
      ],
      [{ metrics: [{ name: 'm', sql: 'SELECT 1 AS a WHERE false' }] }, 'plan', /^metric m: expected one row/],
      [
        { conf: { 'spark.executor.memory': '1g' } },
        'sql',
        /^conf spark\.executor\.memory: .*CANNOT_MODIFY_CONFIG/,
      ],
    ];
    const uris = await Promise.all(cases.map(([parts], index) => putPlan(`bad-${index}`, parts)));
    const script = await put('run-plans.py', runPlans);
    const done = await run(['--py-files', `${root}/driver.py`, script, ...uris]);
    const results = done.stdout.split('\n').filter((line) => line.startsWith('{'));
    expect(results, done.stdout + done.stderr).toHaveLength(cases.length);
    for (const [index, [, kind, message]] of cases.entries()) {
      const { ok, error } = JSON.parse(results[index]!);
      expect({ ok, kind: error.kind }, error.message).toEqual({ ok: false, kind });
      expect(error.message).toMatch(message);
    }
    expect(done.stdout + done.stderr).not.toContain(secret);
  });
});
