import type pg from 'pg';
import { requireInteger } from './config.ts';
import { inTransaction, withClient } from './connection.ts';
import { copyRows } from './copy.ts';
import { customerRow } from './customers.ts';
import { changePrices, moveCustomers, updateOrders } from './day-changes.ts';
import { countDailyOrders, drawDayOrders } from './day-orders.ts';
import { DAY_US, toDate } from './formats.ts';
import { productRow } from './products.ts';
import { createRandom } from './random.ts';
import type { OrderRow } from './rows.ts';
import { createShopPlan } from './shop.ts';
import { readShopConfig } from './shop-comment.ts';
import { readPrices, readShopState } from './shop-state.ts';

/** Which day to play: the history is day 1, so 2 is the first day after it. */
export interface DayOptions {
  day: number;
  /** Seed of the day's draws; the shop's own by default. */
  seed?: number;
  /** New orders; the history's daily average, at least 60, by default. */
  orders?: number;
}

/** What one day changed. Each row counts once, however often it changed. */
export interface DaySummary {
  day: number;
  date: string;
  ordersInserted: number;
  ordersUpdated: number;
  customersInserted: number;
  customersMoved: number;
  productsInserted: number;
  pricesChanged: number;
  transactionsCommitted: number;
  transactionsRolledBack: number;
  /** Orders that were inserted and rolled back; no reader may ever see one of them. */
  phantomOrderIds: number[];
}

const NEW_PRODUCTS = 2;
const NEW_CUSTOMERS = 4;
const PHANTOM_ORDERS = 5;
/** Far above every real order, so that a phantom's id is never given to a real one later. */
const FIRST_PHANTOM_ID = 2_000_000_000;
const HOUR_US = 3_600_000_000;

/**
 * Plays one day of trade after the history, in seven committed transactions, two of them with savepoints, and one that
 * is rolled back. Deterministic for equal tables, day and seed. Played twice, a day adds its rows twice, under new ids.
 * Killed half-way it leaves the transactions that had committed.
 */
export async function applyDay(adminUrl: string, options: DayOptions): Promise<DaySummary> {
  requireInteger('day', options.day, 2, 10_000);
  if (options.seed !== undefined) requireInteger('seed', options.seed, 0, 2 ** 31 - 1);
  if (options.orders !== undefined) requireInteger('orders', options.orders, 1, 1_000_000);

  return withClient(adminUrl, async (client) => {
    const shop = createShopPlan(await readShopConfig(client));
    const random = createRandom(options.seed ?? shop.config.seed, 'day', options.day);
    const state = await readShopState(client);
    const dayNumber = shop.endDay + options.day - 2;
    const dayUs = dayNumber * DAY_US;

    const newProductIds = sequence(state.nextProductId, NEW_PRODUCTS);
    const pricesChanged = await inTransaction(client, async () => {
      await copyRows(
        client,
        'products',
        newProductIds.map((id) => productRow(shop, id, dayUs)),
      );
      return changePrices(client, shop, random, dayUs + HOUR_US);
    });

    const newCustomerIds = sequence(state.nextCustomerId, NEW_CUSTOMERS);
    const customersMoved = await inTransaction(client, async () => {
      const rows = newCustomerIds.map((id) => customerRow(shop, id, dayNumber, dayNumber + 1));
      await copyRows(client, 'customers', rows);
      return moveCustomers(client, shop, random, dayUs + 9 * HOUR_US);
    });

    const orders = drawDayOrders(shop, random, {
      dayNumber,
      firstOrderId: state.nextOrderId,
      count: options.orders ?? countDailyOrders(shop),
      prices: await readPrices(client),
      newCustomerIds,
      newProductIds,
    });
    await insertOrders(client, orders);

    const ordersUpdated = await updateOrders(client, shop, random, state.nextOrderId, dayUs + 20 * HOUR_US);
    const phantoms = orders.slice(0, PHANTOM_ORDERS).map((order, index) => ({
      ...order,
      order_id: FIRST_PHANTOM_ID + options.day * 100 + index,
    }));
    await insertAndRollBack(client, phantoms);

    return {
      day: options.day,
      date: toDate(dayNumber),
      ordersInserted: orders.length,
      ordersUpdated,
      customersInserted: newCustomerIds.length,
      customersMoved,
      productsInserted: newProductIds.length,
      pricesChanged,
      transactionsCommitted: 7,
      transactionsRolledBack: 1,
      phantomOrderIds: phantoms.map((order) => order.order_id),
    };
  });
}

/** Writes the orders in four transactions; the last writes each half of its orders below a savepoint. */
async function insertOrders(client: pg.Client, orders: readonly OrderRow[]): Promise<void> {
  const size = Math.ceil(orders.length / 4);
  for (let part = 0; part < 4; part++) {
    const batch = orders.slice(part * size, (part + 1) * size);
    await inTransaction(client, async () => {
      if (part < 3) {
        await copyRows(client, 'orders', batch);
        return;
      }
      const half = Math.ceil(batch.length / 2);
      for (const basket of [batch.slice(0, half), batch.slice(half)]) {
        await client.query('savepoint basket');
        await copyRows(client, 'orders', basket);
        await client.query('release savepoint basket');
      }
    });
  }
}

async function insertAndRollBack(client: pg.Client, orders: readonly OrderRow[]): Promise<void> {
  await client.query('begin');
  try {
    await copyRows(client, 'orders', orders);
  } finally {
    await client.query('rollback');
  }
}

function sequence(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
