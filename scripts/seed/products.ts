import { ADJECTIVES } from './catalogue.ts';
import { countDirt, type DirtMark, type DirtRate, planDirt } from './dirt.ts';
import { DAY_US, formatCents, formatInstant } from './formats.ts';
import { HOSTILE_PRODUCT_SUFFIXES } from './hostile-text.ts';
import { drawProductPrice } from './prices.ts';
import { createRandom } from './random.ts';
import type { ProductRow } from './rows.ts';
import type { Shop } from './shop.ts';

/** What is wrong with a product row. */
export type ProductDirt = 'misspeltCategory' | 'nullCategory' | 'emptyManufacturer' | 'hostileName';

const RATES: Readonly<Record<ProductDirt, DirtRate>> = {
  misspeltCategory: { rate: 0.03, atLeast: 4 },
  nullCategory: { rate: 0.002, atLeast: 1 },
  emptyManufacturer: { rate: 0.004, atLeast: 1 },
  hostileName: { rate: 0.01, atLeast: HOSTILE_PRODUCT_SUFFIXES.length },
};

const MISSPELLINGS: readonly ((category: string) => string)[] = [
  (category) => category.toLowerCase(),
  (category) => ` ${category}`,
  (category) => `${category.toUpperCase()}  `,
  (category) => category.replaceAll(' ', '  ').toUpperCase(),
];

/** How many product rows of the history have each kind of dirt. */
export function countProductDirt(shop: Shop): Record<ProductDirt, number> {
  return countDirt(shop.productCount, RATES);
}

/** Yields the rows of `products` after the history, by rising id. */
export function* productRows(shop: Shop): Generator<ProductRow> {
  const plan = planDirt(shop.config.seed, 'products', shop.productCount, countProductDirt(shop));
  for (let index = 0; index < shop.productCount; index++) {
    const productId = shop.goneProductCount + 1 + index;
    const changeDay = shop.prices.changeDayOf(productId);
    const day = changeDay >= 0 ? shop.fromDay + changeDay : shop.fromDay - 1 - (productId % 400);
    const row = productRow(shop, productId, day * DAY_US);
    const mark = plan.markOf(index);
    yield mark ? soil(row, mark) : row;
  }
}

/** A clean product row; also used for products that join after the history. */
export function productRow(shop: Shop, productId: number, dayStartUs: number): ProductRow {
  const random = createRandom(shop.config.seed, 'product', productId);
  const { category, cents } = drawProductPrice(random);
  return {
    product_id: productId,
    product_name: `${random.pick(ADJECTIVES)} ${random.pick(category.nouns)} ${100 + (productId % 900)}`,
    category: category.name,
    manufacturer: random.pick(category.manufacturers),
    unit_price: formatCents(cents),
    updated_at: formatInstant(dayStartUs + random.below(DAY_US)),
  };
}

function soil(row: ProductRow, { kind, ordinal }: DirtMark<ProductDirt>): ProductRow {
  switch (kind) {
    case 'misspeltCategory':
      return { ...row, category: MISSPELLINGS[ordinal % MISSPELLINGS.length]!(row.category ?? '') };
    case 'nullCategory':
      return { ...row, category: null };
    case 'emptyManufacturer':
      return { ...row, manufacturer: '' };
    case 'hostileName': {
      const suffix = HOSTILE_PRODUCT_SUFFIXES[ordinal % HOSTILE_PRODUCT_SUFFIXES.length]!;
      return { ...row, product_name: row.product_name + suffix };
    }
  }
}
