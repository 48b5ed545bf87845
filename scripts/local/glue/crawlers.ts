import type { S3Client } from '@aws-sdk/client-s3';
import { AwsError, type Operation } from '../aws-json.ts';
import { crawlPath, type FoundTable } from './crawl.ts';
import {
  alreadyExists,
  asInput,
  type Input,
  notFound,
  nowSeconds,
  page,
  requireName,
  requireObject,
  requireString,
} from './input.ts';
import type { Change, Journal } from './journal.ts';
import { crawlerKey, partitionKey, tableKey } from './keys.ts';
import { requireDatabase } from './lookup.ts';
import { catalogId, type Partition, type StorageDescriptor, type Table } from './shapes.ts';
import { tableFrom } from './tables.ts';

interface Crawler {
  Name: string;
  State: 'READY' | 'RUNNING';
  DatabaseName: string;
  TablePrefix?: string;
  Targets: { S3Targets?: { Path?: string }[] };
  LastCrawl?: { Status: 'SUCCEEDED' | 'FAILED'; ErrorMessage?: string; StartTime: number };
  [member: string]: unknown;
}

const parquet: StorageDescriptor = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: {
    SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    Parameters: { 'serialization.format': '1' },
  },
};

/** CreateCrawler, GetCrawler, GetCrawlers, StartCrawler and DeleteCrawler, over S3 targets of Parquet files. */
export function crawlerOperations(journal: Journal, s3: S3Client): Record<string, Operation> {
  failInterrupted(journal);
  const find = (input: Input): Crawler => {
    const name = requireString(input, 'Name');
    const crawler = journal.get<Crawler>(crawlerKey(name));
    if (crawler === undefined) throw notFound(`Crawler with name ${name} does not exist`);
    return crawler;
  };
  const findReady = (input: Input): Crawler => {
    const crawler = find(input);
    if (crawler.State !== 'READY') {
      throw new AwsError('CrawlerRunningException', `Crawler with name ${crawler.Name} has already started`);
    }
    return crawler;
  };
  return {
    CreateCrawler: async (request) => {
      const input = asInput(request);
      const name = requireString(input, 'Name');
      requireString(input, 'Role');
      requireObject(input, 'Targets');
      if (journal.get(crawlerKey(name)) !== undefined) throw alreadyExists(`${name} already exists`);
      const now = nowSeconds();
      const DatabaseName = requireName(input, 'DatabaseName');
      const times = { CreationTime: now, LastUpdated: now, CrawlElapsedTime: 0, Version: 1 };
      journal.commit([[crawlerKey(name), { ...input, ...times, DatabaseName, State: 'READY' }]]);
      return {};
    },
    GetCrawler: async (request) => ({ Crawler: find(asInput(request)) }),
    GetCrawlers: async (request) => {
      const { items, ...rest } = page(journal.list<Crawler>(crawlerKey('')), asInput(request), 100);
      return { Crawlers: items, ...rest };
    },
    DeleteCrawler: async (request) => {
      journal.commit([[crawlerKey(findReady(asInput(request)).Name), null]]);
      return {};
    },
    StartCrawler: async (request) => {
      const crawler = findReady(asInput(request));
      journal.commit([[crawlerKey(crawler.Name), { ...crawler, State: 'RUNNING' }]]);
      void crawl(journal, s3, crawler);
      return {};
    },
  };
}

/** Never fails: what went wrong is noted as the last crawl. */
async function crawl(journal: Journal, s3: S3Client, crawler: Crawler): Promise<void> {
  const StartTime = nowSeconds();
  let LastCrawl: Crawler['LastCrawl'] = { Status: 'SUCCEEDED', StartTime };
  try {
    requireDatabase(journal, crawler.DatabaseName);
    for (const { Path } of crawler.Targets.S3Targets ?? []) {
      const tables = await crawlPath(s3, Path ?? '', crawler.TablePrefix ?? '');
      journal.commit(tables.flatMap((table) => catalogChanges(journal, crawler, table)));
    }
  } catch (error) {
    LastCrawl = { Status: 'FAILED', ErrorMessage: String(error), StartTime };
  }
  journal.commit([[crawlerKey(crawler.Name), { ...crawler, State: 'READY', LastCrawl }]]);
}

function catalogChanges(journal: Journal, crawler: Crawler, found: FoundTable): Change[] {
  const database = crawler.DatabaseName;
  const descriptor: StorageDescriptor = { ...parquet, Columns: found.columns, Location: found.location };
  const key = tableKey(database, found.name);
  const table: Table = tableFrom(
    database,
    {
      Name: found.name,
      TableType: 'EXTERNAL_TABLE',
      Parameters: { classification: 'parquet', UPDATED_BY_CRAWLER: crawler.Name },
      PartitionKeys: found.partitionKeys,
      StorageDescriptor: descriptor,
    },
    journal.get<Table>(key),
  );
  const partitions = found.partitions.map(({ values, location }): Change => {
    const partition: Partition = {
      Values: values,
      DatabaseName: database,
      TableName: found.name,
      CatalogId: catalogId,
      CreationTime: nowSeconds(),
      StorageDescriptor: { ...descriptor, Location: location },
    };
    return [partitionKey(database, found.name, values), partition];
  });
  return [[key, table], ...partitions];
}

/** A crawl ends with the process that ran it. */
function failInterrupted(journal: Journal): void {
  const interrupted = journal.list<Crawler>(crawlerKey('')).filter((crawler) => crawler.State === 'RUNNING');
  const LastCrawl = { Status: 'FAILED', ErrorMessage: 'Internal Service Exception', StartTime: nowSeconds() };
  journal.commit(
    interrupted.map((crawler) => [crawlerKey(crawler.Name), { ...crawler, State: 'READY', LastCrawl }]),
  );
}
