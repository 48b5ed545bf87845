import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { TidemarkError } from '../../src/core/errors.ts';
import type { EntityRead } from '../../src/core/manifest.ts';
import { captureRequest, entityOf } from '../support/extract-request.ts';
import { startPostgres, type ThrowawayPostgres, until } from '../support/postgres.ts';
import { type Standby, startStandby } from '../support/standby.ts';

let primary: ThrowawayPostgres;
let standby: Standby;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  primary = await startPostgres();
  await primary.sql(
    "create role reader login password 'of-the-reader' in role pg_read_all_stats; alter default privileges grant select on tables to reader",
  );
  standby = await startStandby(primary, { max_standby_streaming_delay: '0' });
  source = createPostgresSource({ url: standby.url('reader', 'of-the-reader'), name: 'replica' });
});

afterAll(async () => {
  await source?.close();
  await standby?.stop();
  await primary?.stop();
});

const full: EntityRead = { mode: 'full', reason: 'test' };

/** Reads `(k, v)` on the standby since a watermark, when it has replayed what the primary has committed. */
async function read(table: string, since: EntityRead = full) {
  await standby.catchUp();
  const request = captureRequest([entityOf(`public.${table}`, ['k integer', 'v integer'], since)]);
  const { entities, snapshot } = await source.extract(request);
  const rows = request
    .csv(table)
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number) as [number, number])
    .sort(([a], [b]) => a - b);
  return { rows, watermark: entities[table]!.watermark!, order: snapshot.order };
}

test('tells the identity of the primary, and that it is a standby', async () => {
  await primary.sql('create table known (k int, v int)');
  await standby.catchUp();
  const onPrimary = createPostgresSource({ url: primary.url(), name: 'shop' });
  expect((await source.introspect(['public.known'])).server).toEqual(
    (await onPrimary.introspect(['public.known'])).server,
  );
  await onPrimary.close();
  expect(await source.probe(['public.known'])).toEqual([
    expect.stringMatching(/note: this is a standby: runs on it must follow one another/),
  ]);
});

test('the xmin cursor loses nothing of transactions around a read, and folds to the primary', async () => {
  await primary.sql(
    'create table around (k int primary key, v int); insert into around select i, 0 from generate_series(1, 9) i',
  );
  const long = await primary.connect();
  await long.query(
    'begin; update around set v = 1 where k = 1; savepoint a; update around set v = 1 where k = 2',
  );
  const preparing = await primary.connect();
  await preparing.query(
    "begin; savepoint a; update around set v = 1 where k = 4; release a; prepare transaction 'p'",
  );
  // A younger transaction is over: what follows does not raise the snapshot's xmax.
  await primary.sql('update around set v = 1 where k = 5');
  const reads = [await read('around')];
  expect(reads[0]!.rows.filter(([, v]) => v === 1)).toEqual([[5, 1]]);
  const next = async () => {
    const { watermark } = reads.at(-1)!;
    reads.push(await read('around', { mode: 'incremental', fromXid: watermark }));
    return reads.at(-1)!.rows;
  };
  await long.query('commit');
  expect(await next()).toEqual(
    expect.arrayContaining([
      [1, 1],
      [2, 1],
    ]),
  );
  await primary.sql("commit prepared 'p'");
  expect(await next()).toEqual(expect.arrayContaining([[4, 1]]));
  await primary.sql('insert into around values (10, 3)');
  expect(await next()).toEqual(expect.arrayContaining([[10, 3]]));
  expect(await next()).toEqual([]);

  // Each later snapshot sorts later, though a standby's text hides what is in progress; so any order of publication folds.
  const orders = reads.map(({ order }) => order);
  expect(orders.toSorted()).toEqual(orders);
  expect(new Set(orders.slice(0, 4)).size).toBe(4);
  const lake = new Map<number, { v: number; order: string }>();
  for (const { rows, order } of reads.toReversed()) {
    for (const [k, v] of rows) if (order >= (lake.get(k)?.order ?? '')) lake.set(k, { v, order });
  }
  const found = [...lake].map(([k, { v }]) => ({ k, v })).sort((a, b) => a.k - b.k);
  expect(found).toEqual(await primary.sql('select k, v from around order by k'));
});

test('an xid8 column is followed', async () => {
  await primary.sql(
    'create table stamped (k int, v int, x xid8 default pg_current_xact_id()); insert into stamped values (1, 0)',
  );
  const { watermark } = await read('stamped');
  await primary.sql('insert into stamped values (2, 0)');
  const since = {
    mode: 'incremental',
    fromXid: watermark,
    cursor: { mode: 'xid8-column', column: 'x' },
  } as const;
  expect((await read('stamped', since)).rows).toEqual([[2, 0]]);
});

test('a timestamp cursor is refused: the sessions of the primary cannot be seen', async () => {
  await primary.sql('create table timed (k int, v int, at timestamptz default now())');
  await standby.catchUp();
  const entity = {
    ...entityOf('public.timed', ['k integer']),
    cursor: { mode: 'timestamp', column: 'at', lagSeconds: 5 },
  } as const;
  const refused = source.extract(captureRequest([entity]));
  await expect(refused).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
  await expect(refused).rejects.toThrow(/cannot be used on a standby/);
  expect(await source.probe(['public.timed'], [{ table: 'public.timed', ...entity.cursor }])).toContainEqual(
    expect.stringContaining('cannot be used on a standby'),
  );
});

test('a read that recovery cancels is retryable', async () => {
  await primary.sql(`
    create table cleaned (k int, v int); insert into cleaned select i, 0 from generate_series(1, 2000) i;
    create view slow as select k, v from cleaned where pg_sleep(0.01) is not null`);
  await standby.catchUp();
  const extracting = source.extract(captureRequest([entityOf('public.slow', ['k integer', 'v integer'])]));
  const settled = expect(extracting).rejects.toSatisfy(
    (error) => error instanceof TidemarkError && error.code === 'SOURCE_INTERRUPTED' && error.retryable,
  );
  await until(async () => {
    const rows = await standby.sql("select from pg_stat_activity where query like 'COPY%'");
    return rows.length > 0;
  });
  // The standby may not keep the rows that the primary removes.
  await primary.sql('delete from cleaned');
  await primary.sql('vacuum cleaned');
  await settled;
  await expect(extracting).rejects.toThrow(/conflict with recovery/);
});
