import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveAwsJson } from '../aws-json.ts';
import { databaseOperations } from './databases.ts';
import { Journal } from './journal.ts';
import { partitionOperations } from './partitions.ts';
import { tableOperations } from './tables.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, state: { type: 'string' } },
});
if (values.state === undefined) throw new Error('--state DIR is required: the folder that keeps the catalog');

const journal = new Journal(join(values.state, 'catalog.jsonl'));

await serveAwsJson({
  targetPrefix: 'AWSGlue',
  port: Number(values.port),
  operations: {
    ...databaseOperations(journal),
    ...tableOperations(journal),
    ...partitionOperations(journal),
  },
  onShutdown: async () => journal.compact(),
});
