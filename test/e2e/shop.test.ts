import { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answered, askEverywhere } from '../../scripts/demo/answers.ts';
import { applyDay, createShop, type DaySummary } from '../../scripts/seed/index.ts';
import { main } from '../../scripts/tidemark/main.ts';
import type { Output } from '../../scripts/tidemark/output.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { readConfig } from '../../src/config.ts';
import { makeLayout } from '../../src/core/layout.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { RunOutcome } from '../../src/core/run.ts';
import { type RunningPipeline, startPipeline } from './running-pipeline.ts';
import { SHOP_TRUTH } from './shop-truth.ts';
import { askSource, openPlaces, type Places } from './three-places.ts';

const env = inject('stackEnv');
const shopUrl = env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!;
const orders = SHOP_TRUTH.find((each) => each.table === 'orders_fact')!;
const shop = new pg.Client({ connectionString: shopUrl });
let places: Places;
let pipeline: RunningPipeline;
/** Sequence before the first run; other tests may have published into the same lake. */
let before: number;

beforeAll(async () => {
  places = await openPlaces(env);
  await createShop(shopUrl, { orders: 3_000 });
  await shop.connect();
  before = (await places.publication('ecommerce'))?.sequence ?? 0;
  pipeline = await startPipeline({ pipeline: 'ecommerce', env, dir: inject('stackDir') });
});

afterAll(async () => {
  await pipeline?.stop();
  await shop.end();
  places?.close();
});

describe('the first load and a day of the example shop', () => {
  let days: DaySummary[];
  let runs: RunOutcome[];
  let published: Publication;

  beforeAll(async () => {
    const first = await pipeline.run('full');
    days = [await applyDay(shopUrl, { day: 2 })];
    runs = [first, await pipeline.run('live')];
    published = (await places.publication('ecommerce'))!;
  });

  it('publishes each run without a decision', () => {
    expect(runs.map(({ state, sequence, decisions }) => ({ state, sequence, decisions }))).toEqual(
      [1, 2].map((nth) => ({ state: 'published', sequence: before + nth, decisions: [] })),
    );
    expect(published.sequence).toBe(before + 2);
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
      const lake = await places.lake(published.tables[table]!, target.replace('{table}', '{files}'));
      expect(lake).toEqual(expected);
      for (const schema of ['ecommerce_spectrum', 'ecommerce'])
        expect(await places.ask(target.replace('{table}', `${schema}.${table}`)), schema).toEqual(expected);
    },
  );

  it.each(['customers', 'products', 'orders'])(
    'every folded row of %s names its snapshot',
    async (entity) => {
      const counted = await places.lake(
        published.entities[entity]!,
        "SELECT count(*), count(nullif(_snapshot, '')) FROM {files}",
      );
      const [[count]] = (await askSource(shopUrl, `SELECT count(*) FROM ${entity}`)) as [[string]];
      expect(counted).toEqual([[count, count]]);
    },
  );

  it('shows no order that was rolled back', async () => {
    const ids = days.flatMap((day) => day.phantomOrderIds).join(', ');
    const found = await places.ask(`SELECT count(*) FROM ecommerce.orders_fact WHERE order_id IN (${ids})`);
    expect(found).toEqual([['0']]);
  });

  it('writes one ledger row a publication', async () => {
    const ledger = await places.ask(
      `SELECT sequence, run_key FROM ecommerce.tidemark_ledger WHERE sequence > ${before} ORDER BY sequence`,
    );
    expect(ledger).toEqual(runs.map(({ sequence, runKey }) => [String(sequence), runKey]));
  });

  it('answers the questions alike everywhere', async () => {
    const answers: Answered[] = await askEverywhere(shopUrl, places.warehouse, 'ecommerce');
    for (const { title, source, spectrum, native } of answers) {
      expect(source.length, title).toBeGreaterThan(0);
      expect({ spectrum, native }, title).toEqual({ spectrum: source, native: source });
    }
  });
});

describe('rows that the shop deletes after that, and rows that no run has seen', () => {
  const readPublication = async (): Promise<Publication> => (await places.publication('ecommerce'))!;
  const expectEqual = async () => {
    const expected = await askSource(shopUrl, orders.source);
    const table = (await readPublication()).tables.orders_fact!;
    expect(await places.lake(table, orders.target.replace('{table}', '{files}'))).toEqual(expected);
    for (const schema of ['ecommerce_spectrum', 'ecommerce'])
      expect(await places.ask(orders.target.replace('{table}', `${schema}.orders_fact`)), schema).toEqual(
        expected,
      );
  };

  it('holds a mass deletion for a decision; approved, all places equal the shop, with what was inserted again', async () => {
    await shop.query('DELETE FROM orders WHERE order_id BETWEEN 101 AND 400');
    await shop.query(`INSERT INTO orders SELECT 101 + i, 1, 300, 2, 5, 10, 'paypal', 'paid', '2023-06-01Z', now()
      FROM generate_series(0, 1) i`);
    const { gate, decide } = await pipeline.runToGate('live');
    expect(gate.findings.map(({ check, subject, failedCount }) => [check, subject, failedCount])).toEqual([
      ['delete-brake', 'orders', 298],
    ]);
    const outcome = await decide('approve', 'the test year is gone');
    expect(outcome.compared?.orders).toMatchObject({ kind: 'keys', goneCount: 298, healedCount: 298 });
    await expectEqual();
  });

  it('finds and heals rows that were changed behind the cursor, by tidemark reconcile', async () => {
    await shop.query(`UPDATE orders SET quantity = quantity + 1, total_price = 77 WHERE order_id IN (501, 502, 503);
      INSERT INTO orders VALUES (900001, 1, 300, 2, 5, 10, 'paypal', 'paid', '2023-06-01Z', now());
      DELETE FROM orders WHERE order_id = 504`);
    await liftWatermark('orders');
    const { exitCode, printed } = await type('reconcile', 'ecommerce', '--entity', 'orders', '--json');
    expect(exitCode, printed).toBe(0);
    const [{ count }] = (await shop.query('SELECT count(*)::int AS count FROM orders')).rows as [
      { count: number },
    ];
    expect(JSON.parse(printed)).toMatchObject({
      state: 'published',
      compared: {
        orders: {
          kind: 'rows',
          comparedCount: count,
          lateCount: 3,
          lostCount: 1,
          goneCount: 1,
          healedCount: 5,
        },
        customers: { kind: 'keys', goneCount: 0 },
      },
    });
    await expectEqual();
  });

  it('backfills months side by side: emptied, changed and deleted rows of each arrive, other months stay', async () => {
    await shop.query(`DELETE FROM orders WHERE ordered_at >= '2023-03-01Z' AND ordered_at < '2023-04-01Z';
      DELETE FROM orders WHERE order_id IN (SELECT min(order_id) FROM orders WHERE ordered_at >= '2023-05-01Z' AND ordered_at < '2023-06-01Z');
      UPDATE orders SET quantity = quantity + 3, total_price = total_price + 1
       WHERE ordered_at >= '2023-06-01Z' AND ordered_at < '2023-08-01Z'`);
    await liftWatermark('orders');
    const before = await readPublication();
    const range = ['--from', '2023-03-01', '--to', '2023-09-01', '--chunk', 'P1M', '--mode', 'all'];
    const { exitCode, printed } = await type(
      'backfill',
      'start',
      'ecommerce',
      ...range,
      '--parallel',
      '4',
      '--wait',
    );
    expect(exitCode, printed).toBe(0);
    expect(printed).toContain('6 published');
    const after = await readPublication();
    expect(Object.keys(after.chunks)).toHaveLength(6);
    expect(after.watermarks).toEqual(before.watermarks);
    expect(after.tables.orders_fact!.partitions.map((part) => part.value)).not.toContain('2023-03');
    await expectEqual();
  });

  /** Makes the published watermark say that everything written so far is in the lake. */
  async function liftWatermark(entity: string): Promise<void> {
    const config = readConfig(env);
    const s3 = new S3Client({ region: config.region });
    const store = createS3ObjectStore(s3);
    const { publication: uri } = makeLayout(config.zones, 'ecommerce');
    const now = JSON.parse((await store.read(uri))!.text) as Publication;
    const [[xid]] = (await askSource(shopUrl, 'SELECT pg_snapshot_xmax(pg_current_snapshot())')) as [
      [string],
    ];
    const watermarks = { ...now.watermarks, [entity]: { ...now.watermarks[entity], xid } };
    await store.write(uri, JSON.stringify({ ...now, watermarks }), 'application/json');
    s3.destroy();
  }

  async function type(...args: string[]): Promise<{ exitCode: number; printed: string }> {
    const printed: string[] = [];
    const out: Output = {
      print: (text) => printed.push(text),
      complain: () => undefined,
      env: { ...env, TIDEMARK_TASK_QUEUE: 'e2e-ecommerce' },
      exitCode: 0,
    };
    return { exitCode: await main(args, out), printed: printed.join('\n') };
  }
});
