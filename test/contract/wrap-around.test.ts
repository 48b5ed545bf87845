import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { startWriters } from '../support/busy-writers.ts';
import { ITEM_TABLE } from '../support/isolation.ts';
import { followEntities, itemEntities } from '../support/isolation-cursors.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';
import { advanceNextXid, readNextXid } from '../support/reset-xid.ts';

const RING = 2n ** 32n;
const seed = Number(process.env.TIDEMARK_TEST_SEED ?? Date.now() % 1_000_000);

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  // The counter makes leaps of years here: rows need no freezing before we do it.
  server = await startPostgres({
    scram_iterations: '1',
    max_prepared_transactions: '50',
    autovacuum_freeze_max_age: '2000000000',
  });
  await server.sql(`${ITEM_TABLE}; insert into item select i from generate_series(1, 40) i`);
  await advanceNextXid(server, RING - 32_768n);
  source = createPostgresSource({ url: server.url(), name: 'shop' });
});

afterAll(async () => {
  await source?.close();
  await server?.stop();
});

test(`extracts across the wrap of the 32-bit counter lose nothing (seed ${seed})`, async () => {
  await server.sql(`insert into item select i from generate_series(41, 60) i`);
  await useXids(server, RING - 200n);
  const ours = followEntities(source, itemEntities(0.5));
  await ours.run();
  await server.sql('update item set v = 0 where k <= 10');

  // Written before the wrap, once in a subtransaction, committed long after it.
  const long = await server.connect();
  await long.query(
    'begin; update item set v = 0 where k = 41; savepoint a; update item set v = 0 where k = 42',
  );
  await ours.run();
  expect(await readNextXid(server)).toBeLessThan(RING);

  const watermark = String(await readNextXid(server));
  const writers = await startWriters(server, 3, seed);
  do await ours.run();
  while ((await readNextXid(server)) < RING + 200n);
  await writers.stop();
  await ours.run();
  await long.query('update item set v = 0 where k = 43; commit');
  await ours.run();

  // Rows of both sides are there, and comparing plain 32-bit numbers would miss the newer ones.
  const [seen] = await server.sql<{ written: number; found: number; old: number }>(
    `select count(*) filter (where age(xmin) between 0 and age($1::xid))::int as written,
            count(*) filter (where xmin::text::bigint >= $1::text::bigint)::int as found,
            count(*) filter (where xmin::text::bigint > 3000000000)::int as old
       from item`,
    [watermark],
  );
  expect(seen!.old).toBeGreaterThan(0);
  expect(seen!.found).toBeLessThan(seen!.written);

  const rows = await server.sql<Record<string, string>>('select k::text, v::text from item order by item.k');
  for (const [name, lake] of ours.lakes) {
    const held = [...lake.rows().values()]
      .filter(({ k }) => name === 'full' || rows.some((row) => row.k === k))
      .sort((a, b) => Number(a.k) - Number(b.k));
    expect(held, `${name}: TIDEMARK_TEST_SEED=${seed}`).toEqual(rows);
  }
});

/** Uses up transaction ids until the next one is `until`. */
async function useXids(server: ThrowawayPostgres, until: bigint): Promise<void> {
  const count = until - (await readNextXid(server));
  await server.sql(
    `do $$ begin for i in 1..${count} loop perform pg_current_xact_id(); commit; end loop; end $$`,
  );
}
