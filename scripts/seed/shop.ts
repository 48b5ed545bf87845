import type { ShopConfig } from './config.ts';
import { toDayNumber } from './formats.ts';
import { createPermutation } from './permutation.ts';
import { createPriceHistory, type PriceHistory } from './prices.ts';
import { createRandom, type Random } from './random.ts';
import { createWeightedDraw, zipfWeights } from './weighted.ts';

/** Everything that is fixed about a shop before its first row is written. */
export interface Shop {
  config: ShopConfig;
  /** Day number of the first day of the history. */
  fromDay: number;
  /** Day number after the last day of the history. */
  endDay: number;
  /** Customers of the history, ids 1 to `customerCount`. */
  customerCount: number;
  /** Rows of `products` after the history. */
  productCount: number;
  /** Products that the shop has deleted: ids 1 to `goneProductCount`; the others follow. */
  goneProductCount: number;
  prices: PriceHistory;
  /** Customers registered by the end of day `dayIndex` (0 is the first of the history). */
  countRegistered(dayIndex: number): number;
  /** Day number on which a customer of the history registered; rises with the id. */
  registrationDayOf(customerId: number): number;
  /** A customer registered by then; few customers place many of the orders. */
  drawCustomer(random: Random, dayIndex: number): number;
  /** A product of the catalogue; few products sell most. */
  drawProduct(random: Random): number;
}

/** Customers who had registered before the history begins, and how long before. */
const VETERAN_SHARE = 0.3;
const VETERAN_DAYS = 730;

/** Lays out the shop of a configuration. Memory grows with customers and products, never with orders. */
export function createShopPlan(config: ShopConfig): Shop {
  const { seed, orders, days } = config;
  const fromDay = toDayNumber(config.from);
  const customerCount = Math.max(100, Math.round(orders / 10));
  const productCount = Math.max(20, Math.round(500 * Math.sqrt(orders / 50_000)));
  const goneProductCount = Math.max(5, Math.round(productCount * 0.03));

  const veterans = Math.floor(customerCount * VETERAN_SHARE);
  const newcomers = customerCount - veterans;
  const countRegistered = (dayIndex: number) =>
    veterans + Math.min(newcomers, Math.ceil(((dayIndex + 1) * newcomers) / days));
  const registrationDayOf = (customerId: number) =>
    customerId <= veterans
      ? fromDay - VETERAN_DAYS + Math.floor(((customerId - 1) * VETERAN_DAYS) / veterans)
      : fromDay + Math.floor(((customerId - 1 - veterans) * days) / newcomers);

  const layout = createRandom(seed, 'shop');
  const customerOfRank = createPermutation(layout, customerCount);
  const productOfRank = createPermutation(layout, productCount);
  const drawCustomerRank = createWeightedDraw(zipfWeights(customerCount, 10, 0.75));
  const drawProductRank = createWeightedDraw(zipfWeights(productCount, 5, 1));

  return {
    config,
    fromDay,
    endDay: fromDay + days,
    customerCount,
    productCount,
    goneProductCount,
    prices: createPriceHistory(seed, goneProductCount + 1, productCount, days),
    countRegistered,
    registrationDayOf,
    drawCustomer(random, dayIndex) {
      const registered = countRegistered(dayIndex);
      for (let attempt = 0; attempt < 8; attempt++) {
        const customerId = 1 + customerOfRank(drawCustomerRank(random));
        if (customerId <= registered) return customerId;
      }
      return 1 + random.below(registered);
    },
    drawProduct: (random) => goneProductCount + 1 + productOfRank(drawProductRank(random)),
  };
}
