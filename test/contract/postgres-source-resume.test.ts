import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import type { EntityRead } from '../../src/core/manifest.ts';
import type { EntityToExtract, ExtractResult, FinishedWork } from '../../src/ports/source.ts';
import { captureRequest, entityOf } from '../support/extract-request.ts';
import { startPostgres, type ThrowawayPostgres, until } from '../support/postgres.ts';

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  server = await startPostgres();
  // 24 pages of 8 KiB a range, about 5 rows a page.
  source = createPostgresSource({ url: server.url(), name: 'shop', partSizeBytes: 24 * 8_192 });
});

afterAll(async () => {
  await source.close();
  await server.stop();
});

const full: EntityRead = { mode: 'full', reason: 'test' };
const columns = ['k integer', 'v integer', 'filler text'];
const ROWS = 2_000;

/** Stored parts of all tries. */
const stored = new Map<string, string>();
let tries = 0;

/** One try; after `killAfter` parts its backends are ended by the server. */
async function attempt(entity: EntityToExtract, resume: FinishedWork | undefined, killAfter?: number) {
  const number = ++tries;
  let work = resume;
  let count = 0;
  let killing: Promise<void> | undefined;
  const request = captureRequest([entity], {
    ...(resume && { resume }),
    // As heartbeat details carry it.
    onFinished: (now) => {
      work = JSON.parse(JSON.stringify(now));
    },
    upload: async (name, part, body) => {
      const bytes = await buffer(body);
      // All wait until they are gone: the rest could be read before.
      if (count++ === killAfter) killing = endBackends();
      await killing;
      const uri = `memory://${number}/${name}/${part}`;
      stored.set(uri, gunzipSync(bytes).toString());
      return { uri, sizeBytes: bytes.length };
    },
  });
  const extracting = source.extract(request);
  if (killAfter === undefined) return { result: await extracting, work: work!, uploads: count };
  await expect(extracting).rejects.toMatchObject({ code: 'SOURCE_INTERRUPTED' });
  return { work: work!, uploads: count };
}

async function endBackends(): Promise<void> {
  const own = "from pg_stat_activity where application_name = 'tidemark test'";
  await server.sql(`select pg_terminate_backend(pid) ${own}`);
  await until(async () => (await server.sql(`select ${own}`)).length === 0);
}

/** `k=v`, the newest of each key by the order of the snapshot of its part. */
function fold({ entities, snapshot }: ExtractResult): string[] {
  const [extract] = Object.values(entities);
  const rows = new Map<string, { value: string; order: string }>();
  for (const part of extract!.parts) {
    const order = part.order ?? snapshot.order;
    const lines = stored.get(part.uri)!.trim().split('\n').slice(1);
    expect(lines).toHaveLength(part.rowCount);
    for (const line of lines) {
      const [k, value] = line.split(',') as [string, string];
      if (order >= (rows.get(k)?.order ?? '')) rows.set(k, { value, order });
    }
  }
  return [...rows].map(([k, { value }]) => `${k}=${value}`).sort();
}

const current = async (table: string) =>
  (await server.sql<{ row: string }>(`select k || '=' || v as row from ${table}`))
    .map(({ row }) => row)
    .sort();

/** Rewrites random rows in transactions with savepoints until stopped; freed space is used again. */
function startWriter(table: string) {
  let isStopped = false;
  let value = 0;
  const writing = (async () => {
    const client = await server.connect();
    while (!isStopped) {
      const key = () => 1 + Math.floor(Math.random() * ROWS);
      value++;
      await client.query('begin');
      await client.query(`update ${table} set v = ${value} where k = ${key()}`);
      await client.query(
        `savepoint a; update ${table} set v = ${value} where k between ${key()} and ${key()} - 1`,
      );
      await client.query(value % 3 === 0 ? 'rollback to a' : 'release a');
      if (value % 4 === 0)
        await client.query(`insert into ${table} values (${ROWS + value}, ${value}, 'new')`);
      await client.query('commit');
      if (value % 10 === 0) await client.query(`vacuum ${table}`);
    }
    await client.end();
  })();
  return async () => {
    isStopped = true;
    await writing;
    return value;
  };
}

describe.each([
  ['a table', (name: string) => `create table ${name} (k int primary key, v int, filler text)`],
  [
    'a partitioned table',
    (name: string) => `create table ${name} (k int primary key, v int, filler text) partition by hash (k);
      create table ${name}_0 partition of ${name} for values with (modulus 2, remainder 0);
      create table ${name}_1 partition of ${name} for values with (modulus 2, remainder 1)`,
  ],
])('%s that is read in three tries', (what, create) => {
  test('folds to exactly the source, and no block is read twice whole', async () => {
    const table = what.replaceAll(' ', '_');
    await server.sql(
      `${create(table)}; insert into ${table} select i, 0, repeat('x', 1500) from generate_series(1, ${ROWS}) i`,
    );
    const entity = entityOf(`public.${table}`, columns, full, ['v']);
    const before = await source.extract(captureRequest([entity]));
    const stop = startWriter(table);
    onTestFinished(async () => void (await stop()));
    const first = await attempt(entity, undefined, 5);
    await until(async () => {
      const [{ moved }] = (await server.sql(
        `select count(*)::int as moved from ${table} where age(xmin) < age('${before.snapshot.xmin}'::xid)`,
      )) as [{ moved: number }];
      return moved > ROWS / 20;
    });
    const second = await attempt(entity, first.work, 3);
    const writes = await stop();
    const third = await attempt(entity, second.work);
    const result = third.result!;

    expect(fold(result)).toEqual(await current(table));
    const extract = result.entities[table]!;
    expect(extract.watermark).toBe(first.work.snapshots[0]!.xmin);
    expect([result.snapshot, ...result.laterSnapshots!]).toHaveLength(3);
    expect(result.snapshot).toEqual(first.work.snapshots[0]);
    expect(extract.rowCount).toBe(extract.parts.reduce((sum, part) => sum + part.rowCount, 0));
    expect(extract.source.rowCount).toBe((await current(table)).length);

    // What the tries have stored is kept, and the blocks of all parts are apart.
    const uris = extract.parts.map((part) => part.uri);
    for (const work of [first.work, second.work]) {
      const whole = work.parts.filter((part) => part.blocks.length > 0);
      expect(whole.length).toBeGreaterThanOrEqual(3);
      expect(uris).toEqual(expect.arrayContaining(whole.map((part) => part.uri)));
    }
    const blocks = third.work.parts.flatMap((part) => part.blocks).sort(([a], [b]) => a - b);
    expect(blocks.map(([from]) => from)).toEqual([0, ...blocks.slice(0, -1).map(([, to]) => to)]);
    expect(blocks.at(-1)![1]).toBeNull();

    // Without the rows that were written meanwhile, the parts are not the source: the test can fail.
    const firstOnly = extract.parts.filter(
      (part) => (part.order ?? result.snapshot.order) === result.snapshot.order,
    );
    expect(firstOnly.length).toBeGreaterThan(0);
    console.log(
      `${what}: ${writes} writes; parts ${extract.parts.length}, of the first try ${firstOnly.length}; rows ${extract.rowCount} for ${extract.source.rowCount}`,
    );

    // The next run goes on from the first snapshot.
    await server.sql(`update ${table} set v = -1 where k = 1`);
    const next = captureRequest([
      entityOf(`public.${table}`, columns, { mode: 'incremental', fromXid: extract.watermark! }),
    ]);
    await source.extract(next);
    expect(next.csv(table)).toContain('\n1,-1,');
  });
});

describe('what an earlier try has stored is kept', () => {
  async function broken(table: string) {
    await server.sql(
      `create table ${table} (k int primary key, v int, filler text); insert into ${table} select i, 0, repeat('x', 1500) from generate_series(1, 500) i`,
    );
    const entity = entityOf(`public.${table}`, columns);
    return { entity, work: (await attempt(entity, undefined, 2)).work };
  }
  const isKept = async (entity: EntityToExtract, work: FinishedWork) => {
    const { result } = await attempt(entity, work);
    const uris = result!.entities[entity.name]!.parts.map((part) => part.uri);
    expect(fold(result!)).toEqual(await current(entity.table));
    return work.parts.some((part) => uris.includes(part.uri));
  };

  test('and nothing else is read of the same blocks when nobody wrote', async () => {
    const { entity, work } = await broken('quiet');
    const { result } = await attempt(entity, work);
    expect(result!.laterSnapshots).toBeUndefined();
    expect(result!.entities.quiet!.rowCount).toBe(500);
    expect(await isKept(entity, work)).toBe(true);
  });

  test('also by a transaction that was open at the first snapshot', async () => {
    await server.sql(
      `create table open (k int primary key, v int, filler text); insert into open select i, 0, repeat('x', 1500) from generate_series(1, 500) i`,
    );
    const client = await server.connect();
    await client.query('begin; update open set v = 1 where k in (1, 2, 499)');
    const entity = entityOf('public.open', columns);
    const { work } = await attempt(entity, undefined, 2);
    await client.query('savepoint a; update open set v = 2 where k = 3; commit');
    await client.end();
    expect(await isKept(entity, work)).toBe(true);
  });

  test.each([
    ['the table was rewritten', 'rewritten', 'vacuum full rewritten'],
    [
      'the table was emptied and filled',
      'emptied',
      'truncate emptied; insert into emptied values (7, 7, null)',
    ],
    ['a column was added', 'widened', 'alter table widened add column more int'],
  ])('but not after %s', async (_what, table, change) => {
    const { entity, work } = await broken(table);
    await server.sql(change);
    expect(await isKept(entity, work)).toBe(false);
  });

  test('but not of another server, another timeline, or for another read', async () => {
    const { entity, work } = await broken('elsewhere');
    const [{ xid }] = (await server.sql('select pg_current_xact_id()::text as xid')) as [{ xid: string }];
    const identity = work.server;
    for (const other of [
      { ...identity, systemIdentifier: '7' },
      { ...identity, timeline: 9 },
    ]) {
      expect(await isKept(entity, { ...work, server: other })).toBe(false);
    }
    const later = { ...work.snapshots[0]!, xmin: String(BigInt(xid) + 9n), order: '99999999999999999999.0' };
    expect(await isKept(entity, { ...work, snapshots: [later] })).toBe(false);
    expect(await isKept({ ...entity, read: { mode: 'full', reason: 'another' } }, work)).toBe(false);
  });
});
