import { randomUUID } from 'node:crypto';
import { DescribeStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRedshiftWarehouse } from '../../src/adapters/redshift/redshift-warehouse.ts';
import { armFault } from './arm-fault.ts';
import { contractWarehouse, isAws } from './contract-target.ts';

const client = new RedshiftDataClient({});
const warehouse = createRedshiftWarehouse(client, contractWarehouse);
const schema = `contract_${randomUUID().slice(0, 8)}`;

beforeAll(() => warehouse.execute(`CREATE SCHEMA ${schema}`));
afterAll(async () => {
  await warehouse.execute(`DROP SCHEMA ${schema} CASCADE`);
  client.destroy();
});

async function countRows(table: string): Promise<unknown> {
  return (await warehouse.query(`SELECT count(*) FROM ${schema}.${table}`)).rows[0]?.[0];
}

describe('query', () => {
  test('gives values by their type; decimals and dates are text', async () => {
    const { columns, rows } = await warehouse.query(
      `SELECT CAST(7 AS INTEGER) AS i, CAST(-9007199254740991 AS BIGINT) AS big, CAST(12345.60 AS DECIMAL(10,2)) AS price,
         CAST(0.5 AS DOUBLE PRECISION) AS ratio, CAST('żółw ''x''' AS VARCHAR(20)) AS text, 1 = 1 AS flag,
         CAST(NULL AS INTEGER) AS missing, CAST('2024-02-29' AS DATE) AS day`,
    );
    expect(columns.map(({ name }) => name)).toEqual([
      'i',
      'big',
      'price',
      'ratio',
      'text',
      'flag',
      'missing',
      'day',
    ]);
    expect(columns[0]?.type).toBe('int4');
    expect(rows).toEqual([
      [7, -9_007_199_254_740_991, '12345.60', 0.5, "żółw 'x'", true, null, '2024-02-29'],
    ]);
  });

  test('reads all pages', async () => {
    await warehouse.execute(`CREATE TABLE ${schema}.long_text (n INTEGER, t VARCHAR(500))`);
    await warehouse.execute(`INSERT INTO ${schema}.long_text SELECT 1, REPEAT('x', 400)`);
    for (let doubled = 0; doubled < 12; doubled++) {
      await warehouse.execute(
        `INSERT INTO ${schema}.long_text SELECT n + ${2 ** doubled}, t FROM ${schema}.long_text`,
      );
    }
    const { rows } = await warehouse.query(`SELECT n, t FROM ${schema}.long_text ORDER BY n`);
    expect(rows.map(([n]) => n)).toEqual(Array.from({ length: 4_096 }, (_, index) => index + 1));
  });

  test('of no rows has its columns', async () => {
    const { columns, rows } = await warehouse.query('SELECT 1 AS a WHERE 1 = 0');
    expect({ names: columns.map(({ name }) => name), rows }).toEqual({ names: ['a'], rows: [] });
  });
});

describe('transact', () => {
  test('applies all', async () => {
    const table = `${schema}.all_of_it`;
    await warehouse.transact([`CREATE TABLE ${table} (id INTEGER)`, `INSERT INTO ${table} VALUES (1), (2)`]);
    expect(await countRows('all_of_it')).toBe(2);
  });

  test('or none, and names the statement that failed', async () => {
    const table = `${schema}.none_of_it`;
    await warehouse.execute(`CREATE TABLE ${table} (id INTEGER)`);
    const failing = warehouse.transact([
      `INSERT INTO ${table} VALUES (1)`,
      `INSERT INTO ${table} SELECT no_such_column FROM ${table}`,
      `INSERT INTO ${table} VALUES (2)`,
    ]);
    await expect(failing).rejects.toMatchObject({
      code: 'WAREHOUSE_SQL_FAILED',
      message: expect.stringMatching(/no_such_column.* in: INSERT INTO \S+ SELECT no_such_column/),
    });
    expect(await countRows('none_of_it')).toBe(0);
  });

  test('an error shows what the statement says, and no value of a row', async () => {
    const table = `${schema}.people`;
    await warehouse.execute(`CREATE TABLE ${table} (name VARCHAR(50))`);
    await warehouse.execute(`INSERT INTO ${table} VALUES ('Ada Lovelace')`);
    const cast = warehouse.transact([
      `CREATE TABLE ${schema}.cast AS SELECT CAST(name AS INTEGER) FROM ${table}`,
    ]);
    const error = await cast.catch((each: Error) => each);
    expect(error).toMatchObject({ code: 'WAREHOUSE_SQL_FAILED' });
    expect(String(error)).not.toContain('Lovelace');
    const guard = warehouse.execute(
      `SELECT CAST(CASE WHEN 1 = 1 THEN 'a newer one is there' ELSE '0' END AS INTEGER)`,
    );
    await expect(guard).rejects.toThrow('a newer one is there');
  });
});

describe('a token', () => {
  const once = `${schema}.once`;

  test('runs once', async () => {
    const token = randomUUID();
    await warehouse.execute(`CREATE TABLE ${once} (id INTEGER)`);
    await warehouse.transact([`INSERT INTO ${once} VALUES (1)`], { token });
    await warehouse.transact([`INSERT INTO ${once} VALUES (1)`], { token });
    expect(await countRows('once')).toBe(1);
  });

  test('answers its failure again; another one tries again', async () => {
    const sql = `INSERT INTO ${schema}.later VALUES (1)`;
    const token = randomUUID();
    await expect(warehouse.execute(sql, { token })).rejects.toThrow('later');
    await warehouse.execute(`CREATE TABLE ${schema}.later (id INTEGER)`);
    await expect(warehouse.execute(sql, { token })).rejects.toThrow('later');
    await warehouse.execute(sql, { token: randomUUID() });
    expect(await countRows('later')).toBe(1);
  });
});

test('a signal that has fired already runs nothing', async () => {
  const signal = AbortSignal.abort(new Error('too late'));
  await expect(warehouse.execute(`CREATE TABLE ${schema}.never (id INTEGER)`, { signal })).rejects.toThrow(
    'too late',
  );
  await expect(countRows('never')).rejects.toMatchObject({ code: 'WAREHOUSE_SQL_FAILED' });
});

test('polls are told, for heartbeats', async () => {
  const seen = new Set<string>();
  await warehouse.query('SELECT 1', { onPoll: (id) => seen.add(id) });
  expect([...seen]).toEqual([expect.stringMatching(/^[\w-]{36}$/)]);
});

test('an endpoint that does not exist is permanent', async () => {
  const nowhere = createRedshiftWarehouse(client, { database: 'dev', workgroup: 'tidemark-none' });
  await expect(nowhere.execute('SELECT 1')).rejects.toMatchObject({ retryable: false });
});

describe.skipIf(isAws)('on a stand-in', () => {
  const engineFault = (fault: Record<string, unknown>) => armFault('REDSHIFT_DATA', fault, '/_engine');

  test('an abort cancels the statement and waits for its end', async () => {
    const table = `${schema}.aborted`;
    await warehouse.execute(`CREATE TABLE ${table} (id INTEGER)`);
    await engineFault({ mode: 'slow', match: 'aborted VALUES', delayMs: 60_000 });
    const abort = new AbortController();
    const reason = new Error('told to stop');
    let statementId = '';
    const onPoll = (id: string) => {
      statementId = id;
      abort.abort(reason);
    };
    const running = warehouse.transact([`INSERT INTO ${table} VALUES (1)`], { signal: abort.signal, onPoll });
    expect(await running.catch((error: unknown) => error)).toBe(reason);
    const { Status } = await client.send(new DescribeStatementCommand({ Id: statementId }));
    expect(Status).toBe('ABORTED');
    expect(await countRows('aborted')).toBe(0);
  });

  test('a serializable conflict is WAREHOUSE_CONFLICT', async () => {
    await engineFault({ mode: 'conflict', match: 'conflicting' });
    const conflicting = warehouse.transact([`CREATE TABLE ${schema}.conflicting (id INTEGER)`]);
    await expect(conflicting).rejects.toMatchObject({ code: 'WAREHOUSE_CONFLICT', retryable: true });
  });

  test.each(['lost-answer', 'drop', 'error'])('a submission that ends with %s runs once', async (mode) => {
    const table = `submitted_${mode.replace('-', '_')}`;
    await warehouse.execute(`CREATE TABLE ${schema}.${table} (id INTEGER)`);
    await armFault('REDSHIFT_DATA', { operation: 'BatchExecuteStatement', mode });
    await warehouse.transact([`INSERT INTO ${schema}.${table} VALUES (1)`]);
    expect(await countRows(table)).toBe(1);
  });

  test('a statement is not given up because it cannot be seen for a while', async () => {
    const table = `${schema}.unseen`;
    await warehouse.execute(`CREATE TABLE ${table} (id INTEGER)`);
    await armFault('REDSHIFT_DATA', { operation: 'DescribeStatement', mode: 'error', times: 7 });
    await warehouse.transact([`INSERT INTO ${table} VALUES (1)`]);
    expect(await countRows('unseen')).toBe(1);
  });
});
