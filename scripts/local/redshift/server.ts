import { parseArgs } from 'node:util';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { serveAwsJson } from '../aws-json.ts';
import { EngineFaults } from './engine-faults.ts';
import { Lake } from './external/lake.ts';
import { redshiftOperations } from './operations.ts';
import { Runner } from './runner.ts';
import { StatementStore } from './statement-store.ts';
import { Warehouse } from './warehouse.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string' },
    workgroups: { type: 'string', default: 'local,tidemark,default' },
    clusters: { type: 'string', default: 'tidemark' },
    databases: { type: 'string', default: 'tidemark,dev' },
  },
});
if (values.state === undefined)
  throw new Error('--state DIR is required: the folder that keeps the warehouse');
const list = (text: string): string[] => text.split(',').filter((name) => name !== '');
const databases = list(values.databases);
const { env } = process;

const warehouse = await Warehouse.open({
  stateDir: values.state,
  databases,
  httpfsPath: env.TIDEMARK_DUCKDB_HTTPFS,
  s3Endpoint: env.AWS_ENDPOINT_URL_S3,
  region: env.AWS_REGION ?? 'us-east-1',
  accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
  secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
});
const store = new StatementStore(values.state);
const faults = new EngineFaults();
const lake = new Lake(
  new GlueClient({ maxAttempts: 5 }),
  new S3Client({ maxAttempts: 5, forcePathStyle: env.AWS_ENDPOINT_URL_S3 !== undefined }),
  await warehouse.connect(databases[0] ?? ''),
);
const runner = new Runner(warehouse, store, lake, faults);
await runner.recover();

await serveAwsJson({
  targetPrefix: 'RedshiftData',
  port: Number(values.port),
  operations: redshiftOperations(store, runner, {
    workgroups: list(values.workgroups),
    clusters: list(values.clusters),
    databases,
  }),
  admin: { '/_engine': async (input) => faults.configure(input as Record<string, unknown>) },
  onShutdown: async () => {
    store.compact();
    warehouse.close();
  },
});
