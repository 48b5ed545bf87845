import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answered, askEverywhere } from '../../scripts/demo/answers.ts';
import { applyDay, createShop, type DaySummary } from '../../scripts/seed/index.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { RunOutcome } from '../../src/core/run.ts';
import { type RunningPipeline, startPipeline } from './running-pipeline.ts';
import { SHOP_TRUTH } from './shop-truth.ts';
import { askSource, openPlaces, type Places } from './three-places.ts';

const env = inject('stackEnv');
const shopUrl = env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!;

describe('three days of the example shop', () => {
  let places: Places | undefined;
  let pipeline: RunningPipeline | undefined;
  /** Sequence before the first run; other tests may have published into the same lake. */
  let before: number;
  let days: DaySummary[];
  let runs: RunOutcome[];
  let publication: Publication;

  beforeAll(async () => {
    places = await openPlaces(env);
    await createShop(shopUrl, { orders: 3_000 });
    before = (await places.publication('ecommerce'))?.sequence ?? 0;
    pipeline = await startPipeline({ pipeline: 'ecommerce', env, dir: inject('stackDir') });
    runs = [await pipeline.run('full')];
    days = [];
    for (const day of [2, 3]) {
      days.push(await applyDay(shopUrl, { day }));
      runs.push(await pipeline.run('live'));
    }
    publication = (await places.publication('ecommerce'))!;
  });

  afterAll(async () => {
    await pipeline?.stop();
    places?.close();
  });

  it('publishes each run without a decision', () => {
    expect(runs.map(({ state, sequence, decisions }) => ({ state, sequence, decisions }))).toEqual(
      [1, 2, 3].map((nth) => ({ state: 'published', sequence: before + nth, decisions: [] })),
    );
    expect(publication.sequence).toBe(before + 3);
  });

  it('reads all rows once, then only those that a day changed', () => {
    for (const [nth, day] of days.entries()) {
      expect(runs[nth + 1]!.extracted).toEqual({
        customers: day.customersInserted + day.customersMoved,
        products: day.productsInserted + day.pricesChanged,
        orders: day.ordersInserted + day.ordersUpdated,
      });
    }
    expect(runs[0]!.extracted.orders).toBe(3_000);
  });

  it.each(SHOP_TRUTH)(
    '$table holds the rows of the shop in lake, Spectrum and native tables',
    async (truth) => {
      const { table, source, target } = truth;
      const expected = await askSource(shopUrl, source);
      expect(expected.length).toBeGreaterThan(50);
      const lake = await places!.lake(publication.tables[table]!, target.replace('{table}', '{files}'));
      expect(lake).toEqual(expected);
      for (const schema of ['ecommerce_spectrum', 'ecommerce'])
        expect(await places!.ask(target.replace('{table}', `${schema}.${table}`)), schema).toEqual(expected);
    },
  );

  it.each(['customers', 'products', 'orders'])(
    'every folded row of %s names its snapshot',
    async (entity) => {
      const counted = await places!.lake(
        publication.entities[entity]!,
        "SELECT count(*), count(nullif(_snapshot, '')) FROM {files}",
      );
      const [[count]] = (await askSource(shopUrl, `SELECT count(*) FROM ${entity}`)) as [[string]];
      expect(counted).toEqual([[count, count]]);
    },
  );

  it('shows no order that was rolled back', async () => {
    const ids = days.flatMap((day) => day.phantomOrderIds).join(', ');
    const found = await places!.ask(`SELECT count(*) FROM ecommerce.orders_fact WHERE order_id IN (${ids})`);
    expect(found).toEqual([['0']]);
  });

  it('writes one ledger row a publication', async () => {
    const ledger = await places!.ask(
      `SELECT sequence, run_key FROM ecommerce.tidemark_ledger WHERE sequence > ${before} ORDER BY sequence`,
    );
    expect(ledger).toEqual(runs.map(({ sequence, runKey }) => [String(sequence), runKey]));
  });

  it('answers the questions alike everywhere', async () => {
    const answers: Answered[] = await askEverywhere(shopUrl, places!.warehouse, 'ecommerce');
    for (const { title, source, spectrum, native } of answers) {
      expect(source.length, title).toBeGreaterThan(0);
      expect({ spectrum, native }, title).toEqual({ spectrum: source, native: source });
    }
  });
});
