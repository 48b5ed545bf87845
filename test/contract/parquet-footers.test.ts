import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createParquetFooters } from '../../src/adapters/parquet/parquet-footers.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { contractBucket } from './contract-target.ts';

const client = new S3Client({});
const store = createS3ObjectStore(client);
const footers = createParquetFooters(store);
const prefix = `s3://${contractBucket}/contract/${randomUUID()}`;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-parquet-'));
});
afterAll(async () => {
  client.destroy();
  await rm(folder, { recursive: true });
});

/** Writes the query's result as Parquet and stores it. */
async function storeParquet(name: string, query: string, options = '') {
  const path = join(folder, name);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet, COMPRESSION zstd${options})`);
  connection.closeSync();
  instance.closeSync();
  return await storeBytes(name, await readFile(path));
}

async function storeBytes(name: string, bytes: Buffer) {
  const uri = `${prefix}/${name}`;
  const { etag } = await store.create(uri, bytes);
  return { uri, sizeBytes: bytes.length, etag };
}

test('reads rows, row groups and top-level columns in file order', async () => {
  const file = await storeParquet(
    'types.parquet',
    `SELECT i::INT AS order_id, i::SMALLINT AS small, i::BIGINT AS big, i::DECIMAL(10,2) AS total_price,
       i::DECIMAL(7,3) AS rate, i::DECIMAL(30,4) AS huge, 'ż' || i AS city, i > 5 AS flag, i::DOUBLE AS ratio,
       DATE '2024-01-01' AS day, TIMESTAMP '2024-01-01 10:00:00' AS at, [i] AS tags, {'a': i, 'b': [{'c': 1}]} AS nested,
       NULL::VARCHAR AS "last column"
     FROM range(5000) t(i)`,
    ', ROW_GROUP_SIZE 2048',
  );
  const footer = await footers.read(file);
  expect(footer.rowCount).toBe(5_000);
  expect(footer.rowGroupCount).toBe(3);
  expect(Object.fromEntries(footer.columns.map(({ name, type }) => [name, type]))).toEqual({
    order_id: 'INT32/INT_32',
    small: 'INT32/INT_16',
    big: 'INT64/INT_64',
    total_price: 'INT64/DECIMAL(10,2)',
    rate: 'INT32/DECIMAL(7,3)',
    huge: 'FIXED_LEN_BYTE_ARRAY/DECIMAL(30,4)',
    city: 'BYTE_ARRAY/UTF8',
    flag: 'BOOLEAN',
    ratio: 'DOUBLE',
    day: 'INT32/DATE',
    at: 'INT64/TIMESTAMP_MICROS',
    tags: 'GROUP/LIST',
    nested: 'GROUP',
    'last column': 'BYTE_ARRAY/UTF8',
  });
  expect(footer.columns.map(({ name }) => name).slice(-2)).toEqual(['nested', 'last column']);
  expect(footer.columns.every(({ nullable }) => nullable)).toBe(true);
});

test('reads a file without rows', async () => {
  const file = await storeParquet('empty.parquet', 'SELECT 1 AS a WHERE false');
  expect(await footers.read(file)).toMatchObject({ rowCount: 0, columns: [{ name: 'a' }] });
});

/** No valid field header of a compact Thrift struct. */
const GARBAGE = new Array<number>(30).fill(0xff);

describe('refuses with FILE_MISMATCH and the URI', () => {
  test.each([
    ['a file that is too short', () => Buffer.from('PAR1PAR1')],
    ['a foreign file', () => Buffer.from('order_id,total\n1,2.50\n'.repeat(10))],
    ['a truncated file', (whole: Buffer) => whole.subarray(0, whole.length - 7)],
    ['a file cut in the middle', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['a footer of garbage', (whole: Buffer) => overwrite(whole, whole.length - 40, GARBAGE)],
    [
      'a footer longer than the file',
      (whole: Buffer) => overwrite(whole, whole.length - 8, [255, 255, 255, 127]),
    ],
  ])('%s', async (name, damage) => {
    await storeParquet(`whole ${name}`, 'SELECT i, i::VARCHAR AS s FROM range(100) t(i)');
    const whole = await readFile(join(folder, `whole ${name}`));
    const file = await storeBytes(`damaged ${name}`, Buffer.from(damage(whole)));
    await expect(footers.read(file)).rejects.toMatchObject({
      code: 'FILE_MISMATCH',
      message: expect.stringContaining(file.uri),
    });
  });
});

test('fails with OBJECT_CHANGED when the object is another', async () => {
  const file = await storeParquet('changing.parquet', 'SELECT 1 AS a');
  await store.write(file.uri, 'something else');
  await expect(footers.read(file)).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
});

function overwrite(bytes: Buffer, offset: number, replacement: Iterable<number>): Buffer {
  const copy = Buffer.from(bytes);
  copy.set([...replacement], offset);
  return copy;
}
