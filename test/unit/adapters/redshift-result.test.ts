import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readResult } from '../../../src/adapters/redshift/read-result.ts';

// As the Data API writes it: 64-bit integers are bare numbers, beyond what JSON.parse can hold.
const PAGE = `{
  "ColumnMetadata": [{"name": "n", "label": "order_id", "typeName": "int8"}, {"name": "t", "typeName": "varchar"}],
  "Records": [
    [{"longValue": 42}, {"stringValue": "x"}],
    [{"longValue":9223372036854775807}, {"stringValue": "\\"longValue\\": 1234567890123456789"}],
    [{"longValue": -9007199254740993}, {"isNull": true}],
    [{"longValue": 9007199254740991}, {"blobValue": "AQI="}]
  ],
  "TotalNumRows": 4
}`;

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/x-amz-json-1.1').end(PAGE);
  });
});
let client: RedshiftDataClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new RedshiftDataClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('integers are exact: numbers up to 2^53, text beyond', async () => {
  expect(await readResult(client, 'id')).toEqual({
    columns: [
      { name: 'order_id', type: 'int8' },
      { name: 't', type: 'varchar' },
    ],
    rows: [
      [42, 'x'],
      ['9223372036854775807', '"longValue": 1234567890123456789'],
      ['-9007199254740993', null],
      [9_007_199_254_740_991, '0102'],
    ],
  });
});
