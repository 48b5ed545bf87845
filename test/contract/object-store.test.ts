import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { contractBucket, isAws } from './contract-target.ts';
import { startCuttingProxy } from './cutting-proxy.ts';

const client = new S3Client({});
const store = createS3ObjectStore(client);
const prefix = `contract/${randomUUID()}`;
const uriOf = (name: string) => `s3://${contractBucket}/${prefix}/${name}`;
const MIB = 1024 * 1024;

afterAll(() => client.destroy());

async function countIncompleteUploads(): Promise<number> {
  const { Uploads } = await client.send(
    new ListMultipartUploadsCommand({ Bucket: contractBucket, Prefix: prefix }),
  );
  return Uploads?.length ?? 0;
}

describe('reading', () => {
  test('gives text and one etag, the same from every call', async () => {
    const uri = uriOf('etag.txt');
    const created = await store.create(uri, 'żółw 🐢');
    expect(await store.read(uri)).toEqual({ text: 'żółw 🐢', etag: created.etag });
    expect(await store.head(uri)).toEqual({ sizeBytes: Buffer.byteLength('żółw 🐢'), etag: created.etag });
    expect(created.etag).toMatch(/^"[^"]+"$/);
    const swapped = await store.swap(uri, 'second', created.etag);
    expect((await store.read(uri))?.etag).toBe(swapped.etag);
  });

  test('tells a missing object from a missing bucket', async () => {
    expect(await store.read(uriOf('none'))).toBeNull();
    expect(await store.head(uriOf('none'))).toBeNull();
    const elsewhere = `s3://tidemark-none-${randomUUID().slice(0, 8)}/key`;
    await expect(store.read(elsewhere)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
    await expect(store.head(elsewhere)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
    await expect(store.probe(elsewhere)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
  });

  test('reads exactly the range that was asked for, of the object that was asked for', async () => {
    const uri = uriOf('range.bin');
    const { etag } = await store.create(uri, Buffer.from('0123456789'));
    expect((await store.readRange(uri, 2, 3)).toString()).toBe('234');
    expect((await store.readRange(uri, 0, 10, etag)).toString()).toBe('0123456789');
    expect((await store.readRange(uri, 9, 1, etag.replaceAll('"', ''))).toString()).toBe('9');
    expect(await store.readRange(uri, 4, 0)).toHaveLength(0);
    await expect(store.readRange(uri, 8, 3)).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
    await expect(store.readRange(uri, 20, 3)).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
    await store.write(uri, 'abcdefghij');
    await expect(store.readRange(uri, 0, 3, etag)).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
    await expect(store.readRange(uriOf('none'), 0, 3)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  });
});

describe('create', () => {
  test('leaves what is there', async () => {
    const uri = uriOf('create.txt');
    const first = await store.create(uri, 'first');
    expect(first.created).toBe(true);
    expect(await store.create(uri, 'second')).toEqual({ created: false, etag: first.etag });
    expect((await store.read(uri))?.text).toBe('first');
  });

  test('has one winner among many at once, even with the same bytes', async () => {
    const uri = uriOf('race.txt');
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => store.create(uri, 'mine')));
    expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
  });
});

describe('swap', () => {
  test('replaces only what is expected', async () => {
    const uri = uriOf('swap.json');
    const first = await store.swap(uri, '1', null);
    expect(first.swapped).toBe(true);
    expect(await store.swap(uri, '2', null)).toEqual({ swapped: false, etag: first.etag });
    const second = await store.swap(uri, '2', first.etag);
    expect(second.swapped).toBe(true);
    expect(await store.swap(uri, '3', first.etag)).toEqual({ swapped: false, etag: second.etag });
    expect(await store.swap(uriOf('none'), '1', first.etag)).toEqual({ swapped: false, etag: '' });
    expect((await store.read(uri))?.text).toBe('2');
  });

  test('has one winner among many at once', async () => {
    const uri = uriOf('swap-race.json');
    const { etag } = await store.swap(uri, 'start', null);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, index) => store.swap(uri, `writer ${index}`, etag)),
    );
    const winners = outcomes.flatMap(({ swapped }, index) => (swapped ? [index] : []));
    expect(winners).toHaveLength(1);
    expect((await store.read(uri))?.text).toBe(`writer ${winners[0]}`);
  });
});

describe('upload', () => {
  test.each([
    ['nothing', 0],
    ['less than a part', 1_000],
    ['a part to the byte', 8 * MIB],
    ['several parts', 20 * MIB + 7],
  ])('stores %s as it came', async (name, sizeBytes) => {
    const bytes = randomBytes(sizeBytes);
    const seen: number[] = [];
    const chunks = Array.from({ length: Math.ceil(sizeBytes / 65_536) }, (_, index) =>
      bytes.subarray(index * 65_536, (index + 1) * 65_536),
    );
    const uri = uriOf(`upload ${name}.gz`);
    const options = {
      contentType: 'text/csv',
      contentEncoding: 'gzip',
      onProgress: (n: number) => seen.push(n),
    };
    const stored = await store.upload(uri, Readable.from(chunks), options);
    expect(stored.sizeBytes).toBe(sizeBytes);
    expect(await store.head(uri)).toEqual({ sizeBytes, etag: stored.etag });
    const read = await store.readRange(uri, 0, sizeBytes, stored.etag);
    expect(digest(read)).toBe(digest(bytes));
    expect(seen.at(-1)).toBe(sizeBytes);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('keeps memory flat however long the stream', async () => {
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const chunk = randomBytes(MIB);
    async function* generate() {
      for (let index = 0; index < 96; index++) {
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
        yield Buffer.from(chunk);
      }
    }
    const { sizeBytes } = await store.upload(uriOf('long.bin'), Readable.from(generate()));
    expect(sizeBytes).toBe(96 * MIB);
    expect(peak / MIB).toBeLessThan(80);
  });

  test('an abort ends it with the reason and leaves no incomplete upload, even while the body stalls', async () => {
    const body = new PassThrough();
    const abort = new AbortController();
    let outcome: Promise<unknown> = Promise.resolve();
    const begun = new Promise<void>((resolve) => {
      const options = { signal: abort.signal, onProgress: () => resolve() };
      outcome = store.upload(uriOf('aborted.bin'), body, options).catch((error: unknown) => error);
    });
    body.write(randomBytes(9 * MIB));
    await begun;
    expect(await countIncompleteUploads()).toBe(1);
    const reason = new Error('told to stop');
    abort.abort(reason);
    expect(await outcome).toBe(reason);
    expect(await countIncompleteUploads()).toBe(0);
    expect(await store.head(uriOf('aborted.bin'))).toBeNull();
  });

  test('does not begin when it is already aborted', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(store.upload(uriOf('late.bin'), Readable.from(['x']), { signal })).rejects.toThrow(
      'too late',
    );
    expect(await store.head(uriOf('late.bin'))).toBeNull();
  });

  test('an error of the body comes out as it is and leaves no incomplete upload', async () => {
    const broken = Object.assign(new Error('the database went away'), { code: 'ECONNRESET' });
    async function* generate() {
      yield randomBytes(17 * MIB);
      throw broken;
    }
    await expect(store.upload(uriOf('broken.bin'), Readable.from(generate()))).rejects.toBe(broken);
    expect(await countIncompleteUploads()).toBe(0);
  });
});

test('probe leaves nothing behind', async () => {
  await store.probe(uriOf('probed'));
  expect(await countIncompleteUploads()).toBe(0);
  const { KeyCount } = await client.send(
    new ListObjectsV2Command({ Bucket: contractBucket, Prefix: `${prefix}/probed` }),
  );
  expect(KeyCount).toBe(0);
});

test('a wrong secret is told from a network that is down', async () => {
  const stranger = new S3Client({ credentials: { accessKeyId: 'unknown', secretAccessKey: 'unknown' } });
  const away = new S3Client({ endpoint: 'http://127.0.0.1:9', maxAttempts: 1 });
  const denied = createS3ObjectStore(stranger).read(uriOf('x'));
  await expect(denied).rejects.toMatchObject({ code: 'AWS_ACCESS_DENIED' });
  await expect(createS3ObjectStore(away).read(uriOf('x'))).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
  });
});

describe.skipIf(isAws)('when an answer is lost', async () => {
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? 'http://127.0.0.1';
  const proxy = await startCuttingProxy(endpoint);
  const cut = new S3Client({ endpoint: proxy.url });
  const single = new S3Client({ endpoint: proxy.url, maxAttempts: 1 });
  const isWrite = (name: string) => (request: IncomingMessage) =>
    request.method !== 'GET' && request.method !== 'HEAD' && request.url!.includes(name);

  afterAll(async () => {
    cut.destroy();
    single.destroy();
    await proxy[Symbol.asyncDispose]();
  });

  test.each([
    ['the SDK tries again', cut],
    ['the SDK does not', single],
  ])('create and swap recognise their own content when %s', async (_, s3) => {
    const flaky = createS3ObjectStore(s3);
    const uri = uriOf(`lost-${randomUUID()}`);
    proxy.loseAnswer(isWrite('lost-'));
    const created = await flaky.create(uri, 'first');
    expect(created.created).toBe(true);
    proxy.loseAnswer(isWrite('lost-'));
    const swapped = await flaky.swap(uri, 'second', created.etag);
    expect(swapped.swapped).toBe(true);
    expect(await store.read(uri)).toEqual({ text: 'second', etag: swapped.etag });
  });

  test('create does not claim what another wrote meanwhile', async () => {
    const uri = uriOf('taken.txt');
    proxy.loseRequest(isWrite('taken'), () => store.create(uri, 'theirs'));
    expect((await createS3ObjectStore(cut).create(uri, 'mine')).created).toBe(false);
    expect((await store.read(uri))?.text).toBe('theirs');
  });

  test('swap does not claim what another wrote meanwhile', async () => {
    const uri = uriOf('overtaken.txt');
    const { etag } = await store.create(uri, 'start');
    proxy.loseRequest(isWrite('overtaken'), () => store.swap(uri, 'theirs', etag));
    expect((await createS3ObjectStore(cut).swap(uri, 'mine', etag)).swapped).toBe(false);
  });

  test('a request that never arrived is an error to retry', async () => {
    proxy.loseRequest(isWrite('never'));
    const lost = createS3ObjectStore(single).create(uriOf('never.txt'), 'x');
    await expect(lost).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true });
  });

  test('an upload recognises its own object', async () => {
    const bytes = randomBytes(9 * MIB);
    const uri = uriOf('lost-complete.bin');
    proxy.loseAnswer((request) => request.method === 'POST' && /lost-complete.*uploadId/.test(request.url!));
    const stored = await createS3ObjectStore(cut).upload(uri, Readable.from([bytes]));
    expect(proxy.cutCount).toBeGreaterThan(0);
    expect(await store.head(uri)).toEqual(stored);
    expect(stored.sizeBytes).toBe(bytes.length);
    expect(await countIncompleteUploads()).toBe(0);
  });
});

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
