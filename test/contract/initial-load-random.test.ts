import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toExtract } from '../../activities/extract-source.ts';
import { digestOf } from '../../activities/manifests.ts';
import { planRead } from '../../activities/plan-run.ts';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import type { EntityDefinition } from '../../src/core/definition.ts';
import {
  type LoadedEntity,
  makeLoadPlan,
  type PlannedRange,
  planRange,
} from '../../src/core/initial-load.ts';
import type { EntityRead, ExtractManifest } from '../../src/core/manifest.ts';
import { nextPublication } from '../../src/core/next-publication.ts';
import { entityFingerprint } from '../../src/core/pipeline.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { KeyRange } from '../../src/core/run.ts';
import { randomFrom, startWriters } from '../support/busy-writers.ts';
import { captureRequest } from '../support/extract-request.ts';
import { ITEM_TABLE } from '../support/isolation.ts';
import { itemEntities } from '../support/isolation-cursors.ts';
import { type CsvRow, createLake, readCsv } from '../support/lake-of-parts.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

const RANGE_COUNT = 12;
const seed = Number(process.env.TIDEMARK_TEST_SEED ?? Date.now() % 1_000_000);
const again = `TIDEMARK_TEST_SEED=${seed}`;
const at = { pipeline: 'proof', runKey: 'load' };

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  server = await startPostgres({ scram_iterations: '1', max_prepared_transactions: '50' });
  await server.sql(`${ITEM_TABLE}; insert into item select i from generate_series(1, 60) i`);
  await server.sql('analyze item');
  source = createPostgresSource({ url: server.url(), name: 'shop' });
});

afterAll(async () => {
  await source?.close();
  await server?.stop();
});

/** What one extract brought, published or not. */
interface Extracted {
  readonly range: KeyRange | null;
  readonly manifest: ExtractManifest;
  readonly rows: readonly CsvRow[];
}

async function extract(
  entity: EntityDefinition,
  read: EntityRead,
  range: (KeyRange & Pick<PlannedRange, 'from' | 'to'>) | null,
): Promise<Extracted> {
  const request = captureRequest([
    {
      ...toExtract(entity, read),
      ...(range && { keys: { key: entity.key, from: range.from, to: range.to } }),
    },
  ]);
  const result = await source.extract(request);
  const manifest: ExtractManifest = { version: 1, ...at, source: 'shop', createdAt: '', ...result };
  const rows = [...request.stored.values()].flatMap((bytes) => readCsv(gunzipSync(bytes).toString('utf8')));
  return { range: range && { load: range.load, nth: range.nth, entity: range.entity }, manifest, rows };
}

/** What would be published; the rows themselves are in a lake of their own. */
function publish(
  base: Publication | null,
  entities: readonly EntityDefinition[],
  extracted: readonly Extracted[],
): Publication {
  const next = nextPublication({
    ...at,
    base,
    runKind: 'backfill',
    ranges: extracted.map(({ range }) => range).filter((range) => range !== null),
    publishedAt: '',
    extracts: extracted.map(({ manifest }) => manifest),
    model: null,
    rowCounts: new Map(),
    decisions: [],
    skippedEntities: [],
  });
  const version = { sequence: 1, columns: [], partitionBy: null, partitions: [] };
  const published = entities.map((entity) => [
    entity.name,
    { ...version, definitionDigest: digestOf(entityFingerprint(entity)) },
  ]);
  return { ...next, entities: Object.fromEntries(published) };
}

test(`a table is loaded in ranges among busy writers, some of them twice, published in any order; one live run later the lake is the source (seed ${seed})`, async () => {
  const random = randomFrom(seed);
  const entities = itemEntities(0.5).filter(({ cursor }) => cursor.mode !== 'full');
  const { bounds, rowCount } = await source.cutKeys('public.item', ['k'], 60 / RANGE_COUNT);
  expect(bounds).toHaveLength(RANGE_COUNT - 1);
  const plan = makeLoadPlan(
    'proof',
    '',
    entities.map(({ name, key }) => ({ name, key, rowCount, bounds })),
  );
  const lakes = new Map(entities.map(({ name, key }) => [name, createLake(key)]));
  const late = new Map(entities.map(({ name, key }) => [name, createLake(key)]));
  const fold = ({ manifest, rows }: Extracted, ...all: (typeof lakes)[]) => {
    const name = Object.keys(manifest.entities)[0]!;
    for (const each of all) each.get(name)!.apply({ order: manifest.snapshot.order, isWhole: false, rows });
  };

  const writers = await startWriters(server, 4, seed);
  const long: (() => Promise<void>)[] = [];
  const waiting = shuffle(
    plan.entities.flatMap((entity: LoadedEntity) =>
      entity.ranges.map((range) => ({ ...range, load: 'l', entity: entity.name })),
    ),
    random,
  );
  let ready: Extracted[] = [];
  let published: Publication | null = null;
  const newest = new Map<string, string>();
  while (waiting.length > 0) {
    if (random() < 0.4) long.push(await writers.beginLong());
    const range = waiting.shift()!;
    const entity = entities.find(({ name }) => name === range.entity)!;
    const extracted = await extract(entity, planRange(plan, range), range);
    if (random() < 0.4) await long.splice(Math.floor(random() * long.length), 1)[0]?.();
    // Killed before it was published, so it is done again, later.
    if (random() < 0.25) waiting.push(range);
    else ready.push(extracted);
    if (random() < 0.2 || waiting.length === 0) {
      const batch = shuffle(ready, random);
      ready = [];
      published = publish(published, entities, batch);
      for (const each of batch) fold(each, lakes, late);
    }
    newest.set(range.entity, extracted.manifest.snapshot.xmin);
    const hasWatermark = Object.keys(published?.watermarks ?? {}).includes(range.entity);
    const isDone = ![...waiting, ...ready.map((each) => each.range!)].some(
      (left) => left.entity === range.entity,
    );
    expect(hasWatermark, `${range.entity}: ${again}`).toBe(isDone);
  }
  await writers.stop();
  for (const end of long) await end();
  expect(published!.loads, again).toEqual({});

  const rows = await server.sql<Record<string, string>>('select k::text, v::text from item order by item.k');
  const lost: number[] = [];
  for (const entity of entities) {
    const scope = { ...at, kind: 'live' } as const;
    const read = planRead(entity, scope, published)!;
    // A transaction was prepared under the oldest snapshot: nobody knows where stamps were settled, and all is read.
    const hasNoBound = entity.cursor.mode === 'timestamp' && !published!.watermarks[entity.name]!.cursorFrom;
    expect(read.mode, `${entity.name}: ${again}`).toBe(hasNoBound ? 'full' : 'incremental');
    fold(await extract(entity, read, null), lakes);
    expect(rowsOf(lakes.get(entity.name)!, rows), `${entity.name}: ${again}`).toEqual(rows);
    fold(await extract(entity, { mode: 'incremental', fromXid: newest.get(entity.name)! }, null), late);
    const held = rowsOf(late.get(entity.name)!, rows);
    lost.push(rows.filter((row) => held.find(({ k }) => k === row.k)?.v !== row.v).length);
  }
  console.log(
    `seed ${seed}: ${writers.transactionCount} transactions, ${rows.length} rows. From the newest snapshot on, lost ${lost.join(', ')}`,
  );
  // Otherwise the run would prove nothing.
  expect(Math.max(...lost), again).toBeGreaterThan(0);
});

/** Deleted rows are found by other means. */
function rowsOf(lake: ReturnType<typeof createLake>, source: readonly CsvRow[]): CsvRow[] {
  return [...lake.rows().values()]
    .filter(({ k }) => source.some((row) => row.k === k))
    .sort((a, b) => Number(a.k) - Number(b.k));
}

function shuffle<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((each) => [random(), each] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, each]) => each);
}

test.each([
  ['two columns', 'a int, b text, primary key (a, b)', `i % 7, 'key "' || i`, ['b', 'a']],
  [
    'text in the order of its collation',
    'a text collate "en-x-icu" primary key',
    `chr(65 + i % 50) || i`,
    ['a'],
  ],
  ['timestamps', 'a timestamptz primary key', `timestamptz '2024-03-31' + i * interval '7 minutes'`, ['a']],
  ['uuids', 'a uuid primary key', `md5(i::text)::uuid`, ['a']],
])('ranges of %s hold each row once', async (_what, columns, values, key) => {
  await server.sql(`drop table if exists wide; create table wide (${columns});
    insert into wide select ${values} from generate_series(1, 1000) i; analyze wide`);
  const cut = await source.cutKeys('public.wide', key, 100);
  expect(cut.bounds).toHaveLength(9);
  expect([...cut.key].sort()).toEqual([...key].sort());
  const ends = [null, ...cut.bounds, null];
  const entity = {
    name: 'wide',
    table: 'public.wide',
    measures: [],
    key,
    columns: [{ name: 'a', type: 'text' }],
  };
  const counts: number[] = [];
  for (const [nth, to] of ends.slice(1).entries()) {
    const read = { mode: 'range', load: 'l', nth, first: 0, last: 9 } as const;
    const request = captureRequest([{ ...entity, read, keys: { key: cut.key, from: ends[nth]!, to } }]);
    counts.push((await source.extract(request)).entities.wide!.rowCount);
  }
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
  expect(Math.min(...counts)).toBeGreaterThan(50);
});

test('a view, and a table without an index on its key, stay whole', async () => {
  await server.sql(
    'create table bare as select i as k from generate_series(1, 1000) i; create view seen as select * from bare; analyze bare',
  );
  for (const table of ['public.bare', 'public.seen'])
    expect(await source.cutKeys(table, ['k'], 10)).toMatchObject({ rowCount: 1000, bounds: [] });
});
