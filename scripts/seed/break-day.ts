import { requireInteger } from './config.ts';
import { inTransaction, withClient } from './connection.ts';
import { copyRows } from './copy.ts';
import { countDailyOrders, drawDayOrders } from './day-orders.ts';
import { planDirt } from './dirt.ts';
import { toDate } from './formats.ts';
import { createRandom } from './random.ts';
import { createShopPlan } from './shop.ts';
import { readShopConfig } from './shop-comment.ts';
import { readPrices, readShopState } from './shop-state.ts';

/** What the faulty release wrote. */
export interface BreakSummary {
  date: string;
  ordersInserted: number;
  /** Orders among them whose total is negative and whose payment method is missing. */
  faultyOrders: number;
  faultyOrderIds: number[];
}

const FAULTY_ORDERS = 30;

/**
 * Plays the first day without orders after the history with a faulty release of the checkout: among the ordinary orders, thirty have
 * total_price = -(quantity * unit_price) and no payment method. `repairBreak` puts them right.
 * The seed defaults to the shop's own.
 */
export async function breakDay(adminUrl: string, options: { seed?: number } = {}): Promise<BreakSummary> {
  if (options.seed !== undefined) requireInteger('seed', options.seed, 0, 2 ** 31 - 1);

  return withClient(adminUrl, async (client) => {
    const shop = createShopPlan(await readShopConfig(client));
    const seed = options.seed ?? shop.config.seed;
    const state = await readShopState(client);
    const dayNumber = Math.max(state.nextDay, shop.endDay);
    const count = countDailyOrders(shop) + FAULTY_ORDERS;
    const faults = planDirt(seed, `break ${dayNumber}`, count, { signBug: FAULTY_ORDERS });

    const orders = drawDayOrders(shop, createRandom(seed, 'break', dayNumber), {
      dayNumber,
      firstOrderId: state.nextOrderId,
      count,
      prices: await readPrices(client),
      newCustomerIds: [],
      newProductIds: [],
    }).map((order, index) =>
      faults.markOf(index) ? { ...order, total_price: `-${order.total_price}`, payment_method: null } : order,
    );
    await inTransaction(client, () => copyRows(client, 'orders', orders));

    const faultyOrderIds = orders.filter((_, index) => faults.markOf(index)).map((order) => order.order_id);
    return {
      date: toDate(dayNumber),
      ordersInserted: orders.length,
      faultyOrders: faultyOrderIds.length,
      faultyOrderIds,
    };
  });
}

/** What the shop's own correction changed. */
export interface RepairSummary {
  ordersRepaired: number;
}

/**
 * The shop's fix of `breakDay`: gives every negative total its right sign, stamped an hour after the latest change.
 * The payment methods stay unknown. Run again it changes nothing.
 */
export async function repairBreak(adminUrl: string): Promise<RepairSummary> {
  return withClient(adminUrl, async (client) => {
    await readShopConfig(client);
    const result = await client.query(`
      update public.orders
         set total_price = -total_price,
             updated_at = (select max(updated_at) + interval '1 hour' from public.orders)
       where total_price < 0`);
    return { ordersRepaired: result.rowCount ?? 0 };
  });
}
