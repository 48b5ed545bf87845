import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AlreadyExistsException,
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchDeleteTableCommand,
  BatchGetPartitionCommand,
  BatchUpdatePartitionCommand,
  ConcurrentModificationException,
  CrawlerRunningException,
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteDatabaseCommand,
  EntityNotFoundException,
  GetCrawlerCommand,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetPartitionCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  GlueClient,
  InvalidInputException,
  StartCrawlerCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
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

let folder: string;
let server: LocalServer;
let glue: GlueClient;

const connect = (): GlueClient =>
  new GlueClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });

const ordersInput = (location = 's3://curated/orders/') => ({
  Name: 'orders',
  TableType: 'EXTERNAL_TABLE',
  Parameters: { classification: 'parquet' },
  PartitionKeys: [
    { Name: 'order_date', Type: 'date' },
    { Name: 'shop', Type: 'int' },
  ],
  StorageDescriptor: { Columns: [{ Name: 'order_id', Type: 'bigint' }], Location: location },
});

const partition = (date: string, shop: string) => ({
  Values: [date, shop],
  StorageDescriptor: { Location: `s3://curated/orders/${date}/${shop}/` },
});

const allValues = async (expression?: string): Promise<string[][]> => {
  const found: string[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await glue.send(
      new GetPartitionsCommand({
        DatabaseName: 'shop',
        TableName: 'orders',
        MaxResults: 7,
        ...(expression === undefined ? {} : { Expression: expression }),
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    found.push(...(page.Partitions ?? []).map((one) => one.Values ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
};

beforeAll(async () => {
  folder = scratchFolder('glue');
  server = await startStandIn('glue', folder);
  glue = connect();
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'Shop', Description: 'curated' } }));
  await glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput: ordersInput() }));
});

afterAll(async () => {
  glue.destroy();
  await server.kill();
  removeFolder(folder);
});

describe('databases', () => {
  it('folds names to lower case and gives times as instants', async () => {
    const { Database } = await glue.send(new GetDatabaseCommand({ Name: 'SHOP' }));
    expect(Database).toMatchObject({ Name: 'shop', Description: 'curated' });
    expect(Date.now() - (Database?.CreateTime?.getTime() ?? 0)).toBeLessThan(60_000);
  });

  it('refuses a name that is taken and one that is missing', async () => {
    const create = glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'shop' } }));
    await expect(create).rejects.toThrow(AlreadyExistsException);
    await expect(glue.send(new GetDatabaseCommand({ Name: 'nowhere' }))).rejects.toThrow(
      EntityNotFoundException,
    );
  });

  it('pages, and deletes a database with its tables', async () => {
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'gone' } }));
    await glue.send(new CreateTableCommand({ DatabaseName: 'gone', TableInput: { Name: 't' } }));
    const first = await glue.send(new GetDatabasesCommand({ MaxResults: 1 }));
    const second = await glue.send(new GetDatabasesCommand({ NextToken: first.NextToken }));
    expect([...(first.DatabaseList ?? []), ...(second.DatabaseList ?? [])].map((one) => one.Name)).toEqual([
      'gone',
      'shop',
    ]);
    await glue.send(new DeleteDatabaseCommand({ Name: 'gone' }));
    const table = glue.send(new GetTableCommand({ DatabaseName: 'gone', Name: 't' }));
    await expect(table).rejects.toThrow(EntityNotFoundException);
  });
});

describe('tables', () => {
  it('counts versions and refuses an update of an older one', async () => {
    const at = {
      DatabaseName: 'shop',
      TableInput: { Name: 'versions', StorageDescriptor: { Location: 's3://a/' } },
    };
    await glue.send(new CreateTableCommand(at));
    const before = (await glue.send(new GetTableCommand({ DatabaseName: 'shop', Name: 'versions' }))).Table;
    expect(before?.VersionId).toBe('0');
    const moved = { ...at, TableInput: { ...at.TableInput, StorageDescriptor: { Location: 's3://b/' } } };
    await glue.send(new UpdateTableCommand({ ...moved, VersionId: '0' }));
    const stale = glue.send(new UpdateTableCommand({ ...at, VersionId: '0' }));
    await expect(stale).rejects.toThrow(ConcurrentModificationException);
    const after = (await glue.send(new GetTableCommand({ DatabaseName: 'shop', Name: 'versions' }))).Table;
    expect(after).toMatchObject({ VersionId: '1', StorageDescriptor: { Location: 's3://b/' } });
  });

  it('lists by a pattern, page by page', async () => {
    for (const name of ['fact_a', 'fact_b', 'dim_a']) {
      await glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput: { Name: name } }));
    }
    const first = await glue.send(
      new GetTablesCommand({ DatabaseName: 'shop', Expression: 'fact_.*', MaxResults: 1 }),
    );
    const second = await glue.send(
      new GetTablesCommand({ DatabaseName: 'shop', Expression: 'fact_.*', NextToken: first.NextToken }),
    );
    expect([...(first.TableList ?? []), ...(second.TableList ?? [])].map((one) => one.Name)).toEqual([
      'fact_a',
      'fact_b',
    ]);
    expect(second.NextToken).toBeUndefined();
  });

  it('deletes in a batch what is there and reports the rest', async () => {
    await glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput: { Name: 'doomed' } }));
    const { Errors } = await glue.send(
      new BatchDeleteTableCommand({ DatabaseName: 'shop', TablesToDelete: ['doomed', 'absent'] }),
    );
    expect(Errors?.map((one) => [one.TableName, one.ErrorDetail?.ErrorCode])).toEqual([
      ['absent', 'EntityNotFoundException'],
    ]);
  });
});

describe('partitions', () => {
  beforeAll(async () => {
    const days = Array.from({ length: 9 }, (_, day) => `2023-01-0${day + 1}`);
    const PartitionInputList = days.flatMap((day) => [partition(day, '2'), partition(day, '10')]);
    await glue.send(
      new BatchCreatePartitionCommand({ DatabaseName: 'shop', TableName: 'orders', PartitionInputList }),
    );
  });

  it.each([
    ["order_date = '2023-01-02'", 2],
    ["order_date > '2023-01-07' AND shop = 2", 2],
    ["order_date >= '2023-01-02' and order_date <= '2023-01-03'", 4],
    ["order_date IN ('2023-01-01', '2023-01-09')", 4],
    ['shop < 10', 9],
    ["(shop = 10 OR shop = 2) AND NOT order_date < '2023-01-09'", 2],
    ["order_date BETWEEN '2023-01-01' AND '2023-01-02' AND shop <> 2", 2],
    ["order_date = 'it''s'", 0],
  ])('finds by %s', async (expression, count) => {
    expect(await allValues(expression)).toHaveLength(count);
  });

  it('pages through all of them', async () => {
    expect(await allValues()).toHaveLength(18);
  });

  it.each(["region = 'x'", 'order_date LIKE 1', "order_date = '"])(
    'refuses the expression %s',
    async (expression) => {
      await expect(allValues(expression)).rejects.toThrow(InvalidInputException);
    },
  );

  it('reports entry by entry what a batch could not do', async () => {
    const at = { DatabaseName: 'shop', TableName: 'orders' };
    const created = await glue.send(
      new BatchCreatePartitionCommand({
        ...at,
        PartitionInputList: [partition('2023-01-01', '2'), partition('2023-02-01', '2')],
      }),
    );
    expect(created.Errors?.map((one) => [one.PartitionValues, one.ErrorDetail?.ErrorCode])).toEqual([
      [['2023-01-01', '2'], 'AlreadyExistsException'],
    ]);
    const moved = { Values: ['2023-02-01', '2'], StorageDescriptor: { Location: 's3://elsewhere/' } };
    const updated = await glue.send(
      new BatchUpdatePartitionCommand({
        ...at,
        Entries: [
          { PartitionValueList: ['2023-02-01', '2'], PartitionInput: moved },
          { PartitionValueList: ['2024-02-01', '2'], PartitionInput: partition('2024-02-01', '2') },
        ],
      }),
    );
    expect(updated.Errors?.map((one) => one.ErrorDetail?.ErrorCode)).toEqual(['EntityNotFoundException']);
    const { Partition } = await glue.send(
      new GetPartitionCommand({ ...at, PartitionValues: ['2023-02-01', '2'] }),
    );
    expect(Partition?.StorageDescriptor?.Location).toBe('s3://elsewhere/');
    const deleted = await glue.send(
      new BatchDeletePartitionCommand({
        ...at,
        PartitionsToDelete: [{ Values: ['2023-02-01', '2'] }, { Values: ['2023-02-02', '2'] }],
      }),
    );
    expect(deleted.Errors?.map((one) => one.PartitionValues)).toEqual([['2023-02-02', '2']]);
    const found = await glue.send(
      new BatchGetPartitionCommand({
        ...at,
        PartitionsToGet: [{ Values: ['2023-01-01', '10'] }, { Values: ['2023-02-01', '2'] }],
      }),
    );
    expect(found.Partitions?.map((one) => one.Values)).toEqual([['2023-01-01', '10']]);
  });

  it('refuses values that do not match the keys, and batches that are too long', async () => {
    const at = { DatabaseName: 'shop', TableName: 'orders' };
    const few = await glue.send(
      new BatchCreatePartitionCommand({ ...at, PartitionInputList: [{ Values: ['2023-01-01'] }] }),
    );
    expect(few.Errors?.[0]?.ErrorDetail?.ErrorCode).toBe('InvalidInputException');
    const PartitionInputList = Array.from({ length: 101 }, (_, shop) =>
      partition('2025-01-01', String(shop)),
    );
    const tooMany = glue.send(new BatchCreatePartitionCommand({ ...at, PartitionInputList }));
    await expect(tooMany).rejects.toMatchObject({ name: 'ValidationException' });
    const PartitionsToDelete = PartitionInputList.slice(0, 26).map(({ Values }) => ({ Values }));
    const tooManyDeletes = glue.send(new BatchDeletePartitionCommand({ ...at, PartitionsToDelete }));
    await expect(tooManyDeletes).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('crawlers', () => {
  let store: LocalServer;
  let s3: S3Client;

  beforeAll(async () => {
    store = await startSeaweed(join(folder, 'seaweed'));
    await server.kill();
    server = await startStandIn('glue', folder, awsEnvironment({ AWS_ENDPOINT_URL_S3: store.url }));
    glue.destroy();
    glue = connect();
    s3 = new S3Client({
      region: 'us-east-1',
      endpoint: store.url,
      credentials: accessKey,
      forcePathStyle: true,
    });
    await vi.waitFor(() => s3.send(new CreateBucketCommand({ Bucket: 'curated' })), {
      timeout: 30_000,
      interval: 100,
    });
    const put = async (Key: string, query: string): Promise<void> => {
      const Body = await parquetBytes(query);
      await s3.send(new PutObjectCommand({ Bucket: 'curated', Key, Body }));
    };
    await put(
      'lake/dates/a.parquet',
      "SELECT 1::INT AS date_id, DATE '2023-01-01' AS day, true AS is_weekend",
    );
    await put(
      'lake/Orders Fact/order_date=2023-01-01/gen=1/a.parquet',
      "SELECT 1::BIGINT AS order_id, 1.5::DECIMAL(10,2) AS total, 'x' AS note, TIMESTAMPTZ '2023-01-01 00:00:00+00' AS at",
    );
    await put(
      'lake/Orders Fact/order_date=2023-01-02/gen=1/a.parquet',
      'SELECT 2::BIGINT AS order_id, 0.5::DOUBLE AS extra',
    );
    await s3.send(new PutObjectCommand({ Bucket: 'curated', Key: 'lake/_SUCCESS', Body: '{}' }));
  });

  afterAll(async () => {
    s3.destroy();
    await store.kill();
  });

  it('read what lies on S3, one crawl at a time', async () => {
    const Targets = { S3Targets: [{ Path: 's3://curated/lake/' }] };
    const Name = 'nightly';
    await glue.send(
      new CreateCrawlerCommand({ Name, Role: 'crawler', DatabaseName: 'shop', Targets, TablePrefix: 'c_' }),
    );
    const starts = await Promise.allSettled([1, 2].map(() => glue.send(new StartCrawlerCommand({ Name }))));
    const refused = starts.filter((one) => one.status === 'rejected');
    expect(refused.map((one) => one.reason)).toEqual([expect.any(CrawlerRunningException)]);
    const state = async () => (await glue.send(new GetCrawlerCommand({ Name }))).Crawler;
    await expect.poll(async () => (await state())?.State, { timeout: 20_000 }).toBe('READY');
    expect((await state())?.LastCrawl).toMatchObject({ Status: 'SUCCEEDED' });

    const dates = (await glue.send(new GetTableCommand({ DatabaseName: 'shop', Name: 'c_dates' }))).Table;
    expect(dates?.StorageDescriptor?.Columns).toEqual([
      { Name: 'date_id', Type: 'int' },
      { Name: 'day', Type: 'date' },
      { Name: 'is_weekend', Type: 'boolean' },
    ]);
    const orders = (await glue.send(new GetTableCommand({ DatabaseName: 'shop', Name: 'c_orders_fact' })))
      .Table;
    expect(orders?.PartitionKeys?.map((key) => key.Name)).toEqual(['order_date', 'gen']);
    expect(orders?.StorageDescriptor?.Columns).toEqual([
      { Name: 'order_id', Type: 'bigint' },
      { Name: 'total', Type: 'decimal(10,2)' },
      { Name: 'note', Type: 'string' },
      { Name: 'at', Type: 'timestamp' },
      { Name: 'extra', Type: 'double' },
    ]);
    const { Partitions } = await glue.send(
      new GetPartitionsCommand({
        DatabaseName: 'shop',
        TableName: 'c_orders_fact',
        Expression: "order_date > '2023-01-01'",
      }),
    );
    expect(Partitions?.map((one) => one.StorageDescriptor?.Location)).toEqual([
      's3://curated/lake/Orders Fact/order_date=2023-01-02/gen=1/',
    ]);
  });
});

describe('the process', () => {
  it('keeps what it acknowledged over kill -9, and drops a line that was cut off', async () => {
    const before = await allValues();
    await server.kill();
    appendFileSync(join(folder, 'catalog.jsonl'), '[["table/shop/torn",{"Name":"to');
    server = await startStandIn('glue', folder);
    glue.destroy();
    glue = connect();
    expect(await allValues()).toEqual(before);
    const { Table } = await glue.send(new GetTableCommand({ DatabaseName: 'shop', Name: 'versions' }));
    expect(Table?.VersionId).toBe('1');
    const torn = glue.send(new GetTableCommand({ DatabaseName: 'shop', Name: 'torn' }));
    await expect(torn).rejects.toThrow(EntityNotFoundException);
  });
});
