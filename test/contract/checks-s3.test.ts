import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../scripts/tidemark/main.ts';
import { findS3Access, runSuite, suggestSuite } from '../../src/index.ts';
import { contractBucket } from './contract-target.ts';

const root = `s3://${contractBucket}/contract/${randomUUID().slice(0, 8)}`;
const s3 = new S3Client({ forcePathStyle: true });

async function put(path: string, body: string | Uint8Array): Promise<void> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(`${root}/${path}`)!;
  await s3.send(new PutObjectCommand({ Bucket: Bucket!, Key: Key!, Body: body }));
}

beforeAll(async () => {
  await put('orders/part-0.csv.gz', gzipSync('id,n\n1,5\n2,6\n'));
  await put('orders/part-1.csv.gz', gzipSync('id,n\n3,7\n'));
  await put('orders/_SUCCESS', '{}');
});
afterAll(() => s3.destroy());

async function access() {
  const s3Access = await findS3Access(process.env.AWS_ENDPOINT_URL_S3);
  return { s3: s3Access, httpfsPath: process.env.TIDEMARK_DUCKDB_HTTPFS };
}

const count = (value: number) => ({
  name: 'n',
  expectations: [{ type: 'expect_table_row_count_to_equal', kwargs: { value } }],
});

test.each([
  ['an object', 'orders/part-0.csv.gz', 2],
  ['a prefix', 'orders/', 3],
  ['a prefix without its slash', 'orders', 3],
  ['a pattern', 'orders/part-*.csv.gz', 3],
])('data on S3 is named by %s', async (_, path, rows) => {
  const result = await runSuite({ suite: count(rows), data: `${root}/${path}`, ...(await access()) });
  expect(result.results[0]!.result.observed_value).toBe(rows);
});

test('a prefix without data, and keys that S3 refuses, are errors', async () => {
  const found = await access();
  await expect(runSuite({ suite: count(0), data: `${root}/nothing/`, ...found })).rejects.toThrow(
    'names no CSV',
  );
  const wrong = { ...found, s3: { ...found.s3, secretAccessKey: 'wrong' } };
  await expect(
    runSuite({ suite: count(2), data: `${root}/orders/part-0.csv.gz`, ...wrong }),
  ).rejects.toMatchObject({
    failure: 'access',
  });
});

test('tidemark check and suggest read S3 with the settings of the environment', async () => {
  const suite = await suggestSuite({ data: `${root}/orders/`, ...(await access()) });
  expect(suite.expectations.length).toBeGreaterThan(3);
  const printed: string[] = [];
  const out = { print: (text: string) => printed.push(text), complain: (text: string) => printed.push(text) };
  const exitCode = await main(['suite', 'suggest', '--data', `${root}/orders/`, '--json'], {
    ...out,
    env: process.env,
    exitCode: 0,
  });
  expect(exitCode, printed.join('\n')).toBe(0);
  expect(JSON.parse(printed[0]!).expectations).toEqual(suite.expectations);
});
