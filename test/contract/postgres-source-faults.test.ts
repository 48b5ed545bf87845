import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createPostgresSource,
  type PostgresSourceOptions,
} from '../../src/adapters/postgres/postgres-source.ts';
import { TidemarkError } from '../../src/core/errors.ts';
import type { ExtractRequest } from '../../src/ports/source.ts';
import { captureRequest, entityOf } from '../support/extract-request.ts';
import { startPostgres, type ThrowawayPostgres, until } from '../support/postgres.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let server: ThrowawayPostgres;

beforeAll(async () => {
  server = await startPostgres();
  await server.sql(`
    create role reader login password 'of-the-reader';
    create table wide as select i as id, repeat(md5(i::text), 20) as filler from generate_series(1, 30000) i;
    create table small (id int);
    create view slow as select 1 as id, pg_sleep(1.5)::text as pause;
    create view endless as select 1 as id from generate_series(1, 1000000) i where pg_sleep(0.01)::text is null;
    grant select on wide, slow, endless to reader`);
});

afterAll(() => server.stop());

// Whatever went wrong, no session may stay behind.
afterEach(() => until(async () => (await sessions()).length === 0));

const sessions = () =>
  server.sql<{ pid: number; query: string }>(
    "select pid, query from pg_stat_activity where application_name like 'tidemark%'",
  );
const wide = entityOf('public.wide', ['id integer', 'filler text']);
const endless = entityOf('public.endless', ['id integer']);
const open = (options: Partial<PostgresSourceOptions> = {}) =>
  createPostgresSource({ url: server.url('reader', 'of-the-reader'), name: 'shop', ...options });

/** An upload that takes the first bytes, calls `meanwhile` once, and waits for what follows. */
function pausing(meanwhile: () => void): Partial<ExtractRequest> {
  return {
    upload: async (_entity, _part, body) => {
      let sizeBytes = 0;
      for await (const chunk of body) {
        if (sizeBytes === 0) meanwhile();
        sizeBytes += (chunk as Buffer).length;
      }
      return { uri: 'memory://gone', sizeBytes };
    },
  };
}

describe('errors say what to do', () => {
  test.each([
    ['a wrong password', { user: 'reader', password: 'wrong-pass' }, 'SOURCE_AUTH_FAILED'],
    ['an unknown user', { user: 'nobody', password: 'wrong-pass' }, 'SOURCE_AUTH_FAILED'],
  ] as const)('%s', async (_what, { user, password }, code) => {
    const source = open({ url: server.url(user, password) });
    const refused = source.introspect([]);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(/^source shop \(127\.0\.0\.1:\d+\/shop\): /);
    await expect(refused).rejects.not.toThrow(/wrong-pass/);
    expect(await source.probe([])).toEqual([expect.stringContaining('source shop')]);
  });

  test('no database, no server, no such host, an unreadable URL', async () => {
    const url = server.url();
    await expect(open({ url: url.replace(/shop$/, 'gone') }).introspect([])).rejects.toMatchObject({
      code: 'SOURCE_AUTH_FAILED',
    });
    for (const wrong of [
      url.replace(String(server.port), '1'),
      url.replace('127.0.0.1', 'nowhere.invalid'),
    ]) {
      await expect(open({ url: wrong }).introspect([])).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    }
    expect(() => open({ url: 'postgresql://u:hidden-word@[bad' })).toThrow(
      /source shop: its URL cannot be read/,
    );
    expect(() => open({ url: 'postgresql://u:hidden-word@[bad' })).not.toThrow(/hidden-word/);
  });

  test('a missing table, column or grant, a measure that is text', async () => {
    const extract = (entity: typeof wide) => open().extract(captureRequest([wide, entity]));
    const missing = extract(entityOf('public.absent', ['id integer']));
    await expect(missing).rejects.toMatchObject({ code: 'SOURCE_TABLE_MISSING' });
    await expect(missing).rejects.toThrow(/no table public\.absent/);
    const column = extract(entityOf('public.wide', ['id integer', 'nick text']));
    await expect(column).rejects.toMatchObject({ code: 'SOURCE_TABLE_MISSING' });
    await expect(column).rejects.toThrow(/public\.wide has no column nick; it has id, filler/);
    const denied = extract(entityOf('public.small', ['id integer']));
    await expect(denied).rejects.toMatchObject({ code: 'SOURCE_ACCESS_DENIED' });
    await expect(denied).rejects.toThrow(/public\.small/);
    const wordy = extract(entityOf('public.wide', ['id integer'], undefined, ['filler']));
    await expect(wordy).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
  });

  test('a grant on single columns is enough for those columns and no more', async () => {
    await server.sql('create table personal (id int, email text); grant select (id) on personal to reader');
    const request = captureRequest([entityOf('public.personal', ['id integer'])]);
    await open().extract(request);
    expect(request.csv('personal')).toBe('id\n');
    await expect(
      open().extract(captureRequest([entityOf('public.personal', ['id integer', 'email text'])])),
    ).rejects.toMatchObject({ code: 'SOURCE_ACCESS_DENIED' });
  });
});

describe('an abort rejects at once and ends the sessions', () => {
  test('in the middle of a COPY', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled by a person');
    const request = captureRequest([wide], { signal: abort.signal, ...pausing(() => abort.abort(reason)) });
    await expect(open().extract(request)).rejects.toBe(reason);
  });

  test('while the server scans without a row', async () => {
    const abort = new AbortController();
    const extracting = open().extract(captureRequest([endless], { signal: abort.signal }));
    await until(async () => (await sessions()).some(({ query }) => query.startsWith('COPY')));
    const abortedAt = performance.now();
    abort.abort();
    await expect(extracting).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - abortedAt).toBeLessThan(2_500);
  });

  test('while it waits for a lock, and before it has begun', async () => {
    const migrating = await server.connect();
    await migrating.query('begin; lock table wide');
    const abort = new AbortController();
    const extracting = open().extract(captureRequest([wide], { signal: abort.signal }));
    await until(async () => (await sessions()).some(({ query }) => query.includes('LOCK TABLE')));
    abort.abort();
    await expect(extracting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(open().extract(captureRequest([wide], { signal: abort.signal }))).rejects.toMatchObject({
      name: 'AbortError',
    });
    const impatient = open({ lockTimeoutMs: 100 }).extract(captureRequest([wide]));
    await expect(impatient).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
    await expect(impatient).rejects.toThrow(/lock timeout/);
    await migrating.end();
  });

  test('when the source is closed', async () => {
    const source = open();
    const extracting = source.extract(captureRequest([endless]));
    const settled = expect(extracting).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
    await until(async () => (await sessions()).length > 0);
    await source.close();
    await settled;
    await expect(source.introspect([])).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
  });
});

describe('a broken read is SOURCE_INTERRUPTED', () => {
  test.each([
    ['the reading backend', 'COPY%'],
    ['the backend that holds the snapshot', 'SELECT pg_export_snapshot%'],
  ])('when %s is killed', async (_what, query) => {
    let killed: Promise<unknown> = Promise.resolve();
    const request = captureRequest(
      [wide, endless],
      pausing(() => {
        killed = until(async () => {
          const rows = await server.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tidemark%' and query like $1",
            [query],
          );
          return rows.length > 0;
        });
      }),
    );
    await expect(open().extract(request)).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
    await killed;
  });

  test('when a statement takes too long', async () => {
    const slow = open({ statementTimeoutMs: 200 }).extract(captureRequest([endless]));
    await expect(slow).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
    await expect(slow).rejects.toThrow(/statement timeout/);
  });

  test('when the network swallows everything before the read has begun', async () => {
    const proxy = await startTcpProxy(server.port);
    const url = server.url('reader', 'of-the-reader').replace(String(server.port), String(proxy.port));
    // Enough for the handshake, too little for the catalog.
    proxy.stallAfter(700);
    const stalled = open({ url, idleTimeoutMs: 300, lockTimeoutMs: 100 }).introspect(['public.wide']);
    await expect(stalled).rejects.toThrow(/no answer for 400 ms; the network dropped it/);
    await proxy.stop();
  });

  test.each(['everything', 'one connection'])('when the network swallows %s', async (what) => {
    const proxy = await startTcpProxy(server.port);
    const url = server.url('reader', 'of-the-reader').replace(String(server.port), String(proxy.port));
    // The coordinator opens first; of the readers the proxy lets through the handshake and some rows.
    const request = captureRequest(
      [wide],
      what === 'everything' ? pausing(() => proxy.stall()) : { parallel: 1 },
    );
    if (what === 'one connection') proxy.stallAfter(200_000);
    const stalled = open({ url, idleTimeoutMs: 400 }).extract(request);
    await expect(stalled).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
    await expect(stalled).rejects.toThrow(/the network dropped it/);
    await proxy.stop();
  });
});

test('a failed upload passes its own error on and ends the sessions', async () => {
  const full = new TidemarkError('STORE_ACCESS_DENIED', 'no');
  const request = captureRequest([wide], {
    upload: async (_entity, _part, body) => {
      for await (const _ of body) break;
      throw full;
    },
  });
  await expect(open().extract(request)).rejects.toBe(full);
  const short = captureRequest([wide], {
    upload: async (_entity, _part, body) => {
      for await (const _ of body);
      return { uri: 'memory://short', sizeBytes: 1 };
    },
  });
  await expect(open().extract(short)).rejects.toThrow(/memory:\/\/short: the store holds 1 of \d+ bytes/);
});

test('a slow store and a long silent scan are not mistaken for a dead source', async () => {
  const columns = ['id integer', 'pause text'];
  const alive: string[] = [];
  const request = captureRequest([entityOf('public.slow', columns), wide], {
    onProgress: ({ entity }) => alive.push(entity),
  });
  const { upload } = request;
  const result = await open({ idleTimeoutMs: 300 }).extract({
    ...request,
    upload: async (entity, part, body) => {
      const stored = await upload(entity, part, body);
      if (entity === 'wide') await delay(1_000);
      return stored;
    },
  });
  expect(result.entities.slow!.rowCount).toBe(1);
  expect(result.entities.wide!.rowCount).toBe(30_000);
  // The scan gives no row for 1.5 s, yet the caller hears that the source lives.
  expect(alive.filter((entity) => entity === 'slow').length).toBeGreaterThan(5);
});
