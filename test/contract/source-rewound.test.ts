import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import type { PipelineInput } from '../../src/core/definition.ts';
import type { Zones } from '../../src/core/layout.ts';
import { describeFinding } from '../../src/core/verdict.ts';
import { startPostgres, type ThrowawayPostgres, until } from '../support/postgres.ts';
import { openPublishedLake, type PublishedLake } from '../support/published-lake.ts';
import { contractBucket } from './contract-target.ts';

/** Read by two cursors, so that both watermarks are put to the test. */
const TABLES = ['orders', 'parcels'];
const SCHEMA = `
  create table orders (id int primary key, note text, day date default '2024-01-01');
  create table parcels (id int primary key, note text, at timestamptz default now());
  create function stamp() returns trigger language plpgsql as $$ begin new.at := now(); return new; end $$;
  create trigger stamp before update on parcels for each row execute function stamp()`;

const client = new S3Client({});
const store = createS3ObjectStore(client);
let root: string;
let first: ThrowawayPostgres;
let second: ThrowawayPostgres | null = null;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-rewound-'));
  // There is no archive of WAL: a recovery goes to the end of what the data folder holds.
  first = await startPostgres({ scram_iterations: '1', restore_command: 'false' });
  await first.sql(SCHEMA);
});

afterAll(async () => {
  await source?.close();
  await first?.stop();
  await second?.stop();
  client.destroy();
  await rm(root, { recursive: true, force: true });
});

async function readFrom(server: ThrowawayPostgres): Promise<void> {
  await source?.close();
  source = createPostgresSource({ url: server.url(), name: 'erp' });
}

function openLake(onRewind: 'gate' | 'full'): PublishedLake {
  const zone = (name: string) => `s3://${contractBucket}/contract/${randomUUID()}/${name}`;
  const zones: Zones = {
    raw: zone('raw'),
    clean: zone('clean'),
    curated: zone('curated'),
    quarantine: zone('quarantine'),
    state: zone('state'),
  };
  const columns: PipelineInput['entities'][number]['columns'] = {
    id: { type: 'integer', nullable: false },
    note: { type: 'text' },
  };
  const input: PipelineInput = {
    name: 'shop',
    sources: { erp: { onRewind } },
    entities: [
      {
        name: 'orders',
        source: 'erp',
        table: 'public.orders',
        key: ['id'],
        columns: { ...columns, day: { type: 'date' } },
        businessDate: 'day',
      },
      {
        name: 'parcels',
        source: 'erp',
        table: 'public.parcels',
        key: ['id'],
        columns,
        cursor: { mode: 'timestamp', column: 'at' },
      },
    ],
  };
  return openPublishedLake(input, { store, zones, source: () => source });
}

async function runOnce(lake: PublishedLake): Promise<void> {
  const look = await lake.look();
  expect(look.verdict.findings).toEqual([]);
  expect(await lake.publish(await lake.read(look))).toMatchObject({ published: true });
}

/** Writes both tables. */
async function write(server: ThrowawayPostgres, note: string, from: number, to: number): Promise<void> {
  for (const table of TABLES) {
    await server.sql(
      `insert into ${table} select i, '${note}' from generate_series(${from}, ${to}) i
         on conflict (id) do update set note = excluded.note`,
    );
  }
}

async function expectSame(lake: PublishedLake, server: ThrowawayPostgres, what: string): Promise<void> {
  for (const table of TABLES) {
    const rows = await server.sql(
      `select id::text, note from ${table} order by '[' || '"' || id || '"]' collate "C"`,
    );
    const held = lake.rows(table).map(({ id, note }) => ({ id, note }));
    expect(held, `${table}, ${what}`).toEqual(rows);
  }
}

async function useXids(server: ThrowawayPostgres, count: number): Promise<void> {
  await server.sql(
    `do $$ begin for i in 1..${count} loop perform pg_current_xact_id(); commit; end loop; end $$`,
  );
}

/** Starts a recovery that ends as a primary on a timeline of its own, over the data folder as `change` leaves it. */
async function recover(server: ThrowawayPostgres, change: (dataDir: string) => Promise<void>): Promise<void> {
  await server.restart(async (dataDir) => {
    await change(dataDir);
    await writeFile(join(dataDir, 'recovery.signal'), '');
  });
  await until(async () => {
    const [row] = await server.sql<{ isOver: boolean }>('select not pg_is_in_recovery() as "isOver"');
    return row!.isOver;
  });
}

interface Rewind {
  readonly what: string;
  readonly message: RegExp;
  /** Puts the source back to how `backup` holds it, and gives the server that answers from now on. */
  readonly goBack: (backup: string) => Promise<ThrowawayPostgres>;
  /** What a run would do without the guard. */
  readonly unguarded: 'is refused' | 'misses rows' | 'is right';
}

const putBack = (backup: string) => async (dataDir: string) => {
  await rm(dataDir, { recursive: true });
  await cp(backup, dataDir, { recursive: true });
};

const REWINDS: readonly Rewind[] = [
  {
    what: 'a copy of the data folder put back over it',
    message:
      /^critical: erp: went back in time: its next transaction is \d+, and the lake has everything before \d+\. A backup was restored over it/,
    goBack: async (backup) => {
      await first.restart(putBack(backup));
      return first;
    },
    unguarded: 'is refused',
  },
  {
    what: 'a backup restored to a point in time',
    message:
      /^critical: erp: is on timeline 2, the lake was filled from timeline 1: a standby was promoted \(failover\), or a backup was restored to a point in time/,
    goBack: async (backup) => {
      await recover(first, putBack(backup));
      // By now only the timeline tells.
      await useXids(first, 2_000);
      return first;
    },
    unguarded: 'misses rows',
  },
  {
    what: 'a failover that lost nothing',
    message: /^critical: erp: is on timeline 3, the lake was filled from timeline 2/,
    goBack: async () => {
      await recover(first, async () => undefined);
      return first;
    },
    unguarded: 'is right',
  },
  {
    what: 'a dump restored into another cluster',
    message:
      /^critical: erp: is another database server than the one that the lake was filled from \(system identifier \d+, before \d+\): its URL changed, or a dump/,
    goBack: async () => {
      second = await startPostgres({ scram_iterations: '1' });
      await second.sql(SCHEMA);
      for (const table of TABLES) {
        const [dump] = await first.sql<{ rows: string }>(
          `select json_agg(t)::text as rows from ${table} t where note <> 'after the backup'`,
        );
        await second.sql(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
          dump!.rows,
        ]);
      }
      await useXids(second, 10_000);
      return second;
    },
    unguarded: 'misses rows',
  },
];

test.each(REWINDS.map((each) => [each.what, each] as const))(
  '%s: both policies end with what the source holds, neither more nor less',
  async (_, { message, goBack, unguarded }) => {
    await readFrom(first);
    await first.sql('truncate orders, parcels');
    await write(first, 'as ever', 1, 40);
    const [asking, going] = [openLake('gate'), openLake('full')];
    await Promise.all([runOnce(asking), runOnce(going)]);

    const backup = join(await mkdtemp(join(root, 'backup-')), 'data');
    await first.restart((dataDir) => cp(dataDir, backup, { recursive: true }));
    await write(first, 'after the backup', 31, 50);
    await useXids(first, 500);
    await Promise.all([runOnce(asking), runOnce(going)]);
    await expectSame(asking, first, 'before');
    await write(first, 'read and not published', 36, 55);
    const parked = await asking.read(await asking.look());
    const sequence = (await asking.currentPublication())!.sequence;

    const server = await goBack(backup);
    if (server !== first) await readFrom(server);
    await write(server, 'on the other way', 45, 60);

    // One who may be asked is asked, nothing happens until then, and the evidence is in words.
    const look = await asking.look();
    const { verdict } = look;
    expect(verdict.allowed).toContain('approve');
    const [finding, ...others] = verdict.findings;
    expect(finding).toMatchObject({ check: 'SOURCE_REWOUND' });
    expect(others.every((each) => each.severity === 'info')).toBe(true);
    expect(describeFinding(finding!)).toMatch(message);
    expect(finding!.message).toMatch(/If this is the right database, approve: .* If not, correct the URL/);
    const backfill = await going.look('backfill', { from: '2024-01-01', to: '2024-02-01' });
    expect(backfill.verdict.findings).toContainEqual(
      expect.objectContaining({ severity: 'critical', check: 'SOURCE_REWOUND' }),
    );
    expect(backfill.verdict.allowed).toEqual(['retry', 'skip', 'abort']);

    const without = asking.read({ scope: look.scope, plan: look.wanted });
    if (unguarded === 'is refused') await expect(without).rejects.toThrow(/it has to be read in full/);
    else {
      const brought = new Set((await without).rows.get('orders')!.map(({ id }) => id));
      const lake = new Map(asking.rows('orders').map(({ id, note }) => [id, note]));
      const rows = await server.sql<{ id: string; note: string }>('select id::text, note from orders');
      const wrong = rows.filter(({ id, note }) => !brought.has(id) && lake.get(id) !== note);
      expect(wrong.length > 0).toBe(unguarded === 'misses rows');
    }
    expect((await asking.currentPublication())!.sequence).toBe(sequence);

    // Approved: the plan that was looked at is followed.
    const replacing = await asking.read(look);
    expect(await asking.publish(replacing)).toMatchObject({ published: true });
    await expectSame(asking, server, 'approved');

    const told = await going.look();
    expect(told.verdict.findings[0]).toMatchObject({ severity: 'warning', check: 'SOURCE_REWOUND' });
    expect(await going.publish(await going.read(told))).toMatchObject({ published: true });
    await expectSame(going, server, 'by policy');

    // What was read before of the history that is gone can no longer come in.
    expect(await asking.publish(parked)).toMatchObject({ published: false, reason: 'watermark-moved-back' });

    const asChunks = {
      ...parked,
      scope: { ...parked.scope, windows: [{ from: '2024-01-01', to: '2024-02-01' }] },
    };
    await expect(asking.publish(asChunks)).rejects.toMatchObject({ code: 'PLAN_CHANGED' });

    // And on from there by changes.
    await write(server, 'once more', 58, 62);
    for (const lake of [asking, going]) {
      const next = await lake.look();
      expect(next.plan.sources[0]!.entities.map(({ read }) => read.mode)).toEqual([
        'incremental',
        'incremental',
      ]);
      expect(next.verdict.findings).toEqual([]);
      expect(await lake.publish(await lake.read(next))).toMatchObject({ published: true });
      await expectSame(lake, server, 'next');
    }
  },
);
