import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import type { EntityExtract, EntityRead } from '../../src/core/manifest.ts';
import type { EntityToExtract } from '../../src/ports/source.ts';
import { captureRequest, entityOf } from '../support/extract-request.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  server = await startPostgres();
  await server.sql(`
    create role watcher login password 'of-the-watcher' in role pg_read_all_stats;
    create role reader login password 'of-the-reader';
    create function stamp() returns trigger language plpgsql as $$ begin new.at := now(); return new; end $$;
    create function number() returns trigger language plpgsql as $$ begin new.x := pg_current_xact_id(); return new; end $$;
    alter default privileges grant select on tables to watcher, reader`);
  source = createPostgresSource({ url: server.url('watcher', 'of-the-watcher'), name: 'shop' });
});

afterAll(async () => {
  await source.close();
  await server.stop();
});

type Mode = 'timestamp' | 'xid8-column';
const full: EntityRead = { mode: 'full', reason: 'test' };

/** How an entity is read after `last`, as the plan of a run has it. */
function nextRead(mode: Mode, last: EntityExtract): EntityRead {
  const fromXid = last.watermark!;
  if (mode === 'xid8-column') return { mode: 'incremental', fromXid, cursor: { mode, column: 'x' } };
  if (last.cursorFrom === undefined) return full;
  return { mode: 'incremental', fromXid, cursor: { mode, column: 'at', from: last.cursorFrom } };
}

function asked(
  table: string,
  mode: Mode,
  read: EntityRead,
  columns = ['k text', 'v integer'],
): EntityToExtract {
  return {
    ...entityOf(table, columns, read),
    ...(mode === 'timestamp' && { cursor: { mode, column: 'at', lagSeconds: 0 } }),
  };
}

/** Rows `k=v` of a table since its last read. */
function follow(table: string, mode: Mode) {
  let last: EntityExtract | null = null;
  return async () => {
    const request = captureRequest([asked(table, mode, last ? nextRead(mode, last) : full)]);
    const { entities } = await source.extract(request);
    [last] = Object.values(entities) as [EntityExtract];
    const rows = request.csv(Object.keys(entities)[0]!).trim().split('\n').slice(1).sort();
    return { rows: rows.map((row) => row.replace(',', '=')), last };
  };
}

describe.each([
  ['timestamp', 'at timestamptz', 'stamp'],
  ['xid8-column', 'x xid8', 'number'],
] as const)('%s', (mode, column, trigger) => {
  const suffix = trigger;

  test('loses nothing of transactions around a read: savepoints, rollbacks, long ones', async () => {
    const table = `around_${suffix}`;
    await server.sql(`
      create table ${table} (k text primary key, v int, ${column}); create index on ${table} (${column.split(' ')[0]});
      create trigger t before insert or update on ${table} for each row execute function ${trigger}();
      insert into ${table} select i::text, 0 from generate_series(1, 9) i`);
    const long = await server.connect();
    await long.query(
      `begin; update ${table} set v = 1 where k = '1'; savepoint a; update ${table} set v = 1 where k = '2'`,
    );
    await long.query(`savepoint b; update ${table} set v = 7 where k = '3'; rollback to b`);
    await server.sql(`update ${table} set v = 2 where k = '4'`);

    const read = follow(`public.${table}`, mode);
    expect((await read()).rows).toEqual(['1=0', '2=0', '3=0', '4=2', '5=0', '6=0', '7=0', '8=0', '9=0']);
    await long.query(`update ${table} set v = 1 where k = '5'; commit`);
    await server.sql(`delete from ${table} where k = '9'`);
    const second = await read();
    expect(second.rows).toEqual(expect.arrayContaining(['1=1', '2=1', '5=1']));
    expect(second.rows).not.toContain('8=0');
    expect((await read()).rows).toEqual([]);
    await long.end();
  });

  test('follows partitions and views, and reads rows without a stamp each time', async () => {
    const table = `parted_${suffix}`;
    await server.sql(`
      create table ${table} (k text, v int, ${column}) partition by list (v);
      create table ${table}_1 partition of ${table} for values in (1); create table ${table}_2 partition of ${table} default;
      create view seen_${suffix} as select * from ${table};
      insert into ${table} values ('unstamped', 1);
      create trigger t before insert or update on ${table} for each row execute function ${trigger}();
      insert into ${table} values ('a', 1), ('b', 2)`);
    const reads = [follow(`public.${table}`, mode), follow(`public.seen_${suffix}`, mode)];
    for (const read of reads) expect((await read()).rows).toEqual(['a=1', 'b=2', 'unstamped=1']);
    await server.sql(`insert into ${table} values ('c', 1); update ${table} set v = 1 where k = 'b'`);
    for (const read of reads) expect((await read()).rows).toEqual(['b=1', 'c=1', 'unstamped=1']);
    for (const read of reads) expect((await read()).rows).toEqual(['unstamped=1']);
  });

  test('loses nothing of a transaction that was prepared long after its stamps', async () => {
    const table = `twophase_${suffix}`;
    await server.sql(`
      create table ${table} (k text primary key, v int, ${column});
      create trigger t before insert or update on ${table} for each row execute function ${trigger}();
      insert into ${table} values ('old', 0)`);
    const read = follow(`public.${table}`, mode);
    await read();
    const preparing = await server.connect();
    await preparing.query(`begin; insert into ${table} values ('prepared', 1)`);
    await server.sql(`insert into ${table} values ('meanwhile', 1)`);
    await preparing.query(`prepare transaction '${table}'`);
    await preparing.end();
    expect((await read()).rows).toContain('meanwhile=1');
    expect((await read()).rows).not.toContain('prepared=1');
    await server.sql(`commit prepared '${table}'`);
    expect((await read()).rows).toContain('prepared=1');
    expect((await read()).rows).toEqual([]);
  });

  test('uses the index of its column', async () => {
    const table = `wide_${suffix}`;
    const value = mode === 'timestamp' ? 'now() - make_interval(mins => 60 + i)' : 'pg_current_xact_id()';
    await server.sql(`
      create table ${table} as select i::text as k, 0 as v, ${value} as ${column.split(' ')[0]} from generate_series(1, 20000) i;
      create index on ${table} (${column.split(' ')[0]}); analyze ${table}; select pg_stat_reset()`);
    const read = follow(`public.${table}`, mode);
    expect((await read()).rows).toHaveLength(20_000);
    await server.sql(`insert into ${table} values ('new', 1, ${value.replace('+ i', '- 60')})`);
    expect((await read()).rows).toEqual(['new=1']);
    const used = async () =>
      (await server.sql(`select idx_scan::int as n from pg_stat_user_indexes where relname = '${table}'`))[0]!
        .n;
    await expect.poll(used).toBeGreaterThan(0);
  });
});

test('a bound is held back to the oldest transaction of any session, and by the lag', async () => {
  await server.sql('create table held (k text, v int, at timestamptz)');
  const idle = await server.connect();
  await idle.query('begin');
  const [{ begun }] = (await idle.query('select now()::text as begun')).rows as [{ begun: string }];
  const entity = asked('public.held', 'timestamp', full);
  const read = async (lagSeconds: number) =>
    (await source.extract(captureRequest([{ ...entity, cursor: { ...entity.cursor!, lagSeconds } }])))
      .entities.held!.cursorFrom!;
  const behind = Date.parse(begun) - Date.parse(await read(0));
  expect(behind).toBeGreaterThanOrEqual(0);
  expect(behind).toBeLessThan(2);
  expect(Date.parse(begun) - Date.parse(await read(90.5))).toBeGreaterThanOrEqual(90_500);
  await idle.end();
  expect(Date.parse(await read(0))).toBeGreaterThan(Date.parse(begun));
});

describe('refuses what would lose rows', () => {
  const bare = (table: string, cursor: EntityToExtract['cursor'], read: EntityRead = full) => ({
    ...entityOf(`public.${table}`, ['k text'], read),
    ...(cursor && { cursor }),
  });
  const at = { mode: 'timestamp', column: 'at', lagSeconds: 5 } as const;

  beforeAll(() =>
    server.sql('create table odd (k text, at timestamptz, local timestamp(3), day date, x xid8, n bigint)'),
  );

  test('a role that does not see when the transactions of others began', async () => {
    const blind = createPostgresSource({ url: server.url('reader', 'of-the-reader'), name: 'shop' });
    const refused = blind.extract(captureRequest([bare('odd', at)]));
    await expect(refused).rejects.toMatchObject({ code: 'SOURCE_ACCESS_DENIED' });
    await expect(refused).rejects.toThrow(/GRANT pg_read_all_stats TO reader/);
    expect(await blind.probe(['public.odd'], [{ table: 'public.odd', ...at }])).toEqual([
      expect.stringContaining('note: public.odd has no index that begins with at'),
      expect.stringContaining('GRANT pg_read_all_stats TO reader'),
    ]);
    // A backfill moves no bound.
    const window = { mode: 'window', column: 'day', from: '2024-01-01', to: '2024-02-01' } as const;
    await blind.extract(captureRequest([bare('odd', at, window)]));
    await blind.close();
  });

  test('sessions that hide their transactions', async () => {
    const hiding = await server.connect();
    await hiding.query('set track_activities = off');
    await expect(source.extract(captureRequest([bare('odd', at)]))).rejects.toThrow(/track_activities off/);
    await hiding.end();
  });

  const incremental = (cursor: { mode: 'timestamp' | 'xid8-column'; column: string }): EntityRead => ({
    mode: 'incremental',
    fromXid: '700',
    cursor:
      cursor.mode === 'timestamp'
        ? { mode: cursor.mode, column: cursor.column, from: '2024-01-01T00:00:00.000000Z' }
        : { mode: cursor.mode, column: cursor.column },
  });
  test.each([
    ['a missing column', bare('odd', { ...at, column: 'gone' }), /no column gone/],
    [
      'a date',
      bare('odd', { ...at, column: 'day' }),
      /cursor column day is date; a timestamp cursor needs timestamptz/,
    ],
    ['a local time', bare('odd', { ...at, column: 'local' }), /local time of whoever wrote it.*43200/],
    [
      'a bigint as xid8',
      bare('odd', undefined, incremental({ mode: 'xid8-column', column: 'n' })),
      /n is bigint/,
    ],
  ])('%s', async (_what, entity, message) => {
    await expect(source.extract(captureRequest([entity]))).rejects.toThrow(message);
  });

  test('a local time is read with a lag that covers every time zone', async () => {
    const cursor = { mode: 'timestamp', column: 'local', lagSeconds: 43_200 } as const;
    const { entities } = await source.extract(captureRequest([bare('odd', cursor)]));
    const read = incremental(cursor);
    await source.extract(captureRequest([bare('odd', cursor, read)]));
    expect(Date.now() - Date.parse(entities.odd!.cursorFrom!)).toBeGreaterThanOrEqual(43_200_000);
  });
});
