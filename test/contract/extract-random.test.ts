import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { randomFrom, startWriters } from '../support/busy-writers.ts';
import { ITEM_TABLE } from '../support/isolation.ts';
import { followEntities, itemEntities } from '../support/isolation-cursors.ts';
import { naiveCursors } from '../support/isolation-naive.ts';
import type { CsvRow } from '../support/lake-of-parts.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

const EXTRACT_COUNT = 30;
const seed = Number(process.env.TIDEMARK_TEST_SEED ?? Date.now() % 1_000_000);

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  server = await startPostgres({ scram_iterations: '1', max_prepared_transactions: '50' });
  await server.sql(`${ITEM_TABLE}; insert into item select i from generate_series(1, 40) i`);
  source = createPostgresSource({ url: server.url(), name: 'shop' });
});

afterAll(async () => {
  await source?.close();
  await server?.stop();
});

test(`${EXTRACT_COUNT} extracts among busy writers, then one in the quiet: the lake is the source (seed ${seed})`, async () => {
  const random = randomFrom(seed);
  const ours = followEntities(source, itemEntities(0.5));
  const beside = await server.connect();
  const naive = naiveCursors((text, values) => beside.query(text, values).then(({ rows }) => rows));
  const writers = await startWriters(server, 4, seed);
  const long: (() => Promise<void>)[] = [];
  const phantoms: CsvRow[] = [];
  const extract = async () => {
    for (const { rows } of (await ours.run()).values())
      phantoms.push(...rows.filter(({ v }) => !writers.committed.has(v!) && Number(v) > 40));
    for (const cursor of naive) {
      await beside.query('begin isolation level repeatable read read only');
      await cursor.read();
      await beside.query('commit');
    }
  };
  // Some transactions last over one extract, some over many.
  for (let count = 0; count < EXTRACT_COUNT; count++) {
    if (random() < 0.6) long.push(await writers.beginLong());
    await extract();
    if (random() < 0.5) await long.splice(Math.floor(random() * long.length), 1)[0]?.();
  }
  await writers.stop();
  for (const end of long) await end();
  await extract();

  const rows = await server.sql<Record<string, string>>('select k::text, v::text from item order by item.k');
  const again = `TIDEMARK_TEST_SEED=${seed}`;
  expect(phantoms, again).toEqual([]);
  for (const [name, lake] of ours.lakes) {
    const held = [...lake.rows().values()]
      // Only a whole read sees that a row is gone.
      .filter(({ k }) => name === 'full' || rows.some((row) => row.k === k))
      .sort((a, b) => Number(a.k) - Number(b.k));
    expect(held, `${name}: ${again}`).toEqual(rows);
  }
  const lost = naive.map((cursor) => {
    const found = cursor.rows();
    return {
      name: cursor.name,
      count: rows.filter((row) => found.get(JSON.stringify([row.k]))?.v !== row.v).length,
    };
  });
  const words = lost.map(({ name, count }) => `${name}: ${count}`).join('; ');
  console.log(
    `seed ${seed}: ${writers.transactionCount} transactions, ${rows.length} rows. Lost by ${words}`,
  );
  // Otherwise the run would prove nothing.
  expect(lost[0]!.count, again).toBeGreaterThan(0);
});
