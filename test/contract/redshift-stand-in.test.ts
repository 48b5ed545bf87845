import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchCreatePartitionCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  GlueClient,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementCommandOutput,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  ListDatabasesCommand,
  ListStatementsCommand,
  RedshiftDataClient,
  ResourceNotFoundException,
  ValidationException,
} from '@aws-sdk/client-redshift-data';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  accessKey,
  awsEnvironment,
  type LocalServer,
  parquetBytes,
  removeFolder,
  scratchFolder,
  startSeaweed,
  startStandIn,
} from './local-stand-ins.ts';

const folder = scratchFolder('redshift');
const place = { WorkgroupName: 'tidemark', Database: 'dev' };
const role = "IAM_ROLE 'arn:aws:iam::000000000000:role/spectrum'";
let seaweed: LocalServer;
let glueServer: LocalServer;
let redshiftServer: LocalServer;
let environment: Record<string, string>;
let glue: GlueClient;
let s3: S3Client;
let redshift: RedshiftDataClient;

const connect = (): RedshiftDataClient =>
  new RedshiftDataClient({
    endpoint: redshiftServer.url,
    region: 'us-east-1',
    credentials: accessKey,
    maxAttempts: 1,
  });

/** Waits until a statement is over. */
async function finish(id: string | undefined): Promise<DescribeStatementCommandOutput> {
  for (;;) {
    const described = await redshift.send(new DescribeStatementCommand({ Id: id, WaitTimeSeconds: 20 }));
    if (/FINISHED|FAILED|ABORTED/.test(described.Status ?? '')) return described;
  }
}

async function run(...sqls: string[]): Promise<DescribeStatementCommandOutput> {
  const { Id } =
    sqls.length === 1
      ? await redshift.send(new ExecuteStatementCommand({ ...place, Sql: sqls[0] }))
      : await redshift.send(new BatchExecuteStatementCommand({ ...place, Sqls: sqls }));
  return finish(Id);
}

async function submit(...Sqls: string[]): Promise<string | undefined> {
  return (await redshift.send(new BatchExecuteStatementCommand({ ...place, Sqls }))).Id;
}

/** Waits until a statement of a batch, counted from 1, has this status. */
async function reaches(Id: string | undefined, part: number, status: string): Promise<void> {
  const current = async () =>
    (await redshift.send(new DescribeStatementCommand({ Id }))).SubStatements?.[part - 1]?.Status;
  await expect.poll(current, { timeout: 20_000 }).toBe(status);
}

/** Creates a table of `mart` and keeps it locked until it is released. */
async function holdTable(name: string): Promise<{ release(): Promise<void> }> {
  await must(`CREATE TABLE mart.${name} (n INT)`);
  await knob('/_engine', { mode: 'slow-commit', delayMs: 60_000, match: `held ${name}` });
  const Id = await submit(`LOCK mart.${name}`, `SELECT 'held ${name}'`);
  await reaches(Id, 1, 'FINISHED');
  return {
    release: async () => {
      await redshift.send(new CancelStatementCommand({ Id }));
      expect((await finish(Id)).Status).toBe('ABORTED');
    },
  };
}

/** Runs statements that must succeed, each on its own. */
async function must(...sqls: string[]): Promise<void> {
  for (const sql of sqls) {
    const { Status, Error: error } = await run(sql);
    expect(`${Status} ${error ?? ''}`, sql).toBe('FINISHED ');
  }
}

const plain = (field: Field): unknown => (field.isNull === true ? null : Object.values(field)[0]);

/** Rows of a query, all pages. */
async function rows(sql: string): Promise<unknown[][]> {
  const { Id, Status, Error: error } = await run(sql);
  expect(`${Status} ${error ?? ''}`, sql).toBe('FINISHED ');
  const found: unknown[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await redshift.send(
      new GetStatementResultCommand({ Id, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    found.push(...(page.Records ?? []).map((record) => record.map(plain)));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

async function knob(path: '/_engine' | '/_faults', body: object): Promise<void> {
  const answer = await fetch(`${redshiftServer.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
}

/** Writes the rows of a DuckDB query as a Parquet object; gives its size in bytes. */
async function putParquet(Key: string, query: string): Promise<number> {
  const Body = await parquetBytes(query);
  await s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body }));
  return Body.length;
}

async function putTable(Name: string, columns: string, location: string, keys = ''): Promise<void> {
  const parse = (list: string) =>
    list
      .split(', ')
      .filter((one) => one !== '')
      .map((one) => ({ Name: one.split(' ')[0], Type: one.split(' ')[1] }));
  await glue.send(
    new CreateTableCommand({
      DatabaseName: 'curated',
      TableInput: {
        Name,
        TableType: 'EXTERNAL_TABLE',
        Parameters: { classification: 'parquet' },
        PartitionKeys: parse(keys),
        StorageDescriptor: { Columns: parse(columns), Location: location },
      },
    }),
  );
}

async function putPartitions(TableName: string, locations: Record<string, string>): Promise<void> {
  const PartitionInputList = Object.entries(locations).map(([value, Location]) => ({
    Values: value.split(','),
    StorageDescriptor: { Location },
  }));
  await glue.send(
    new BatchCreatePartitionCommand({ DatabaseName: 'curated', TableName, PartitionInputList }),
  );
}

async function waitForS3(): Promise<void> {
  await vi.waitFor(() => s3.send(new CreateBucketCommand({ Bucket: 'lake' })), {
    timeout: 30_000,
    interval: 100,
  });
}

beforeAll(async () => {
  [seaweed, glueServer] = await Promise.all([
    startSeaweed(join(folder, 'seaweed')),
    startStandIn('glue', join(folder, 'glue')),
  ]);
  environment = awsEnvironment({
    AWS_ENDPOINT_URL_S3: seaweed.url,
    AWS_ENDPOINT_URL_GLUE: glueServer.url,
  });
  const options = { region: 'us-east-1', credentials: accessKey };
  s3 = new S3Client({ ...options, endpoint: seaweed.url, forcePathStyle: true });
  glue = new GlueClient({ ...options, endpoint: glueServer.url });
  redshiftServer = await startStandIn('redshift', join(folder, 'redshift'), environment);
  redshift = connect();
  await waitForS3();
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'curated' } }));
  await must(
    'CREATE SCHEMA mart',
    `CREATE EXTERNAL SCHEMA IF NOT EXISTS lake FROM DATA CATALOG DATABASE 'curated' ${role} REGION 'us-east-1'`,
  );
});

afterAll(async () => {
  for (const client of [redshift, glue, s3]) client?.destroy();
  await Promise.all([redshiftServer, glueServer, seaweed].map((server) => server?.kill()));
  removeFolder(folder);
});

describe('statements', () => {
  it('answer with an id at once and run by themselves', async () => {
    await knob('/_engine', { mode: 'slow', delayMs: 300, match: 'slow-to-start' });
    const Sql = "SELECT 'slow-to-start'";
    const { Id, CreatedAt, Database } = await redshift.send(
      new ExecuteStatementCommand({ ...place, Sql, StatementName: 'probe', WithEvent: true }),
    );
    expect(Database).toBe('dev');
    expect(Math.abs(Date.now() - (CreatedAt?.getTime() ?? 0))).toBeLessThan(10_000);
    const early = await redshift.send(new DescribeStatementCommand({ Id }));
    expect(early.Status).toMatch(/SUBMITTED|PICKED|STARTED/);
    expect(await finish(Id)).toMatchObject({
      Status: 'FINISHED',
      HasResultSet: true,
      ResultRows: 1,
      QueryString: Sql,
    });
    const { Statements } = await redshift.send(new ListStatementsCommand({ StatementName: 'probe' }));
    expect(Statements?.map((one) => one.Id)).toEqual([Id]);
  });

  it('give typed fields and columns as Redshift does', async () => {
    const { Id } = await run(
      `SELECT CAST(7 AS INT) AS i, CAST(8 AS BIGINT) AS b, 1.5::float8 AS f, true AS yes, 12.50::decimal(10,2) AS money,
         DATE '2023-01-31' AS d, TIMESTAMP '2023-01-31 10:20:30.120' AS ts, 'text' AS t, NULL::varchar AS nothing,
         count(*), sum(2)`,
    );
    const { Records, ColumnMetadata } = await redshift.send(new GetStatementResultCommand({ Id }));
    expect(Records?.[0]).toEqual([
      { longValue: 7 },
      { longValue: 8 },
      { doubleValue: 1.5 },
      { booleanValue: true },
      { stringValue: '12.50' },
      { stringValue: '2023-01-31' },
      { stringValue: '2023-01-31 10:20:30.12' },
      { stringValue: 'text' },
      { isNull: true },
      { longValue: 1 },
      { longValue: 2 },
    ]);
    expect(ColumnMetadata?.map((one) => `${one.name} ${one.typeName}`)).toEqual([
      'i int4',
      'b int8',
      'f float8',
      'yes bool',
      'money numeric',
      'd date',
      'ts timestamp',
      't varchar',
      'nothing varchar',
      'count int8',
      'sum int8',
    ]);
    expect(ColumnMetadata?.[4]).toMatchObject({ precision: 10, scale: 2 });
  });

  it('page long results', async () => {
    await must('CREATE TABLE mart.long_rows (n BIGINT IDENTITY(1,1), t VARCHAR(65535))');
    await must("INSERT INTO mart.long_rows (t) VALUES (repeat('x', 60000))");
    for (let doubled = 1; doubled < 64; doubled *= 2) {
      await must('INSERT INTO mart.long_rows (t) SELECT t FROM mart.long_rows');
    }
    const { Id } = await run('SELECT n, t FROM mart.long_rows ORDER BY n');
    const first = await redshift.send(new GetStatementResultCommand({ Id }));
    expect(first.NextToken).toBeDefined();
    expect(first.TotalNumRows).toBe(64);
    const all = await rows('SELECT n, t FROM mart.long_rows ORDER BY n');
    expect(all.map(([n]) => n)).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
  });

  it('take named parameters as text that its place converts', async () => {
    await must('CREATE TABLE mart.people (id INT, name VARCHAR(20), born DATE)');
    const insert = await redshift.send(
      new ExecuteStatementCommand({
        ...place,
        Sql: "INSERT INTO mart.people VALUES (:id, :name, :born::date), (2, ':id is no parameter', NULL)",
        Parameters: [
          { name: 'id', value: '1' },
          { name: 'name', value: "O'Hara; --" },
          { name: 'born', value: '1990-02-28' },
        ],
      }),
    );
    expect(await finish(insert.Id)).toMatchObject({ Status: 'FINISHED', ResultRows: 2 });
    expect(await rows('SELECT * FROM mart.people ORDER BY id')).toEqual([
      [1, "O'Hara; --", '1990-02-28'],
      [2, ':id is no parameter', null],
    ]);
    const unused = new ExecuteStatementCommand({
      ...place,
      Sql: 'SELECT :a',
      Parameters: [
        { name: 'a', value: '1' },
        { name: 'b', value: '1' },
      ],
    });
    await expect(redshift.send(unused)).rejects.toThrow(/Unused parameters: \[b\]/);
  });

  it('refuse what the Data API refuses', async () => {
    const unknown = new ExecuteStatementCommand({
      WorkgroupName: 'nowhere',
      Database: 'dev',
      Sql: 'SELECT 1',
    });
    await expect(redshift.send(unknown)).rejects.toThrow(ValidationException);
    const neither = new ExecuteStatementCommand({ Database: 'dev', Sql: 'SELECT 1' });
    await expect(redshift.send(neither)).rejects.toThrow(ValidationException);
    const tooMany = new BatchExecuteStatementCommand({ ...place, Sqls: Array(41).fill('SELECT 1') });
    await expect(redshift.send(tooMany)).rejects.toThrow(ValidationException);
    const absent = new DescribeStatementCommand({ Id: '00000000-0000-0000-0000-000000000000' });
    await expect(redshift.send(absent)).rejects.toThrow(ResourceNotFoundException);
    const { Id } = await redshift.send(
      new ExecuteStatementCommand({ WorkgroupName: 'tidemark', Database: 'nope', Sql: 'SELECT 1' }),
    );
    expect(await finish(Id)).toMatchObject({
      Status: 'FAILED',
      Error: 'ERROR: database "nope" does not exist',
    });
    await expect(redshift.send(new GetStatementResultCommand({ Id }))).rejects.toThrow(
      ResourceNotFoundException,
    );
    const { Databases } = await redshift.send(new ListDatabasesCommand(place));
    expect(Databases).toContain('dev');
  });

  it('run once for one ClientToken', async () => {
    await must('CREATE TABLE mart.once (n INT)');
    const request = { ...place, Sql: 'INSERT INTO mart.once VALUES (1)', ClientToken: 'token-once' };
    await knob('/_faults', { operation: 'ExecuteStatement', mode: 'lost-answer' });
    await expect(redshift.send(new ExecuteStatementCommand(request))).rejects.toThrow();
    const again = await redshift.send(new ExecuteStatementCommand(request));
    const third = await redshift.send(new ExecuteStatementCommand(request));
    expect(third.Id).toBe(again.Id);
    await finish(again.Id);
    expect(await rows('SELECT count(*) FROM mart.once')).toEqual([[1]]);
    const other = new ExecuteStatementCommand({ ...request, Sql: 'INSERT INTO mart.once VALUES (2)' });
    await expect(redshift.send(other)).rejects.toThrow(ValidationException);
  });
});

describe('transactions', () => {
  it('apply a batch whole or not at all, views included', async () => {
    await must(
      'CREATE TABLE mart.gen1 (n INT)',
      'CREATE TABLE mart.gen2 (n INT)',
      'INSERT INTO mart.gen1 VALUES (1)',
      'INSERT INTO mart.gen2 VALUES (2)',
      'CREATE TABLE mart.ledger (seq INT)',
      'CREATE OR REPLACE VIEW mart.current AS SELECT n FROM mart.gen1 WITH NO SCHEMA BINDING',
    );
    const switched = 'CREATE OR REPLACE VIEW mart.current AS SELECT n FROM mart.gen2 WITH NO SCHEMA BINDING';
    const failed = await run(
      'INSERT INTO mart.ledger VALUES (1)',
      switched,
      'SELECT nope FROM mart.gen1',
      'SELECT 1',
    );
    expect(failed.Status).toBe('FAILED');
    expect(failed.Error).toBe('Query #3 failed with ERROR: column "nope" does not exist');
    expect(failed.SubStatements?.map((one) => one.Status)).toEqual([
      'FINISHED',
      'FINISHED',
      'FAILED',
      'ABORTED',
    ]);
    expect(await rows('SELECT n, (SELECT count(*) FROM mart.ledger) FROM mart.current')).toEqual([[1, 0]]);

    const done = await run('INSERT INTO mart.ledger VALUES (1)', switched, 'SELECT n FROM mart.current');
    expect(done).toMatchObject({ Status: 'FINISHED', HasResultSet: true });
    const [, , last] = done.SubStatements ?? [];
    const { Records } = await redshift.send(new GetStatementResultCommand({ Id: last?.Id }));
    expect(Records).toEqual([[{ longValue: 2 }]]);
    expect(await rows('SELECT n, (SELECT count(*) FROM mart.ledger) FROM mart.current')).toEqual([[2, 1]]);
    await expect(redshift.send(new GetStatementResultCommand({ Id: done.Id }))).rejects.toThrow(
      /sub-statement/,
    );
  });

  it('let a guard stop them', async () => {
    await must('CREATE TABLE mart.guarded (seq INT)', 'INSERT INTO mart.guarded VALUES (5)');
    const guard = (seq: number) =>
      `SELECT CAST(CASE WHEN (SELECT max(seq) FROM mart.guarded) > ${seq} THEN 'newer publication loaded' ELSE '0' END AS INT)`;
    const stopped = await run('LOCK mart.guarded', guard(4), 'INSERT INTO mart.guarded VALUES (4)');
    expect(stopped).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringContaining('newer publication loaded'),
    });
    const passed = await run('LOCK mart.guarded', guard(5), 'INSERT INTO mart.guarded VALUES (6)');
    expect(passed.Status).toBe('FINISHED');
    expect(await rows('SELECT seq FROM mart.guarded ORDER BY seq')).toEqual([[5], [6]]);
  });

  it('wait for each other at LOCK, and see what the one before committed', async () => {
    await must('CREATE TABLE mart.counter (n INT)', 'INSERT INTO mart.counter VALUES (0)');
    const statements = Array.from({ length: 6 }, () =>
      run('LOCK mart.counter', 'SELECT n FROM mart.counter', 'UPDATE mart.counter SET n = n + 1'),
    );
    expect((await Promise.all(statements)).map((one) => one.Status)).toEqual(Array(6).fill('FINISHED'));
    expect(await rows('SELECT n FROM mart.counter')).toEqual([[6]]);
  });

  it('fail with 1023 when they read before another wrote', async () => {
    await must('CREATE TABLE mart.racing (n INT)', 'INSERT INTO mart.racing VALUES (0)');
    const gate = await holdTable('first_gate');
    const first = await submit('UPDATE mart.racing SET n = n + 100', 'LOCK mart.first_gate');
    await reaches(first, 1, 'FINISHED');
    const second = await submit(
      'SELECT max(n) FROM mart.racing',
      'LOCK mart.racing',
      'INSERT INTO mart.racing SELECT max(n) + 1 FROM mart.racing',
    );
    await reaches(second, 1, 'FINISHED');
    await gate.release();
    expect((await finish(first)).Status).toBe('FINISHED');
    expect((await finish(second)).Error).toMatch(
      /ERROR: 1023 DETAIL: Serializable isolation violation on table - dev.mart.racing/,
    );
    expect(await rows('SELECT n FROM mart.racing')).toEqual([[100]]);
  });

  it('end in a deadlock error rather than wait for ever', async () => {
    await must('CREATE TABLE mart.left_side (n INT)', 'CREATE TABLE mart.right_side (n INT)');
    const gate = await holdTable('second_gate');
    const first = await submit('LOCK mart.left_side', 'LOCK mart.second_gate', 'LOCK mart.right_side');
    await reaches(first, 1, 'FINISHED');
    const second = await submit('LOCK mart.right_side', 'LOCK mart.left_side');
    await reaches(second, 2, 'STARTED');
    await gate.release();
    expect((await finish(first)).Error).toBe('Query #3 failed with ERROR: deadlock detected');
    expect((await finish(second)).Status).toBe('FINISHED');
  });

  it('fail with 1023 on demand and leave nothing', async () => {
    await must('CREATE TABLE mart.unlucky (n INT)');
    await knob('/_engine', { mode: 'conflict', match: 'mart.unlucky' });
    const failed = await run('INSERT INTO mart.unlucky VALUES (1)', 'SELECT 1');
    expect(failed).toMatchObject({ Status: 'FAILED', Error: expect.stringMatching(/ERROR: 1023/) });
    expect(await rows('SELECT count(*) FROM mart.unlucky')).toEqual([[0]]);
  });

  it('can be cancelled while they wait and while they run', async () => {
    await must('CREATE TABLE mart.cancelled (n INT)');
    await knob('/_engine', { mode: 'slow', delayMs: 60_000, match: 'mart.cancelled' });
    const waiting = await redshift.send(
      new ExecuteStatementCommand({ ...place, Sql: 'INSERT INTO mart.cancelled VALUES (1)' }),
    );
    await expect
      .poll(async () => (await redshift.send(new DescribeStatementCommand({ Id: waiting.Id }))).Status)
      .toBe('STARTED');
    expect((await redshift.send(new CancelStatementCommand({ Id: waiting.Id }))).Status).toBe(true);
    expect((await finish(waiting.Id)).Status).toBe('ABORTED');

    await must(
      'CREATE TABLE mart.wide AS SELECT a.n FROM mart.long_rows a, mart.long_rows b, mart.long_rows c',
    );
    const endless =
      'SELECT count(*) FROM mart.wide a, mart.wide b, mart.wide c WHERE a.n * b.n % 7 = c.n % 3';
    const running = await redshift.send(new ExecuteStatementCommand({ ...place, Sql: endless }));
    await expect
      .poll(async () => (await redshift.send(new DescribeStatementCommand({ Id: running.Id }))).Status)
      .toBe('STARTED');
    await redshift.send(new CancelStatementCommand({ Id: running.Id }));
    expect((await finish(running.Id)).Status).toBe('ABORTED');
    expect(await rows('SELECT count(*) FROM mart.cancelled')).toEqual([[0]]);
    await expect(redshift.send(new CancelStatementCommand({ Id: running.Id }))).rejects.toThrow(
      ValidationException,
    );
  });

  it('commit one by one in AUTO_COMMIT mode', async () => {
    await must('CREATE TABLE mart.single (n INT)');
    const { Id } = await redshift.send(
      new BatchExecuteStatementCommand({
        ...place,
        ExecutionMode: 'AUTO_COMMIT',
        Sqls: ['INSERT INTO mart.single VALUES (1)', 'SELECT 1/0', 'INSERT INTO mart.single VALUES (2)'],
      }),
    );
    const { SubStatements } = await finish(Id);
    expect(SubStatements?.map((one) => one.Status)).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
    expect(await rows('SELECT n FROM mart.single ORDER BY n')).toEqual([[1], [2]]);
  });

  it.each([
    ['CREATE EXTERNAL SCHEMA', `CREATE EXTERNAL SCHEMA other FROM DATA CATALOG DATABASE 'curated' ${role}`],
    [
      'CREATE EXTERNAL TABLE',
      "CREATE EXTERNAL TABLE lake.t (a INT) STORED AS PARQUET LOCATION 's3://lake/t/'",
    ],
    ['ALTER TABLE ALTER COLUMN', 'ALTER TABLE mart.people ALTER COLUMN name TYPE VARCHAR(40)'],
  ])('do not hold %s', async (statement, sql) => {
    const { Error: error } = await run('SELECT 1', sql);
    expect(error).toBe(`Query #2 failed with ERROR: ${statement} cannot run inside a transaction block`);
  });

  it('are needed by LOCK', async () => {
    expect((await run('LOCK TABLE mart.people')).Error).toMatch(/may only be used in transaction blocks/);
  });
});

describe('native tables', () => {
  beforeAll(async () => {
    await must(
      `CREATE TABLE IF NOT EXISTS mart.orders_fact (
         order_id BIGINT NOT NULL ENCODE az64, customer_id INTEGER, note VARCHAR(6) ENCODE lzo,
         total_price DECIMAL(6,2), ordered_at TIMESTAMP SORTKEY, is_paid BOOLEAN DEFAULT false,
         PRIMARY KEY (order_id), FOREIGN KEY (customer_id) REFERENCES mart.people (id), UNIQUE (note)
       ) DISTSTYLE KEY DISTKEY (customer_id) COMPOUND SORTKEY (ordered_at, order_id)`,
    );
  });

  it('take keys as information only', async () => {
    await must(
      "INSERT INTO mart.orders_fact (order_id, customer_id, note) VALUES (1, 404, 'same'), (1, 404, 'same')",
    );
    expect(await rows('SELECT order_id, is_paid FROM mart.orders_fact')).toEqual([
      [1, false],
      [1, false],
    ]);
    await must('TRUNCATE mart.orders_fact');
  });

  it.each([
    [
      "INSERT INTO mart.orders_fact (order_id, note) VALUES (1, 'éééé')",
      'value too long for type character varying(6)',
    ],
    [
      "UPDATE mart.people SET name = repeat('x', 21) WHERE id = 1",
      'value too long for type character varying(20)',
    ],
    [
      'INSERT INTO mart.orders_fact (order_id, total_price) VALUES (1, 12345.6)',
      'Numeric data overflow (result precision)',
    ],
    [
      "INSERT INTO mart.orders_fact (order_id, total_price) VALUES (1, 'x')",
      'invalid input syntax for type numeric: "x"',
    ],
    [
      'INSERT INTO mart.orders_fact (customer_id) VALUES (1)',
      'Cannot insert a NULL value into column order_id',
    ],
    [
      'INSERT INTO mart.orders_fact (order_id) SELECT 1, 2',
      'INSERT has more expressions than target columns',
    ],
    [
      'INSERT INTO mart.orders_fact (order_id, nope) VALUES (1, 2)',
      'column "nope" of relation "mart.orders_fact" does not exist',
    ],
    ['SELECT * FROM mart.nowhere', 'relation "mart.nowhere" does not exist'],
    ['SELECT 99999999999::int', 'Value out of range for 4 bytes.'],
    ['SELECT 1/0', 'Divide by zero'],
    ['COMMENT ON TABLE mart.people IS 1', 'not supported by the local stand-in: the statement COMMENT ON'],
    ["SELECT regexp_substr('a', 'b')", 'not supported by the local stand-in: function regexp_substr'],
  ])('fail as in Redshift: %s', async (sql, message) => {
    expect((await run(sql)).Error).toBe(`ERROR: ${message}`);
  });

  it('are loaded through a staging table in one transaction', async () => {
    await must("INSERT INTO mart.orders_fact (order_id, note) VALUES (1, 'old'), (2, 'kept')");
    const { Status, SubStatements } = await run(
      'CREATE TEMP TABLE stage (LIKE mart.orders_fact)',
      'LOCK TABLE mart.orders_fact',
      "INSERT INTO stage (order_id, note) VALUES (1, 'new'), (3, 'added')",
      'DELETE FROM mart.orders_fact USING stage WHERE mart.orders_fact.order_id = stage.order_id',
      'INSERT INTO mart.orders_fact (order_id, note) SELECT order_id, note FROM stage',
    );
    expect(Status).toBe('FINISHED');
    expect(SubStatements?.map((one) => one.ResultRows)).toEqual([-1, -1, 2, 1, 2]);
    expect(await rows('SELECT order_id, note FROM mart.orders_fact ORDER BY 1')).toEqual([
      [1, 'new'],
      [2, 'kept'],
      [3, 'added'],
    ]);
    expect((await run('SELECT * FROM stage')).Error).toBe('ERROR: relation "stage" does not exist');
  });

  it('merge, and refuse what MERGE refuses', async () => {
    await must(
      'CREATE TABLE mart.target (id INT, v VARCHAR(5))',
      'CREATE TABLE mart.source (id INT, v VARCHAR(50))',
      "INSERT INTO mart.target VALUES (1, 'a'), (2, 'b')",
      "INSERT INTO mart.source VALUES (2, 'B'), (3, 'C')",
    );
    const merge = (source: string) =>
      `MERGE INTO mart.target USING ${source} s ON mart.target.id = s.id
       WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)`;
    await must(merge('mart.source'));
    expect(await rows('SELECT * FROM mart.target ORDER BY id')).toEqual([
      [1, 'a'],
      [2, 'B'],
      [3, 'C'],
    ]);
    expect((await run(merge('(SELECT 1 AS id)'))).Error).toMatch(/must be a table, not a subquery/);
    await must("INSERT INTO mart.source VALUES (3, 'twice')");
    expect((await run(merge('mart.source'))).Error).toBe(
      'ERROR: Found multiple matches to update the same tuple.',
    );
    await must('DELETE FROM mart.source', "INSERT INTO mart.source VALUES (4, 'too long')");
    expect((await run(merge('mart.source'))).Error).toMatch(/value too long/);
  });

  it('grow columns, and describe themselves', async () => {
    await must(
      "ALTER TABLE mart.target ADD COLUMN city VARCHAR(30) DEFAULT 'none' NOT NULL",
      'ALTER TABLE mart.target ALTER COLUMN v TYPE VARCHAR(60)',
      'ANALYZE mart.target',
      'GRANT SELECT ON mart.target TO GROUP readers',
    );
    const columns = await rows(
      `SELECT column_name, data_type, character_maximum_length FROM svv_columns
       WHERE table_schema = 'mart' AND table_name = 'target' ORDER BY ordinal_position`,
    );
    expect(columns).toEqual([
      ['id', 'integer', null],
      ['v', 'character varying', 60],
      ['city', 'character varying', 30],
    ]);
    const keys = `SELECT "column", distkey, sortkey FROM pg_table_def WHERE tablename = 'orders_fact' AND sortkey > 0 ORDER BY sortkey`;
    expect(await rows(keys)).toEqual([
      ['ordered_at', false, 1],
      ['order_id', false, 2],
    ]);
  });

  it('feed materialized views, which change when refreshed', async () => {
    await must(
      'CREATE MATERIALIZED VIEW mart.by_note SORTKEY (note) AS SELECT note, count(*) AS n FROM mart.orders_fact GROUP BY 1',
      "INSERT INTO mart.orders_fact (order_id, note) VALUES (9, 'new')",
    );
    const counted = "SELECT n FROM mart.by_note WHERE note = 'new'";
    expect(await rows(counted)).toEqual([[1]]);
    await must('REFRESH MATERIALIZED VIEW mart.by_note');
    expect(await rows(counted)).toEqual([[2]]);
    expect((await run('DROP TABLE mart.orders_fact')).Error).toMatch(/because other objects depend on it/);
    await must('DROP TABLE mart.orders_fact CASCADE');
    expect((await run(counted)).Error).toMatch(/relation "mart.by_note" does not exist/);
  });
});

describe('external tables', () => {
  beforeAll(async () => {
    await putParquet('broken/good/x.parquet', 'SELECT 1 AS n');
    await s3.send(
      new PutObjectCommand({ Bucket: 'lake', Key: 'broken/bad/x.parquet', Body: 'not Parquet at all' }),
    );
    await putTable('part_broken', 'n int', 's3://lake/broken/', 'day date, shop int');
    await putPartitions('part_broken', {
      '2023-01-01,1': 's3://lake/broken/good/',
      '2023-01-05,2': 's3://lake/broken/bad/',
    });
  });

  it('read files by column name, old ones without a new column', async () => {
    await putParquet(
      'evolving/a.parquet',
      "SELECT 1::BIGINT AS order_id, 10.25::DECIMAL(10,2) AS total, TIMESTAMPTZ '2023-01-01 00:00:00+00' AS at",
    );
    await putParquet(
      'evolving/nested/b.parquet',
      "SELECT 'new' AS note, TIMESTAMPTZ '2023-01-02 03:04:05.5+00' AS at, 7.5::DECIMAL(10,2) AS total, 2::BIGINT AS order_id",
    );
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'evolving/_SUCCESS', Body: '{}' }));
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'evolving/.hidden.parquet', Body: 'x' }));
    await putTable(
      'evolving',
      'order_id bigint, total decimal(10,2), at timestamp, note string',
      's3://lake/evolving/',
    );
    expect(await rows('SELECT * FROM lake.evolving ORDER BY lake.evolving.order_id')).toEqual([
      [1, '10.25', '2023-01-01 00:00:00', null],
      [2, '7.50', '2023-01-02 03:04:05.5', 'new'],
    ]);
    expect(await rows("SELECT e.order_id FROM lake.evolving AS e WHERE e.note = 'new'")).toEqual([[2]]);
  });

  it('fail like Spectrum on another physical type', async () => {
    await putTable('wrong_type', 'order_id int, total decimal(10,2)', 's3://lake/evolving/');
    expect((await run('SELECT count(*) FROM lake.wrong_type')).Error).toMatch(
      /Spectrum Scan Error: File '.*' has an incompatible Parquet schema for column '.*order_id'. Column type: INTEGER, Parquet schema: optional int64 order_id/,
    );
  });

  it('read the registered partitions, with values from the catalog and not from the path', async () => {
    await putParquet('parts/day=1999-01-01/gen=a/x.parquet', 'SELECT 1 AS n UNION ALL SELECT 2');
    await putParquet('parts/elsewhere/x.parquet', 'SELECT 3 AS n');
    await putParquet('parts/unregistered/x.parquet', 'SELECT 4 AS n');
    await putTable('parts', 'n int', 's3://lake/parts/', 'day date, shop int');
    await putPartitions('parts', {
      '2023-01-01,1': 's3://lake/parts/day=1999-01-01/gen=a/',
      '2023-01-02,2': 's3://lake/parts/elsewhere/',
      '2023-01-03,3': 's3://lake/parts/emptied/',
    });
    expect(await rows('SELECT day, shop, n FROM lake.parts ORDER BY n')).toEqual([
      ['2023-01-01', 1, 1],
      ['2023-01-01', 1, 2],
      ['2023-01-02', 2, 3],
    ]);
    expect(await rows("SELECT n FROM lake.parts WHERE day > '2023-01-01' AND shop = 2")).toEqual([[3]]);
    expect(
      await rows("SELECT tablename, values FROM svv_external_partitions WHERE tablename = 'parts'"),
    ).toHaveLength(3);
  });

  it.each([
    "day = '2023-01-01'",
    "p.day IN ('2023-01-01', '2023-01-09') AND p.n > 0",
    "day BETWEEN '2023-01-01' AND '2023-01-02' AND n IS NOT NULL",
    "day < DATE '2023-01-03' AND shop = 1",
  ])('leave partitions alone that WHERE rules out: %s', async (where) => {
    expect(await rows(`SELECT n FROM lake.part_broken p WHERE ${where} ORDER BY 1`)).toEqual([[1]]);
    const all = await run(`SELECT n FROM lake.part_broken p WHERE ${where} OR n IS NULL`);
    expect(all.Error).toMatch(/Spectrum Scan Error: a file is not valid Parquet/);
  });

  it('give no rows for a place without files', async () => {
    await putTable('nothing', 'n int, t varchar(5)', 's3://lake/nothing/');
    expect(await rows('SELECT count(*), max(t) FROM lake.nothing')).toEqual([[0, null]]);
  });

  it('stay quick with a hundred partitions', async () => {
    const days = Array.from({ length: 100 }, (_, day) => String(day));
    await putTable('many', 'n int, total decimal(10,2)', 's3://lake/many/', 'day int');
    const body = await parquetBytes(
      'SELECT i::INT AS n, (i * 1.5)::DECIMAL(10,2) AS total FROM range(100) r(i)',
    );
    for (const day of days) {
      await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: `many/${day}/x.parquet`, Body: body }));
    }
    await putPartitions('many', Object.fromEntries(days.map((day) => [day, `s3://lake/many/${day}/`])));
    const startedAt = Date.now();
    expect(await rows('SELECT count(*), sum(total), count(DISTINCT day) FROM lake.many')).toEqual([
      [10_000, '742500.00', 100],
    ]);
    expect(await rows('SELECT count(*), min(day) FROM lake.many WHERE day = 42')).toEqual([[100, 42]]);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  it('are seen through late-binding views that came before them', async () => {
    await must('CREATE OR REPLACE VIEW mart.later AS SELECT n FROM lake.arriving WITH NO SCHEMA BINDING');
    expect((await run('SELECT * FROM mart.later')).Error).toBe(
      'ERROR: relation "lake.arriving" does not exist',
    );
    await putParquet('arriving/1/x.parquet', 'SELECT 1 AS n');
    await putParquet('arriving/2/x.parquet', 'SELECT 2 AS n');
    await putTable('arriving', 'n int', 's3://lake/arriving/1/');
    expect(await rows('SELECT later.n FROM mart.later')).toEqual([[1]]);
    const TableInput = {
      Name: 'arriving',
      Parameters: { classification: 'parquet' },
      StorageDescriptor: { Columns: [{ Name: 'n', Type: 'int' }], Location: 's3://lake/arriving/2/' },
    };
    await glue.send(new UpdateTableCommand({ DatabaseName: 'curated', TableInput }));
    expect(await rows('SELECT n FROM mart.later')).toEqual([[2]]);
    expect((await run('CREATE VIEW mart.bound AS SELECT n FROM lake.arriving')).Error).toMatch(
      /External tables are not supported in views\nHINT: Please use late binding view/,
    );
    expect(
      (await run('CREATE VIEW mart.loose AS SELECT n FROM people WITH NO SCHEMA BINDING')).Error,
    ).toMatch(/should be qualified/);
  });

  it('can be created, partitioned and loaded from', async () => {
    await must(
      `CREATE EXTERNAL TABLE lake.made (n INTEGER, t VARCHAR(10)) PARTITIONED BY (d DATE) STORED AS PARQUET
         LOCATION 's3://lake/made/'`,
      "ALTER TABLE lake.made ADD IF NOT EXISTS PARTITION (d = '2023-05-01') LOCATION 's3://lake/made/1/'",
      'CREATE TABLE mart.made (n INTEGER, t VARCHAR(3), d DATE)',
    );
    await putParquet('made/1/x.parquet', "SELECT 1 AS n, 'abc' AS t");
    await must('INSERT INTO mart.made SELECT n, t, d FROM lake.made');
    expect(await rows('SELECT * FROM mart.made')).toEqual([[1, 'abc', '2023-05-01']]);
    await putParquet('made/1/y.parquet', "SELECT 2 AS n, 'abcd' AS t");
    expect((await run('INSERT INTO mart.made SELECT n, t, d FROM lake.made')).Error).toBe(
      'ERROR: value too long for type character varying(3)',
    );
    await must('DROP TABLE lake.made');
    expect((await run('SELECT * FROM lake.made')).Error).toBe('ERROR: relation "lake.made" does not exist');
  });

  it('COPY by position, from a prefix or a manifest', async () => {
    await must('CREATE TABLE mart.copied (a INTEGER, b VARCHAR(10))');
    await putParquet('copy/1.parquet', "SELECT 1 AS x, 'one' AS y");
    const content_length = await putParquet('copy/2.parquet', "SELECT 2 AS a, 'two' AS b");
    const entries = [{ url: 's3://lake/copy/2.parquet', mandatory: true, meta: { content_length } }];
    await s3.send(
      new PutObjectCommand({ Bucket: 'lake', Key: 'copy.manifest', Body: JSON.stringify({ entries }) }),
    );
    await must(`COPY mart.copied FROM 's3://lake/copy/' ${role} FORMAT AS PARQUET`);
    await must(`COPY mart.copied FROM 's3://lake/copy.manifest' ${role} FORMAT AS PARQUET MANIFEST`);
    expect(await rows('SELECT a, b FROM mart.copied ORDER BY 1')).toEqual([
      [1, 'one'],
      [2, 'two'],
      [2, 'two'],
    ]);
    await must('ALTER TABLE mart.copied ADD COLUMN c INT');
    expect((await run(`COPY mart.copied FROM 's3://lake/copy/' ${role} FORMAT AS PARQUET`)).Error).toMatch(
      /Unmatched number of columns between table and file. Table columns: 3, Data columns: 2/,
    );
  });
});

describe('a crash', () => {
  async function restart(between?: () => void): Promise<void> {
    await redshiftServer.kill();
    between?.();
    redshiftServer = await startStandIn('redshift', join(folder, 'redshift'), environment);
    redshift.destroy();
    redshift = connect();
  }

  it('leaves nothing of a statement that was running, and everything that was acknowledged', async () => {
    await must('CREATE TABLE mart.survivor (n INT)');
    const token = { ...place, Sql: 'INSERT INTO mart.survivor VALUES (1)', ClientToken: 'token-survivor' };
    const committed = await redshift.send(new ExecuteStatementCommand(token));
    await finish(committed.Id);
    const { Id: queryId } = await run('SELECT n FROM mart.survivor');
    await knob('/_engine', { mode: 'slow', delayMs: 60_000, match: 'VALUES (2)' });
    const running = await redshift.send(
      new ExecuteStatementCommand({ ...place, Sql: 'INSERT INTO mart.survivor VALUES (2)' }),
    );
    await restart();
    expect((await finish(running.Id)).Status).toBe('FAILED');
    expect((await redshift.send(new ExecuteStatementCommand(token))).Id).toBe(committed.Id);
    expect(await rows('SELECT n FROM mart.survivor')).toEqual([[1]]);
    const { Records } = await redshift.send(new GetStatementResultCommand({ Id: queryId }));
    expect(Records).toEqual([[{ longValue: 1 }]]);
  });

  it('shows a statement as finished when its transaction had committed', async () => {
    const { Id } = await run('INSERT INTO mart.survivor VALUES (3)', 'SELECT count(*) FROM mart.survivor');
    const journal = join(folder, 'redshift', 'statements.jsonl');
    // Taken back to the moment between the commit and the note of it.
    await restart(() => {
      const lines = readFileSync(journal, 'utf8').split('\n');
      const kept = lines.filter(
        (line) => !(line.includes(String(Id)) && line.includes('"durationNs"') && isFinished(line)),
      );
      expect(kept.length).toBeLessThan(lines.length);
      writeFileSync(journal, kept.join('\n'));
    });
    const described = await finish(Id);
    expect(described).toMatchObject({ Status: 'FINISHED' });
    const { Records } = await redshift.send(
      new GetStatementResultCommand({ Id: described.SubStatements?.[1]?.Id }),
    );
    expect(Records).toEqual([[{ longValue: 2 }]]);
    expect(await rows('SELECT count(*) FROM mart.survivor')).toEqual([[2]]);
  });
});

function isFinished(line: string): boolean {
  const changes = JSON.parse(line) as [string, { status?: string }][];
  return changes.some(([, value]) => value.status === 'FINISHED');
}
