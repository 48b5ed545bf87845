import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { rowFilter } from '../../src/adapters/postgres/row-filter.ts';
import type { EntityRead } from '../../src/core/manifest.ts';
import { captureRequest, entityOf } from '../support/extract-request.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  server = await startPostgres();
  source = createPostgresSource({ url: server.url(), name: 'shop' });
});

afterAll(async () => {
  await source.close();
  await server.stop();
});

const full: EntityRead = { mode: 'full', reason: 'test' };

/** Keys and values of a table `(k, v)` since a watermark, and the next watermark. */
async function read(table: string, fromXid: string | null) {
  const columns = ['k integer', 'v integer'];
  const request = captureRequest([
    entityOf(table, columns, fromXid === null ? full : { mode: 'incremental', fromXid }),
  ]);
  const { entities } = await source.extract(request);
  const [extract] = Object.values(entities);
  const rows = request
    .csv(Object.keys(entities)[0]!)
    .split('\n')
    .filter((line) => line !== 'k,v' && line !== '')
    .map((line) => line.split(',').map(Number) as [number, number])
    .sort(([a], [b]) => a - b);
  return { rows, watermark: extract!.watermark! };
}

test('reads rows from the watermark on, in progress then or newer, frozen or not, and no older ones', async () => {
  await server.sql(
    'create table edge (k int primary key, v int); insert into edge values (1, 0), (2, 0), (3, 0)',
  );
  const early = await server.connect();
  await early.query('begin; insert into edge values (10, 0)');
  await server.sql('insert into edge values (4, 0)');
  const [{ xid }] = (await early.query('select pg_current_xact_id()::text as xid')).rows as [{ xid: string }];

  const first = await read('public.edge', null);
  expect(first.rows.map(([k]) => k)).toEqual([1, 2, 3, 4]);
  expect(first.watermark).toBe(xid);

  await early.query('commit');
  await server.sql('update edge set v = 1 where k = 2; delete from edge where k = 3');
  const second = await read('public.edge', first.watermark);
  expect(second.rows).toEqual([
    [2, 1],
    [4, 0],
    [10, 0],
  ]);

  await server.sql('vacuum (freeze) edge');
  expect((await read('public.edge', first.watermark)).rows).toEqual(second.rows);
  // Nothing is written and nothing is open: the next read is empty.
  const third = await read('public.edge', second.watermark);
  expect((await read('public.edge', third.watermark)).rows).toEqual([]);
});

test('loses nothing of transactions around a read: savepoints, rollbacks, prepared ones', async () => {
  await server.sql(
    'create table around (k int primary key, v int); insert into around select i, 0 from generate_series(1, 9) i',
  );
  const saving = await server.connect();
  await saving.query(
    'begin; update around set v = 1 where k = 1; savepoint a; update around set v = 1 where k = 2',
  );
  await saving.query('savepoint b; update around set v = 9 where k = 3; rollback to b');
  const preparing = await server.connect();
  await preparing.query(
    "begin; savepoint a; update around set v = 1 where k = 4; release a; prepare transaction 'p'",
  );
  await server.sql('update around set v = 1 where k = 5');

  const first = await read('public.around', null);
  expect(first.rows.filter(([, v]) => v === 1).map(([k]) => k)).toEqual([5]);

  await saving.query('savepoint c; update around set v = 1 where k = 6; commit');
  await server.sql('begin; update around set v = 9 where k = 7; rollback');
  const second = await read('public.around', first.watermark);
  expect(second.rows.filter(([, v]) => v === 1).map(([k]) => k)).toEqual([1, 2, 5, 6]);

  await preparing.query("commit prepared 'p'");
  const third = await read('public.around', second.watermark);
  expect(third.rows.filter(([k]) => k === 4)).toEqual([[4, 1]]);
  expect(await server.sql('select k from around where v = 9')).toEqual([]);
});

test('follows partitions, and refuses what has no xmin', async () => {
  await server.sql(`
    create table parted (k int, v int) partition by list (k);
    create table parted_1 partition of parted for values in (1, 2); create table parted_3 partition of parted default;
    insert into parted values (1, 0), (2, 0), (3, 0);
    create view seen as select * from parted; create materialized view kept as select * from parted`);
  const first = await read('public.parted', null);
  await server.sql('update parted set k = 3 where k = 2; insert into parted values (1, 5)');
  expect((await read('public.parted', first.watermark)).rows).toEqual([
    [1, 5],
    [3, 0],
  ]);
  for (const view of ['public.seen', 'public.kept']) {
    expect((await read(view, null)).rows.length).toBeGreaterThan(0);
    await expect(read(view, first.watermark)).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
  }
  await expect(read('public.parted', String(BigInt(first.watermark) + 1000n))).rejects.toThrow(
    /ahead of the server's snapshot/,
  );
});

test('begins again when a partition is attached during the read', async () => {
  await server.sql(`
    create table growing (k int, v int) partition by list (k); create table growing_1 partition of growing for values in (1);
    create table growing_2 (k int, v int); insert into growing_2 values (2, 0)`);
  const request = captureRequest([entityOf('public.growing', ['k integer', 'v integer'])]);
  const attaching = {
    ...request,
    upload: async (...args: Parameters<typeof request.upload>) => {
      const stored = await request.upload(...args);
      await server.sql('alter table growing attach partition growing_2 for values in (2)');
      return stored;
    },
  };
  await expect(source.extract(attaching)).rejects.toThrow(/partitions changed during the read/);
});

test('compares xids across the wrap of the 32-bit counter', async () => {
  const [{ next }] = (await server.sql('select pg_snapshot_xmax(pg_current_snapshot())::text as next')) as [
    { next: string },
  ];
  const since = async (fromXid: string) => {
    const xids = [
      '4294967295',
      '4294967290',
      '4294967289',
      '3000000000',
      '3',
      '2',
      '1',
      '500',
      String(Number(next) + 50),
    ];
    const filter = rowFilter({ mode: 'incremental', fromXid }, []);
    const rows = await server.sql<{ xmin: string }>(
      `select xmin::text from unnest($1::xid[]) as t(xmin) where ${filter}`,
      [xids],
    );
    return rows.map((row) => row.xmin);
  };
  // A watermark taken just before the wrap, in this and in a later epoch.
  expect(await since('4294967290')).toEqual(['4294967295', '4294967290', '3', '500']);
  expect(await since(String(4294967290n + (7n << 32n)))).toEqual(['4294967295', '4294967290', '3', '500']);
  expect(await since('4294967296')).toEqual(['3', '500']);
  expect(await since('4')).toEqual(['500']);
});
