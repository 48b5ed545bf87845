import { randomUUID } from 'node:crypto';
import {
  DeleteDatabaseCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GlueClient,
  type Partition,
  type Table,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGlueCatalog } from '../../src/adapters/glue/glue-catalog.ts';
import type { CatalogTable } from '../../src/ports/catalog.ts';
import { armFault } from './arm-fault.ts';
import { contractBucket, isAws } from './contract-target.ts';

const client = new GlueClient({});
const catalog = createGlueCatalog(client);
const database = `tidemark_contract_${randomUUID().slice(0, 8)}`;
const location = `s3://${contractBucket}/contract/${database}`;

beforeAll(() => catalog.ensureDatabase(database, 'made by a test'));
afterAll(async () => {
  await client.send(new DeleteDatabaseCommand({ Name: database }));
  client.destroy();
});

function ordersTable(name: string, generations: Readonly<Record<string, string>>): CatalogTable {
  return {
    name,
    description: 'One row an order',
    location: `${location}/${name}/`,
    columns: [
      { name: 'order_id', type: 'int', comment: 'Key' },
      { name: 'total_price', type: 'decimal(10,2)', comment: '' },
    ],
    partitionKey: { name: 'order_date', type: 'date' },
    partitions: Object.entries(generations).map(([value, generation]) => ({
      value,
      location: `${location}/${name}/${generation}/${value}/`,
      rowCount: generation.length,
    })),
    parameters: { 'tidemark.sequence': '7' },
  };
}

const days = (count: number, generation: string) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, day) => [
      new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10),
      generation,
    ]),
  );

async function readTable(name: string): Promise<Table> {
  const { Table: table } = await client.send(new GetTableCommand({ DatabaseName: database, Name: name }));
  return table!;
}

async function readPartitions(name: string): Promise<Partition[]> {
  const partitions: Partition[] = [];
  let NextToken: string | undefined;
  do {
    const of = { DatabaseName: database, TableName: name };
    const page = await client.send(new GetPartitionsCommand({ ...of, NextToken }));
    partitions.push(...(page.Partitions ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return partitions.sort((a, b) => (a.Values![0]! < b.Values![0]! ? -1 : 1));
}

test('ensureDatabase can be repeated', async () => {
  await catalog.ensureDatabase(database, 'made by a test');
  await catalog.probe();
});

test('a table is external Parquet, as Spectrum and Spark read it', async () => {
  await catalog.putTable(database, ordersTable('orders', { '2024-01-01': 'g1' }));
  expect(await readTable('orders')).toMatchObject({
    Name: 'orders',
    Description: 'One row an order',
    TableType: 'EXTERNAL_TABLE',
    Parameters: { classification: 'parquet', EXTERNAL: 'TRUE', 'tidemark.sequence': '7' },
    PartitionKeys: [{ Name: 'order_date', Type: 'date' }],
    StorageDescriptor: {
      Location: `${location}/orders/`,
      Columns: [
        { Name: 'order_id', Type: 'int', Comment: 'Key' },
        { Name: 'total_price', Type: 'decimal(10,2)' },
      ],
      InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      SerdeInfo: {
        SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
      },
    },
  });
  expect(await readPartitions('orders')).toMatchObject([
    {
      Values: ['2024-01-01'],
      Parameters: { numRows: '2' },
      StorageDescriptor: {
        Location: `${location}/orders/g1/2024-01-01/`,
        Columns: [{ Name: 'order_id' }, { Name: 'total_price' }],
      },
    },
  ]);
});

test('an unchanged table keeps its version, a changed one gets the next', async () => {
  const table = ordersTable('versions', {});
  await catalog.putTable(database, table);
  const { VersionId } = await readTable('versions');
  await catalog.putTable(database, table);
  expect((await readTable('versions')).VersionId).toBe(VersionId);
  const columns = [...table.columns, { name: 'note', type: 'string', comment: 'n'.repeat(400) }];
  await catalog.putTable(database, { ...table, columns });
  const changed = await readTable('versions');
  expect(changed.VersionId).not.toBe(VersionId);
  expect(changed.StorageDescriptor?.Columns).toHaveLength(3);
});

test('a table without partitions is read whole from its location', async () => {
  const table = { ...ordersTable('products', {}), partitionKey: null };
  await catalog.putTable(database, table);
  const moved = `${location}/products/g2/`;
  await catalog.putTable(database, { ...table, location: moved });
  const stored = await readTable('products');
  expect(stored.StorageDescriptor?.Location).toBe(moved);
  expect(stored.PartitionKeys ?? []).toEqual([]);
});

test('partitions become exactly those given, across pages and batches', async () => {
  const before = { ...days(1_230, 'g1'), '2030-01-01': 'gone', '2030-01-02': 'gone' };
  await catalog.putTable(database, ordersTable('many', before));
  expect(await readPartitions('many')).toHaveLength(1_232);
  const after = { ...days(1_230, 'g1'), ...days(150, 'generation2'), '2031-01-01': 'g3' };
  await catalog.putTable(database, ordersTable('many', after));
  const stored = await readPartitions('many');
  expect(stored.map(({ Values }) => Values![0])).toEqual(Object.keys(after).sort());
  expect(stored[0]?.StorageDescriptor?.Location).toContain('/generation2/2020-01-01/');
  expect(stored[0]?.Parameters?.numRows).toBe('11');
  expect(stored[150]?.StorageDescriptor?.Location).toContain('/g1/');
});

test('a new column reaches the partitions too', async () => {
  const table = ordersTable('evolving', { '2024-01-01': 'g1' });
  await catalog.putTable(database, table);
  const columns = [...table.columns, { name: 'note', type: 'string', comment: '' }];
  await catalog.putTable(database, { ...table, columns });
  const [partition] = await readPartitions('evolving');
  expect(partition?.StorageDescriptor?.Columns?.map(({ Name }) => Name)).toContain('note');
});

test('tables are listed and dropped, also twice', async () => {
  await catalog.putTable(database, ordersTable('dropped', { '2024-01-01': 'g1' }));
  expect(await catalog.listTables(database)).toContain('dropped');
  await catalog.dropTables(database, ['dropped', 'never_there']);
  await catalog.dropTables(database, ['dropped']);
  await catalog.dropTables(database, []);
  expect(await catalog.listTables(database)).not.toContain('dropped');
});

test('what Glue refuses is permanent and names the call', async () => {
  const refused = catalog.putTable('tidemark_none', ordersTable('x', {}));
  await expect(refused).rejects.toMatchObject({
    retryable: false,
    message: expect.stringContaining('tidemark_none.x'),
  });
});

describe.skipIf(isAws)('on a stand-in', () => {
  test('a table that another writer changed meanwhile is read again', async () => {
    const table = ordersTable('contended', {});
    await catalog.putTable(database, table);
    await armFault('GLUE', {
      operation: 'UpdateTable',
      mode: 'error',
      status: 400,
      code: 'ConcurrentModificationException',
    });
    await catalog.putTable(database, { ...table, description: 'changed' });
    expect((await readTable('contended')).Description).toBe('changed');
  });

  test('a conflict that lasts is CATALOG_CONFLICT', async () => {
    const table = ordersTable('contended', {});
    await catalog.putTable(database, table);
    const fault = { operation: 'UpdateTable', mode: 'error', status: 400, times: 3 };
    await armFault('GLUE', { ...fault, code: 'ConcurrentModificationException' });
    const lost = catalog.putTable(database, { ...table, description: 'changed again' });
    await expect(lost).rejects.toMatchObject({ code: 'CATALOG_CONFLICT' });
  });

  test('an update is made against the version that was read', async () => {
    const table = ordersTable('raced', {});
    await catalog.putTable(database, table);
    const rival = client.send(
      new UpdateTableCommand({
        DatabaseName: database,
        TableInput: { Name: 'raced', Description: 'rival', Parameters: { rival: '1' } },
      }),
    );
    await Promise.all([rival, catalog.putTable(database, { ...table, description: 'ours' })]);
    await catalog.putTable(database, { ...table, description: 'ours' });
    expect(await readTable('raced')).toMatchObject({ Description: 'ours', TableType: 'EXTERNAL_TABLE' });
  });

  test('outages, throttles and permissions are told apart', async () => {
    await armFault('GLUE', { operation: 'GetDatabases', mode: 'error', times: 3 });
    await expect(catalog.probe()).rejects.toMatchObject({ code: 'CATALOG_UNREACHABLE' });
    await armFault('GLUE', { operation: 'GetDatabases', mode: 'throttle', times: 3 });
    await expect(catalog.probe()).rejects.toMatchObject({ code: 'AWS_THROTTLED' });
    const fault = { operation: 'GetDatabases', mode: 'error', status: 400 };
    await armFault('GLUE', { ...fault, code: 'AccessDeniedException', message: 'not allowed' });
    await expect(catalog.probe()).rejects.toMatchObject({
      code: 'AWS_ACCESS_DENIED',
      message: 'glue:GetDatabases on the catalog: permission glue:GetDatabases is missing: not allowed',
    });
  });

  test.each(['lost-answer', 'drop'])('a batch whose request ends with %s is carried out', async (mode) => {
    const name = `flaky_${mode.replace('-', '_')}`;
    await armFault('GLUE', { operation: 'BatchCreatePartition', mode });
    const table = ordersTable(name, days(120, 'g1'));
    // After a lost answer the SDK asks again and is told that they exist.
    await catalog.putTable(database, table);
    expect(await readPartitions(name)).toHaveLength(120);
  });
});
