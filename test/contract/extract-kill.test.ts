import { fork } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExtractProgress } from '../../activities/extract-progress.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { makeLayout, type Zones } from '../../src/core/layout.ts';
import type { ExtractManifest } from '../../src/core/manifest.ts';
import { randomFrom } from '../support/busy-writers.ts';
import { type ExtractTry, runExtractTry } from '../support/extract-try.ts';
import { createLake, readCsv } from '../support/lake-of-parts.ts';
import { startPostgres, type ThrowawayPostgres, until } from '../support/postgres.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { contractBucket } from './contract-target.ts';

const seed = Number(process.env.TIDEMARK_TEST_SEED ?? Date.now() % 1_000_000);
const random = randomFrom(seed);
const client = new S3Client({});
const store = createS3ObjectStore(client);
const ROW_COUNT = 23_000;
const MB = 1_000_000;

let server: ThrowawayPostgres;
/** Of the notes; as CSV they are longer. */
let tableBytes: number;

beforeAll(async () => {
  server = await startPostgres();
  // 37 MB that hardly compress, with quotes and line feeds: two parts, each a multipart upload of two, and a small one.
  await server.sql(`
    create function noise(k int, salt text) returns text language sql as $$
      select string_agg(translate(encode(sha512(convert_to(k || salt || i, 'UTF8')), 'base64'), '/+ABCDEF', '""""""""'), ' ')
        from generate_series(1, 17) i
    $$;
    create table big (k int primary key, note text);
    insert into big select k, noise(k, '') from generate_series(1, ${ROW_COUNT}) k`);
  // Room all over the table, so that what is written between two tries lands also in blocks that were read before.
  await server.sql('delete from big where k % 50 = 0');
  await server.sql('vacuum big');
  const [size] = await server.sql<{ bytes: string }>('select sum(octet_length(note)) as bytes from big');
  tableBytes = Number(size!.bytes);
});

afterAll(async () => {
  await server?.stop();
  client.destroy();
});

/** Zones of a test's own, and what is in them. */
function openZones() {
  const prefix = `contract/${randomUUID()}`;
  const zone = (name: string) => `s3://${contractBucket}/${prefix}/${name}`;
  const zones: Zones = {
    raw: zone('raw'),
    clean: zone('clean'),
    curated: zone('curated'),
    quarantine: zone('quarantine'),
    state: zone('state'),
  };
  const generation = 'live-1-x1';
  return {
    zones,
    generation,
    countUploads: async () => {
      const { Uploads } = await client.send(
        new ListMultipartUploadsCommand({ Bucket: contractBucket, Prefix: `${prefix}/` }),
      );
      return Uploads?.length ?? 0;
    },
    /** URIs of all objects. */
    list: async () => {
      const { Contents } = await client.send(
        new ListObjectsV2Command({ Bucket: contractBucket, Prefix: `${prefix}/` }),
      );
      return (Contents ?? []).map(({ Key }) => `s3://${contractBucket}/${Key}`);
    },
    manifest: makeLayout(zones, 'proof').extractManifest('shop', generation),
    isPart: (uri: string) => uri.startsWith(`${zones.raw}/proof/big/run=${generation}/`),
  };
}

/** The rows that a manifest names are those of the source, byte by byte, and its objects are what it says. */
async function expectSource(manifest: ExtractManifest): Promise<void> {
  const lake = createLake(['k']);
  for (const part of manifest.entities.big!.parts) {
    const bytes = await store.readRange(part.uri, 0, part.sizeBytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(part.sha256);
    const rows = readCsv(gunzipSync(bytes).toString('utf8'));
    expect(rows.length).toBe(part.rowCount);
    lake.apply({ order: part.order ?? manifest.snapshot.order, isWhole: false, rows });
  }
  const digests = [...lake.rows().values()].map(({ k, note }) => `${k} ${md5(note!)}`).sort();
  const rows = await server.sql<{ row: string }>(`select k || ' ' || md5(note) as row from big`);
  expect(digests, `TIDEMARK_TEST_SEED=${seed}`).toEqual(rows.map(({ row }) => row).sort());
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const urlBehind = (port: number) => server.url().replace(`:${server.port}/`, `:${port}/`);
/** A number of bytes before the end of what a try still has to read. */
const anywhere = (details: ExtractProgress | undefined) => {
  const storedBytes = (details?.finished?.parts ?? []).reduce((sum, part) => sum + part.csvBytes, 0);
  return Math.round(5_000 + 0.8 * random() * (tableBytes - storedBytes));
};
/** Rows all over the table are written between two tries. */
const writeSome = (salt: string) =>
  server.sql(`update big set note = noise(k, '${salt}') where k % 997 = ${Math.floor(random() * 997)}`);
const sessions = () =>
  server.sql<{ pid: number }>("select pid from pg_stat_activity where application_name like 'tidemark%'");

/** Runs a try in a process of its own and kills it once so many bytes came from the source and `isDue` holds. */
async function killAt(
  byteCount: number,
  each: Omit<ExtractTry, 'url'>,
  isDue: (details: ExtractProgress | undefined) => Promise<boolean>,
): Promise<ExtractProgress | undefined> {
  const proxy = await startTcpProxy(server.port);
  const script = new URL('../support/extract-process.ts', import.meta.url).pathname;
  const child = fork(script, [JSON.stringify({ ...each, url: urlBehind(proxy.port) })], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let { details } = each;
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  child.on('message', (message) => {
    details = message as ExtractProgress;
  });
  const ended = once(child, 'exit');
  const tooSoon = ended.then(() => Promise.reject(new Error(`it ended by itself: ${log}`)));
  tooSoon.catch(() => undefined);
  try {
    await Promise.race([proxy.pauseAt(byteCount).then(() => until(() => isDue(details), 60_000)), tooSoon]);
  } finally {
    child.kill('SIGKILL');
    await ended;
    await proxy.stop();
  }
  await until(async () => (await sessions()).length === 0);
  return details;
}

test(`killed at any byte, an extract leaves nothing that counts, and the next try completes (seed ${seed})`, async () => {
  const { zones, generation, countUploads, list, manifest, isPart } = openZones();
  const kill = (byteCount: number, details: ExtractProgress | undefined, isDue = async () => true) =>
    killAt(Math.round(byteCount), { zones, generation, details }, isDue);

  // In the middle of a multipart upload.
  let details = await kill((14 + 2.5 * random()) * MB, undefined, async () => (await countUploads()) > 0);
  expect(await countUploads()).toBe(1);
  expect(await list()).toEqual([]);
  await writeSome('a');

  // After a part is whole and a heartbeat has told of it.
  details = await killAt(
    (20 + 14 * random()) * MB,
    { zones, generation, details },
    async (seen) => (seen?.finished?.parts.length ?? 0) > 0,
  );
  const kept = details!.finished!.parts[0]!.uri;
  await writeSome('b');
  // Anywhere, the very beginning included.
  details = await kill(anywhere(details), details);
  await writeSome('c');
  expect(await store.read(manifest)).toBeNull();
  expect((await list()).filter((uri) => !isPart(uri))).toEqual([]);

  const result = await runExtractTry({ url: server.url(), zones, generation, details }, () => undefined);
  expect(await countUploads()).toBe(0);
  expect(result.laterSnapshots?.length).toBeGreaterThan(0);
  expect(result.entities.big!.parts.map(({ uri }) => uri)).toContain(kept);
  await expectSource(result);
});

test(`a backend ended at any byte is a retryable error, and the next try completes (seed ${seed})`, async () => {
  const { zones, generation, countUploads, manifest } = openZones();
  let details: ExtractProgress | undefined;
  for (const salt of ['d', 'e', 'f']) {
    const proxy = await startTcpProxy(server.port);
    const paused = proxy.pauseAt(anywhere(details));
    const trying = runExtractTry({ url: urlBehind(proxy.port), zones, generation, details }, (told) => {
      details = told;
    });
    const failed = expect(trying).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED', retryable: true });
    const resume = await paused;
    // The one that reads, or the one that holds the snapshot.
    const pids = (await sessions()).map(({ pid }) => pid).sort();
    await server.sql('select pg_terminate_backend($1)', [pids[Math.floor(random() * pids.length)]]);
    resume();
    await failed;
    await proxy.stop();
    expect(await store.read(manifest)).toBeNull();
    expect(await countUploads()).toBe(0);
    await writeSome(salt);
  }
  const result = await runExtractTry({ url: server.url(), zones, generation, details }, () => undefined);
  await expectSource(result);
});
