import { toDayNumber } from './formats.ts';

/** What a caller may choose about a shop; see `resolveShopConfig` for the defaults. */
export interface ShopOptions {
  seed?: number;
  orders?: number;
  from?: string;
  days?: number;
}

/** A shop's identity: two shops with equal configurations are equal byte by byte. */
export interface ShopConfig {
  /** Seed of all draws, a 32-bit integer. */
  seed: number;
  /** Rows of `orders` in the history. Customers are a tenth of it, products grow with its square root. */
  orders: number;
  /** First day of the history (YYYY-MM-DD, UTC). */
  from: string;
  /** Days of the history; it ends before day `from + days` begins. */
  days: number;
}

/**
 * Fills in the defaults (seed 42, 50,000 orders, 730 days from 2023-01-01).
 * Throws a RangeError with the name, the value and the allowed range of what is wrong.
 */
export function resolveShopConfig(options: ShopOptions = {}): ShopConfig {
  const { seed = 42, orders = 50_000, from = '2023-01-01', days = 730 } = options;
  requireInteger('seed', seed, 0, 2 ** 31 - 1);
  requireInteger('orders', orders, 100, 50_000_000);
  requireInteger('days', days, 30, 3_660);
  toDayNumber(from);
  return { seed, orders, from, days };
}

/** Throws a RangeError unless `value` is a whole number in [min, max]. */
export function requireInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, got ${value}`);
  }
}
