import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { serveAwsJson } from '../aws-json.ts';
import { crawlerOperations } from './crawlers.ts';
import { databaseOperations } from './databases.ts';
import { Journal } from './journal.ts';
import { partitionOperations } from './partitions.ts';
import { tableOperations } from './tables.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, state: { type: 'string' } },
});
if (values.state === undefined) throw new Error('--state DIR is required: the folder that keeps the catalog');

const journal = new Journal(join(values.state, 'catalog.jsonl'));
const { env } = process;
const s3 = new S3Client({
  region: env.AWS_REGION ?? 'us-east-1',
  forcePathStyle: env.AWS_ENDPOINT_URL_S3 !== undefined,
});

await serveAwsJson({
  targetPrefix: 'AWSGlue',
  port: Number(values.port),
  operations: {
    ...databaseOperations(journal),
    ...tableOperations(journal),
    ...partitionOperations(journal),
    ...crawlerOperations(journal, s3),
  },
  onShutdown: async () => journal.compact(),
});
