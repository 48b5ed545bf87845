import { S3Client } from '@aws-sdk/client-s3';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivityDeps } from '../../activities/deps.ts';
import type { ExtractProgress } from '../../activities/extract-progress.ts';
import { makeExtractSource } from '../../activities/extract-source.ts';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { definePipeline } from '../../src/core/definition.ts';
import type { Zones } from '../../src/core/layout.ts';
import type { ExtractManifest } from '../../src/core/manifest.ts';
import { assemblePipeline } from '../../src/core/pipeline.ts';
import type { ExtractSummary } from '../../src/core/run.ts';

/** What a try of an extract needs; it travels to another process as JSON. */
export interface ExtractTry {
  /** URL of the database. */
  readonly url: string;
  readonly zones: Zones;
  readonly generation: string;
  /** What the last try told by heartbeat. */
  readonly details?: ExtractProgress;
}

const MIB = 1024 * 1024;

/** One table of text, read in parts of about 16 MiB, one after the other. */
const pipeline = assemblePipeline(
  definePipeline({
    name: 'proof',
    sources: { shop: { connections: 1 } },
    entities: [
      {
        name: 'big',
        source: 'shop',
        table: 'public.big',
        key: ['k'],
        columns: { k: { type: 'integer', nullable: false }, note: { type: 'text' } },
      },
    ],
  }),
  [],
  {},
);

/** Runs the activity that reads the table `big` whole, as a worker does, into the object store of the environment. */
export async function runExtractTry(
  { url, zones, generation, details }: ExtractTry,
  onHeartbeat: (details: ExtractProgress) => void,
): Promise<ExtractManifest> {
  const client = new S3Client({});
  const store = createS3ObjectStore(client);
  const source = createPostgresSource({ url, name: 'shop', partSizeBytes: 16 * MIB });
  const extractSource = makeExtractSource({
    pipelines: new Map([['proof', pipeline]]),
    zones,
    store,
    sourceOf: () => source,
  } as unknown as ActivityDeps);
  const input: Parameters<typeof extractSource>[0] = {
    pipeline: 'proof',
    kind: 'live',
    runKey: 'live-1',
    source: 'shop',
    entities: [{ name: 'big', read: { mode: 'full', reason: 'test' } }],
    generation,
  };
  const env = new MockActivityEnvironment(
    { heartbeatDetails: details },
    // A try that fails on purpose is no news.
    { logger: new DefaultLogger('ERROR') },
  );
  env.on('heartbeat', onHeartbeat);
  try {
    const { manifest }: ExtractSummary = await env.run(extractSource, input);
    return JSON.parse((await store.read(manifest.uri))!.text) as ExtractManifest;
  } finally {
    await source.close();
    client.destroy();
  }
}
