import { CATEGORIES, type Category } from './catalogue.ts';
import { createRandom, type Random } from './random.ts';
import { createWeightedDraw } from './weighted.ts';

/** What each product of the history cost on each day, in whole cents. */
export interface PriceHistory {
  /** List price on a day of the history, counted from 0. */
  centsOn(productId: number, dayIndex: number): number;
  /** Price after the history. */
  currentCents(productId: number): number;
  /** The day of the history on which the price changed, or -1 when it never did. */
  changeDayOf(productId: number): number;
}

const drawCategoryIndex = createWeightedDraw(CATEGORIES.map((category) => category.weight));

/** Draws the category and the price of a product; the first draws of a product's own stream. */
export function drawProductPrice(random: Random): { category: Category; cents: number } {
  const category = CATEGORIES[drawCategoryIndex(random)]!;
  const u = random.float();
  // Squared: a category has many cheap products and few dear ones. Prices end in 99, as shops have it.
  const cents = category.minCents + Math.floor((category.maxCents - category.minCents) * u * u);
  return { category, cents: Math.min(category.maxCents, Math.floor(cents / 100) * 100 + 99) };
}

/** Draws the prices of the products `firstId` to `firstId + count - 1`; half of them changed once within the history. */
export function createPriceHistory(seed: number, firstId: number, count: number, days: number): PriceHistory {
  const current = new Int32Array(count);
  const earlier = new Int32Array(count);
  const changeDay = new Int32Array(count).fill(-1);
  for (let i = 0; i < count; i++) {
    const { category, cents } = drawProductPrice(createRandom(seed, 'product', firstId + i));
    current[i] = cents;
    earlier[i] = cents;
    const change = createRandom(seed, 'price change', firstId + i);
    if (change.chance(0.5)) {
      changeDay[i] = change.below(days);
      earlier[i] = Math.min(category.maxCents, Math.round((cents * change.between(82, 108)) / 100));
    }
  }
  return {
    centsOn: (productId, dayIndex) =>
      dayIndex < changeDay[productId - firstId]!
        ? earlier[productId - firstId]!
        : current[productId - firstId]!,
    currentCents: (productId) => current[productId - firstId]!,
    changeDayOf: (productId) => changeDay[productId - firstId]!,
  };
}
