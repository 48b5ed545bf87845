import { createHash, randomUUID } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActivityDeps } from '../../activities/deps.ts';
import type { ExtractProgress } from '../../activities/extract-progress.ts';
import { makeExtractSource } from '../../activities/extract-source.ts';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { definePipeline } from '../../src/core/definition.ts';
import type { ExtractManifest } from '../../src/core/manifest.ts';
import { assemblePipeline } from '../../src/core/pipeline.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';
import { contractBucket } from './contract-target.ts';

const client = new S3Client({});
const store = createS3ObjectStore(client);
const zone = `contract/${randomUUID()}`;
const zones = Object.fromEntries(
  ['raw', 'clean', 'curated', 'quarantine', 'state'].map((name) => [
    name,
    `s3://${contractBucket}/${zone}/${name}`,
  ]),
) as unknown as ActivityDeps['zones'];
let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  server = await startPostgres();
  await server.sql(
    `create table orders (order_id bigint primary key, note text); insert into orders select i, repeat('x', 1500) from generate_series(1, 600) i`,
  );
  source = createPostgresSource({ url: server.url(), name: 'erp', partSizeBytes: 24 * 8_192 });
});

afterAll(async () => {
  await source.close();
  await server.stop();
  client.destroy();
});

const definition = definePipeline({
  name: 'shop',
  sources: { erp: { connections: 1 } },
  entities: [
    {
      name: 'orders',
      source: 'erp',
      table: 'public.orders',
      key: ['order_id'],
      columns: { order_id: { type: 'bigint', nullable: false }, note: { type: 'text' } },
    },
  ],
});
const generation = 'live-20240103T000000Z-abc-x1';

/** One try with what the last one has told by heartbeat; `killAt` stored parts the server ends its connections. */
async function attempt(heartbeatDetails?: ExtractProgress, killAt?: number | 'unreachable') {
  const env = new MockActivityEnvironment({ heartbeatDetails }, { logger: new DefaultLogger('ERROR') });
  let last = heartbeatDetails;
  env.on('heartbeat', (details: ExtractProgress) => {
    last = JSON.parse(JSON.stringify(details));
  });
  const uploaded: string[] = [];
  const deps = {
    pipelines: new Map([['shop', assemblePipeline(definition, [], {})]]),
    zones,
    sourceOf: () => source,
    store: {
      ...store,
      head: async (uri: string) => {
        if (killAt === 'unreachable') throw new Error('no store');
        return store.head(uri);
      },
      upload: async (...args: Parameters<typeof store.upload>) => {
        const stored = await store.upload(...args);
        uploaded.push(args[0]);
        const names = await server.sql<{ name: string }>(
          "select application_name as name from pg_stat_activity where application_name like 'tidemark%'",
        );
        // The one that holds the snapshot, and as many as the definition allows.
        if (names.length > 0)
          expect(names.map(({ name }) => name)).toEqual(Array(2).fill('tidemark live-20240103T000000Z-abc'));
        if (uploaded.length === killAt) {
          await server.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tidemark%'",
          );
        }
        return stored;
      },
    },
  } as unknown as ActivityDeps;
  const input: Parameters<ReturnType<typeof makeExtractSource>>[0] = {
    pipeline: 'shop',
    kind: 'live',
    runKey: 'live-20240103T000000Z-abc',
    source: 'erp',
    entities: [{ name: 'orders', read: { mode: 'full', reason: 'test' } }],
    generation,
  };
  const extractSource = makeExtractSource(deps);
  const run = env.run(extractSource, input) as ReturnType<typeof extractSource>;
  return { run, uploaded, details: () => last! };
}

test('a try goes on from what the last one stored, reads again what is not whole, and leaves no half uploads', async () => {
  const first = await attempt(undefined, 3);
  await expect(first.run).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
  const { finished } = first.details();
  expect(finished!.parts.length).toBeGreaterThanOrEqual(2);

  // A worker that was killed in a multipart upload, and an object that is not what it was.
  const left = {
    Bucket: contractBucket,
    Key: `${zone}/raw/shop/orders/run=${generation}/dead/part-00000.csv.gz`,
  };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(left));
  await client.send(new UploadPartCommand({ ...left, UploadId, PartNumber: 1, Body: Buffer.alloc(100) }));
  const other = { ...left, Key: `${zone}/raw/shop/orders/run=another-x1/t/part-00000.csv.gz` };
  await client.send(new CreateMultipartUploadCommand(other));
  const [whole, spoilt] = finished!.parts;
  await store.write(spoilt!.uri, 'x'.repeat(spoilt!.sizeBytes), 'application/gzip');
  await server.sql(`update orders set note = 'changed' where order_id in (1, 600)`);

  // A try that cannot even reach the store forgets nothing.
  const between = await attempt(first.details(), 'unreachable');
  await expect(between.run).rejects.toThrow('no store');
  expect(between.details().finished).toEqual(finished);

  const second = await attempt(between.details());
  const summary = await second.run;
  const manifest = JSON.parse((await store.read(summary.manifest.uri))!.text) as ExtractManifest;
  const { parts } = manifest.entities.orders!;
  expect(parts.map((part) => part.uri)).toContain(whole!.uri);
  expect(parts.map((part) => part.uri)).not.toContain(spoilt!.uri);
  expect(manifest.snapshot).toEqual(finished!.snapshots[0]);
  expect(manifest.laterSnapshots).toHaveLength(1);
  expect(second.uploaded).toHaveLength(parts.length - finished!.parts.length + 1);
  for (const part of parts) {
    const { sizeBytes } = (await store.head(part.uri))!;
    const bytes = await store.readRange(part.uri, 0, sizeBytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(part.sha256);
  }

  const { Uploads } = await client.send(
    new ListMultipartUploadsCommand({ Bucket: contractBucket, Prefix: `${zone}/raw/` }),
  );
  expect(Uploads?.map(({ Key }) => Key)).toEqual([other.Key]);
  expect(await store.abortUploads(`s3://${contractBucket}/${zone}/raw/`)).toBe(1);

  // Once the manifest is there, nothing is read again.
  const third = await attempt(second.details());
  expect((await third.run).manifest).toEqual(summary.manifest);
  expect(third.uploaded).toEqual([]);
});
