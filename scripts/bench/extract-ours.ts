import { S3Client } from '@aws-sdk/client-s3';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { linesTable, ordersTable } from './extract-tables.ts';

// `extract-ours.ts TABLE PARALLEL PREFIX`: reads one table as a worker does and prints what a manifest would hold.
const [table = '', parallel = '', prefix = ''] = process.argv.slice(2);
const { columns } = table.startsWith('bench_orders') ? ordersTable(0) : linesTable(0);
const s3 = new S3Client({ requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 } });
const store = createS3ObjectStore(s3);
const source = createPostgresSource({ url: process.env.TIDEMARK_SOURCE_SHOP_URL!, name: 'bench' });
const began = performance.now();
const result = await source.extract({
  entities: [
    {
      name: table,
      table: `public.${table}`,
      columns,
      read: { mode: 'full', reason: 'bench' },
      measures: [],
      key: [columns[0]!.name],
    },
  ],
  applicationName: 'tidemark bench',
  parallel: Number(parallel),
  signal: new AbortController().signal,
  onProgress: () => undefined,
  upload: async (entity, part, body) => {
    const uri = `${prefix}/${entity}/part-${String(part).padStart(5, '0')}.csv.gz`;
    const { sizeBytes } = await store.upload(uri, body, { contentType: 'application/gzip' });
    return { uri, sizeBytes };
  },
});
const { rowCount, csvBytes, parts } = result.entities[table]!;
const storedBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
const extractMs = performance.now() - began;
console.log(JSON.stringify({ rowCount, csvBytes, storedBytes, parts: parts.length, extractMs }));
await source.close();
s3.destroy();
