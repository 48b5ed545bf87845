import { DAY_US } from './formats.ts';
import { drawOrder, drawTimes } from './orders.ts';
import type { Random } from './random.ts';
import type { OrderRow } from './rows.ts';
import type { Shop } from './shop.ts';

/** What the orders of a day after the history depend on. */
export interface DayTerms {
  dayNumber: number;
  firstOrderId: number;
  count: number;
  /** List price by product id, in whole cents. */
  prices: ReadonlyMap<number, number>;
  /** Customers and products that are new; each is ordered by or ordered at least once when `count` allows. */
  newCustomerIds: readonly number[];
  newProductIds: readonly number[];
}

/** Draws the clean orders of one day, by rising id and time. */
export function drawDayOrders(shop: Shop, random: Random, terms: DayTerms): OrderRow[] {
  const times = drawTimes(random, terms.dayNumber, terms.count);
  return Array.from(times, (orderedUs, index) => {
    const productId = terms.newProductIds[index] ?? shop.drawProduct(random);
    const customerId = terms.newCustomerIds[index] ?? shop.drawCustomer(random, shop.config.days - 1);
    return drawOrder(random, {
      orderId: terms.firstOrderId + index,
      customerId,
      productId,
      listCents: terms.prices.get(productId) ?? shop.prices.currentCents(productId),
      orderedUs,
      knownUntilUs: (terms.dayNumber + 1) * DAY_US,
    });
  });
}

/** Orders of an ordinary day: the history's daily average, but at least 60. */
export function countDailyOrders(shop: Shop): number {
  return Math.max(60, Math.round(shop.config.orders / shop.config.days));
}
