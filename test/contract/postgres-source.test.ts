import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { captureRequest, entityOf } from '../support/extract-request.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  server = await startPostgres();
  await server.sql("create role reader login password 'of-the-reader'");
  source = createPostgresSource({ url: server.url('reader', 'of-the-reader'), name: 'shop' });
});

afterAll(async () => {
  await source.close();
  const left = await server.sql("select pid from pg_stat_activity where application_name like 'tidemark%'");
  await server.stop();
  expect(left).toEqual([]);
});

describe('introspect', () => {
  test('tells identity, snapshot, columns, keys and partitions, and null for a table that is absent', async () => {
    await server.sql(`
      create table customers (
        id bigint primary key, tenant int not null, email varchar(255) not null, amount numeric(10,2),
        seen_at timestamptz, gone int, later int not null,
        unique (tenant, email), unique (amount), unique (later) deferrable);
      alter table customers drop column gone;
      create unique index partial on customers (tenant) where tenant > 5;
      create unique index expression on customers (lower(email));
      create unique index covering on customers (email) include (amount);
      create table events (id int, day date not null, primary key (id, day)) partition by range (day);
      create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
      create view customer_names as select id, email from customers;
      grant select on customers, events, customer_names to reader`);
    const oids = await server.sql<{ name: string; oid: string }>(
      `select relname as name, oid::text from pg_class where relname in ('customers', 'events', 'events_2024') order by oid`,
    );

    const found = await source.introspect([
      'public.customers',
      'public.events',
      'public.customer_names',
      'public.nothing',
    ]);

    const [identity] = await server.sql(
      'select system_identifier::text as id, current_setting($1)::int as version from pg_control_system()',
      ['server_version_num'],
    );
    expect(found.server).toEqual({ systemIdentifier: identity!.id, timeline: 1, version: identity!.version });
    expect(found.snapshot.text).toBe(`${found.snapshot.xmin}:${found.snapshot.xmax}:`);
    expect(found.tables['public.nothing']).toBeNull();
    expect(found.tables['public.customers']).toEqual({
      kind: 'table',
      relationIds: [oids.find((each) => each.name === 'customers')!.oid],
      columns: [
        { name: 'id', type: 'bigint', nullable: false, position: 1 },
        { name: 'tenant', type: 'integer', nullable: false, position: 2 },
        { name: 'email', type: 'character varying(255)', nullable: false, position: 3 },
        { name: 'amount', type: 'numeric(10,2)', nullable: true, position: 4 },
        { name: 'seen_at', type: 'timestamp with time zone', nullable: true, position: 5 },
        { name: 'later', type: 'integer', nullable: false, position: 7 },
      ],
      uniqueKeys: [['id'], ['tenant', 'email'], ['email']],
      schemaHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(found.tables['public.events']).toMatchObject({
      kind: 'partitioned',
      relationIds: oids.filter((each) => each.name.startsWith('events')).map((each) => each.oid),
      uniqueKeys: [['id', 'day']],
    });
    expect(found.tables['public.customer_names']).toMatchObject({ kind: 'view', uniqueKeys: [] });

    await server.sql('alter table customers alter column amount type numeric(12,2)');
    const changed = await source.introspect(['public.customers']);
    expect(changed.tables['public.customers']!.schemaHash).not.toBe(
      found.tables['public.customers']!.schemaHash,
    );
  });

  test('tells labels of enums and columns whose default no row was written for', async () => {
    await server.sql(`
      create type mood as enum ('sad', 'ok'); alter type mood add value 'happy'; alter type mood add value 'low' before 'ok';
      create domain feeling as mood;
      create table moods (id int primary key, mood mood, feeling feeling); insert into moods values (1, 'ok', 'sad');
      alter table moods add column at timestamptz default clock_timestamp(), add column old int default 1;
      alter table moods add column level int not null default 3, add column note text;
      create table days (id int, day date) partition by range (day);
      create table days_2024 partition of days for values from ('2024-01-01') to ('2025-01-01');
      insert into days values (1, '2024-05-01'); alter table days add column level int default 3;
      grant select on moods, days to reader`);
    const { tables } = await source.introspect(['public.moods', 'public.days']);
    const told = (table: string) =>
      Object.fromEntries(
        tables[table]!.columns.map(({ name, enumLabels, hasMissingValue }) => [
          name,
          enumLabels ?? hasMissingValue ?? null,
        ]),
      );
    const labels = ['sad', 'low', 'ok', 'happy'];
    expect(told('public.moods')).toEqual({
      id: null,
      mood: labels,
      feeling: labels,
      at: null,
      old: null,
      level: true,
      note: null,
    });
    expect(told('public.days')).toEqual({ id: null, day: null, level: true });
  });

  test('falls back to the database when the control functions are refused', async () => {
    await server.sql('revoke execute on function pg_control_system(), pg_control_checkpoint() from public');
    const { server: found } = await source.introspect([]);
    const problems = await source.probe([]);
    await server.sql('grant execute on function pg_control_system(), pg_control_checkpoint() to public');
    const [{ oid }] = (await server.sql("select oid::text from pg_database where datname = 'shop'")) as [
      { oid: string },
    ];
    expect(found.systemIdentifier).toBe(`unknown:shop/${oid}`);
    expect(found.timeline).toBe(1);
    expect(problems).toEqual([expect.stringContaining('note: the role may not run pg_control_system()')]);
  });

  test('names every table that the role cannot read, also where a policy would hide rows', async () => {
    await server.sql(`
      create table secrets (id int);
      create schema closed; create table closed.things (id int);
      create table filtered (id int); grant select on filtered to reader;
      alter table filtered enable row level security; create policy above_five on filtered using (id > 5)`);
    const tables = ['public.secrets', 'closed.things', 'public.filtered'];
    const refused = source.introspect(tables);
    await expect(refused).rejects.toMatchObject({ code: 'SOURCE_ACCESS_DENIED' });
    await expect(refused).rejects.toThrow(
      /no SELECT on public\.secrets.*USAGE on schema closed.*row-level security/,
    );
    expect(await source.probe(tables)).toHaveLength(3);
    await expect(
      source.extract(captureRequest([entityOf('public.filtered', ['id integer'])])),
    ).rejects.toMatchObject({ code: 'SOURCE_ACCESS_DENIED' });
  });
});

describe('extract', () => {
  test('reads all entities and their totals under one snapshot while others write', async () => {
    await server.sql(`
      create table accounts (id int primary key, cents bigint not null);
      create table ledger (id int primary key, cents bigint not null);
      insert into accounts select i, 100 from generate_series(1, 1000) i;
      insert into ledger select i, 100 from generate_series(1, 1000) i;
      grant select on accounts, ledger to reader`);
    const columns = ['id integer', 'cents bigint'];
    const full = { mode: 'full', reason: 'first run' } as const;
    const request = captureRequest(
      [
        entityOf('public.accounts', columns, full, ['cents']),
        entityOf('public.ledger', columns, full, ['cents']),
      ],
      { parallel: 1 },
    );
    const { upload } = request;
    const moving = {
      ...request,
      upload: async (...args: Parameters<typeof upload>) => {
        // Committed while the first entity is on its way and before the second is begun.
        await server.sql(`
          update accounts set cents = cents + 1; insert into ledger values (1000 + ${args[1]} + (select count(*) from ledger), 7)`);
        return upload(...args);
      },
    };

    const result = await source.extract(moving);

    for (const name of ['accounts', 'ledger']) {
      expect(result.entities[name]).toMatchObject({
        table: `public.${name}`,
        rowCount: 1000,
        watermark: result.snapshot.xmin,
        source: { rowCount: 1000, sums: { cents: '100000' } },
      });
      expect(
        request
          .csv(name)
          .split('\n')
          .slice(1, -1)
          .every((line) => line.endsWith(',100')),
      ).toBe(true);
    }
    const { parts, csvBytes } = result.entities.accounts!;
    expect(parts).toEqual([
      {
        uri: 'memory://accounts/0',
        sizeBytes: request.stored.get('accounts/0')!.length,
        rowCount: 1000,
        sha256: request.sha256('accounts', 0),
      },
    ]);
    expect(csvBytes).toBe(Buffer.byteLength(request.csv('accounts')));
  });

  test('keeps TRUNCATE and ALTER away from tables that are still to be read', async () => {
    await server.sql(`
      create table first_read (id int); create table second_read (id int);
      insert into first_read values (1); insert into second_read values (2);
      grant select on first_read, second_read to reader`);
    const request = captureRequest(
      [entityOf('public.first_read', ['id integer']), entityOf('public.second_read', ['id integer'])],
      { parallel: 1 },
    );
    const attempts: string[] = [];
    const { upload } = request;
    await source.extract({
      ...request,
      upload: async (...args) => {
        await server
          .sql("set lock_timeout = '50ms'; truncate second_read")
          .catch((error: { code: string }) => attempts.push(error.code));
        return upload(...args);
      },
    });
    expect(attempts).toEqual(['55P03', '55P03']);
    expect(request.csv('second_read')).toBe('id\n2\n');
  });

  test('reads within the limits that are promised, whatever the role has set', async () => {
    await server.sql(`
      create view limits as select name, setting from pg_settings where name in ('statement_timeout', 'lock_timeout',
        'idle_in_transaction_session_timeout', 'client_connection_check_interval', 'transaction_read_only',
        'transaction_isolation', 'application_name', 'row_security');
      grant select on limits to reader;
      alter role reader set statement_timeout = 0; alter role reader set lock_timeout = 0;
      alter role reader set idle_in_transaction_session_timeout = 0`);
    const request = captureRequest([entityOf('public.limits', ['name text', 'setting text'])]);
    await source.extract(request);
    await server.sql('alter role reader reset all');
    const found = Object.fromEntries(
      request
        .csv('limits')
        .trim()
        .split('\n')
        .map((line) => line.split(',')),
    );
    expect(found).toMatchObject({
      statement_timeout: '3600000',
      lock_timeout: '10000',
      // Between two parts a reader waits for the store; the connection that holds the snapshot has a minute.
      idle_in_transaction_session_timeout: '3600000',
      client_connection_check_interval: '1000',
      transaction_read_only: 'on',
      transaction_isolation: 'repeatable read',
      application_name: 'tidemark test',
      row_security: 'off',
    });
  });

  test("writes hostile values in COPY's dialect, in UTC and ISO, whatever the role prefers", async () => {
    await server.sql(`
      create schema "My ""Shop"; create table "My ""Shop"."Or.ders" (
        id int, "Odd, ""name""" text, d double precision, n numeric, at timestamptz, plain timestamp, day date,
        span interval, flag boolean, raw bytea, padded char(4), doc jsonb);
      grant usage on schema "My ""Shop" to reader; grant select on all tables in schema "My ""Shop" to reader;
      alter role reader set timezone = 'Asia/Kathmandu'; alter role reader set datestyle = 'German';
      alter role reader set extra_float_digits = -5; alter role reader set bytea_output = 'escape';
      alter role reader set intervalstyle = 'sql_standard';
      create schema trap; create function trap.age(xid) returns int language sql as 'select 0';
      grant usage on schema trap to reader; alter role reader set search_path = trap, pg_catalog`);
    const values: unknown[][] = [
      [
        1,
        null,
        0.1 + 0.2,
        'NaN',
        '2024-02-29 23:30:00+05:45',
        '2024-02-29 23:30',
        '2024-02-29',
        '1 year 2 days',
        true,
        Buffer.from([0, 255]),
        'ab',
        '{"a": 1}',
      ],
      [
        2,
        '',
        Number.POSITIVE_INFINITY,
        '0.10',
        'infinity',
        '-infinity',
        '0044-03-15 BC',
        '-1 hour',
        false,
        Buffer.alloc(0),
        '',
        '"x,y"',
      ],
      [
        3,
        'say "hi", or\r\nnot\n\\N',
        '-0',
        '1e-20',
        '1999-12-31 23:59:59.123456Z',
        null,
        null,
        null,
        null,
        null,
        null,
        null,
      ],
      [4, '\\.', 1e300, '-5', null, null, null, null, null, null, null, null],
      [5, ' lead, trail ', null, null, null, null, null, null, null, null, null, null],
      [6, 'ünï — 日本 \u2028 😀', null, null, null, null, null, null, null, null, null, null],
    ];
    const client = await server.connect();
    for (const row of values) {
      await client.query(
        `insert into "My ""Shop"."Or.ders" values (${row.map((_, i) => `$${i + 1}`).join(', ')})`,
        row,
      );
    }
    await client.end();
    const names = [
      'id',
      'Odd, "name"',
      'd',
      'n',
      'at',
      'plain',
      'day',
      'span',
      'flag',
      'raw',
      'padded',
      'doc',
    ];
    const request = captureRequest([
      {
        name: 'orders',
        table: '"My ""Shop"."Or.ders"',
        columns: names.map((name) => ({ name, type: 'text' })),
        read: { mode: 'full', reason: 'test' },
        measures: ['n', 'd'],
        key: ['id'],
      },
    ]);

    const result = await source.extract(request);

    expect(request.csv('orders')).toBe(
      [
        'id,"Odd, ""name""",d,n,at,plain,day,span,flag,raw,padded,doc\n',
        '1,,0.30000000000000004,NaN,2024-02-29 17:45:00+00,2024-02-29 23:30:00,2024-02-29,P1Y2D,t,\\x00ff,ab  ,"{""a"": 1}"\n',
        '2,"",Infinity,0.10,infinity,-infinity,0044-03-15 BC,PT-1H,f,\\x,    ,"""x,y"""\n',
        '3,"say ""hi"", or\r\nnot\n\\N",-0,0.00000000000000000001,1999-12-31 23:59:59.123456+00,,,,,,,\n',
        '4,\\.,1e+300,-5,,,,,,,,\n',
        '5, lead, trail ,,,,,,,,,,\n'.replace(' lead, trail ', '" lead, trail "'),
        '6,ünï — 日本 \u2028 😀,,,,,,,,,,\n',
      ].join(''),
    );
    expect(result.entities.orders!.rowCount).toBe(6);
    // NaN and the infinities are left out of the sums.
    const sums = result.entities.orders!.source.sums;
    expect(sums.n).toBe('-4.89999999999999999999');
    expect(BigInt(sums.d!.split('.')[0]!)).toBe(10n ** 300n);
    await server.sql('alter role reader reset all');
  });

  test('reads a window by date in UTC, moves no watermark, and counts the whole table', async () => {
    await server.sql(`
      create table visits (id int, at timestamptz, local timestamp, day date, note text);
      insert into visits values
        (1, '2024-01-31 23:59:59.999999+00', '2024-01-31 23:59', '2024-01-31', ''),
        (2, '2024-02-01 00:00:00+00', '2024-02-01 00:00', '2024-02-01', ''),
        (3, '2024-02-01 00:30:00+02', '2024-02-01 00:30', '2024-02-01', ''),
        (4, '2024-03-01 00:00:00+00', '2024-03-01 00:00', '2024-03-01', ''),
        (5, null, null, null, '');
      grant select on visits to reader`);
    const ids = async (column: string) => {
      const read = { mode: 'window', column, from: '2024-02-01', to: '2024-03-01' } as const;
      const request = captureRequest([entityOf('public.visits', ['id integer'], read)]);
      const { visits } = (await source.extract(request)).entities;
      expect(visits!.watermark).toBeNull();
      expect(visits!.source.rowCount).toBe(5);
      return request.csv('visits').trim().split('\n').slice(1);
    };
    expect(await ids('at')).toEqual(['2']);
    expect(await ids('local')).toEqual(['2', '3']);
    expect(await ids('day')).toEqual(['2', '3']);
    await expect(ids('note')).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
  });

  test('gives one part with a header line and null sums for an empty table', async () => {
    await server.sql('create table nobody (id int, cents numeric(10,2)); grant select on nobody to reader');
    const request = captureRequest([
      entityOf('public.nobody', ['id integer', 'cents numeric(10,2)'], undefined, ['cents']),
    ]);
    const result = await source.extract(request);
    expect(request.csv('nobody')).toBe('id,cents\n');
    expect(result.entities.nobody).toMatchObject({
      rowCount: 0,
      parts: [{ rowCount: 0 }],
      source: { rowCount: 0, sums: { cents: null } },
    });
  });

  test('cuts large tables and partitions into block ranges that hold every row once', async () => {
    // A page per row makes a large heap of few bytes.
    await server.sql(`
      create unlogged table large (id int, filler text) with (fillfactor = 10);
      insert into large select i, repeat('x', 1000) from generate_series(1, 20000) i;
      create table family (id int, filler text) partition by range (id);
      create unlogged table family_a partition of family for values from (0) to (15000) with (fillfactor = 10);
      create unlogged table family_b partition of family for values from (15000) to (50000) with (fillfactor = 10);
      insert into family select * from large;
      grant select on large, family to reader`);
    const request = captureRequest([
      entityOf('public.large', ['id integer'], undefined, ['id']),
      entityOf('public.family', ['id integer'], undefined, ['id']),
    ]);
    const result = await source.extract(request);
    for (const name of ['large', 'family']) {
      const lines = request.csv(name).trim().split('\n');
      const ids = new Set(lines.filter((line) => line !== 'id').map(Number));
      const { parts, rowCount } = result.entities[name]!;
      expect(ids.size).toBe(20_000);
      expect(rowCount).toBe(20_000);
      expect(parts.length).toBe(lines.filter((line) => line === 'id').length);
      expect(parts.reduce((sum, part) => sum + part.rowCount, 0)).toBe(20_000);
    }
    expect(result.entities.large!.parts.length).toBeGreaterThan(1);
    await server.sql('drop table large, family');
  });

  test('keeps memory flat and reports progress on 500,000 rows', async () => {
    await server.sql(`
      create unlogged table many as
        select i as id, md5(i::text) as hash, now() as at, i * 1.25::numeric(12,2) as cents from generate_series(1, 500000) i;
      grant select on many to reader`);
    const columns = ['id integer', 'hash text', 'at timestamptz', 'cents numeric'];
    const progress: number[] = [];
    const request = captureRequest([entityOf('public.many', columns)], {
      onProgress: ({ csvBytes }) => progress.push(csvBytes),
      upload: async (_entity, _part, body) => {
        let sizeBytes = 0;
        for await (const chunk of body) {
          sizeBytes += (chunk as Buffer).length;
          peak = Math.max(peak, process.memoryUsage().rss);
        }
        return { uri: 'memory://gone', sizeBytes };
      },
    });
    const before = process.memoryUsage().rss;
    let peak = before;
    const startedAt = performance.now();
    const { many } = (await source.extract(request)).entities;
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(
      `500,000 rows, ${(many!.csvBytes / 1e6).toFixed(1)} MB: ${seconds.toFixed(2)} s, ${((peak - before) / 1e6).toFixed(0)} MB more memory at most`,
    );
    expect(many!.rowCount).toBe(500_000);
    expect(many!.csvBytes).toBeGreaterThan(30_000_000);
    expect(peak - before).toBeLessThan(100_000_000);
    expect(progress.at(-1)).toBe(many!.csvBytes);
  });

  test('holds to a ceiling of bytes per second over all connections', async () => {
    const limited = createPostgresSource({
      url: server.url('reader', 'of-the-reader'),
      name: 'shop',
      maxBytesPerSecond: 20_000_000,
    });
    await server.sql(`
      create table half as select * from many limit 100000; create table rest as select * from many limit 100000;
      grant select on half, rest to reader`);
    const columns = ['id integer', 'hash text', 'at timestamptz'];
    const startedAt = performance.now();
    const { entities } = await limited.extract(
      captureRequest([entityOf('public.half', columns), entityOf('public.rest', columns)]),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    await limited.close();
    const bytes = entities.half!.csvBytes + entities.rest!.csvBytes;
    expect(seconds).toBeGreaterThan(bytes / 20_000_000 - 0.3);
  });
});

test('the doctor is content with a source that is well, and names what holds the watermark back', async () => {
  await server.sql('create table fine (id int); grant select on fine to reader');
  expect(await source.probe(['public.fine'])).toEqual([]);
  expect(await source.probe(['public.fine', 'public.absent'])).toEqual([
    expect.stringMatching(/^source shop \(127\.0\.0\.1:\d+\/shop\): no table public\.absent$/),
  ]);
});
