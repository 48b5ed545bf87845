import { countDirt, type DirtMark, type DirtRate, planDirt } from './dirt.ts';
import { DAY_US, formatCents, formatInstant } from './formats.ts';
import { createRandom, type Random } from './random.ts';
import type { OrderRow } from './rows.ts';
import { daysSinceBlackFriday, dayWeights } from './season.ts';
import type { Shop } from './shop.ts';
import { drawStory } from './story.ts';
import { createWeightedDraw, spreadTotal } from './weighted.ts';

/** What is wrong with an order row. `lateUpdate` may coincide with another kind; the others exclude each other. */
export type OrderDirt =
  | 'outlierQuantity'
  | 'zeroQuantity'
  | 'negativeQuantity'
  | 'goneProduct'
  | 'nullCustomer'
  | 'roundedTotal'
  | 'lateUpdate';

type SoiledOrder = Exclude<OrderDirt, 'lateUpdate'>;

const RATES: Readonly<Record<SoiledOrder, DirtRate>> = {
  outlierQuantity: { rate: 0.0002, atLeast: 4 },
  zeroQuantity: { rate: 0.0002, atLeast: 3 },
  negativeQuantity: { rate: 0.0003, atLeast: 3 },
  goneProduct: { rate: 0.002, atLeast: 4 },
  nullCustomer: { rate: 0.001, atLeast: 3 },
  roundedTotal: { rate: 0.002, atLeast: 4 },
};
const LATE_UPDATE: DirtRate = { rate: 0.01, atLeast: 5 };
/** Only the older orders are old enough to be changed months later within the history. */
const LATE_UPDATE_SHARE = 0.6;

const OUTLIER_QUANTITIES = [5_000, 80_995, 1_200, 9_999];
const PAYMENT_METHODS = [
  'credit_card',
  'debit_card',
  'paypal',
  'apple_pay',
  'google_pay',
  'gift_card',
  'bank_transfer',
];

const drawPayment = createWeightedDraw([44, 18, 20, 9, 5, 3, 1]);
const drawQuantity = createWeightedDraw([70, 17, 6, 3, 1.5, 1, 0.5, 0.4, 0.3, 0.3]);
// The shop's clock is UTC: quiet at night, busy at lunch time and in the evening.
const drawHour = createWeightedDraw([
  2, 1, 0.6, 0.4, 0.4, 0.6, 1.2, 2.2, 3.4, 4.4, 5, 5.6, 6.2, 5.8, 5.2, 5, 5.2, 5.8, 6.6, 7.6, 8.2, 7.8, 6,
  3.8,
]);

/** How many order rows of the history have each kind of dirt. */
export function countOrderDirt(shop: Shop): Record<OrderDirt, number> {
  const older = Math.floor(shop.config.orders * LATE_UPDATE_SHARE);
  return { ...countDirt(shop.config.orders, RATES), ...countDirt(older, { lateUpdate: LATE_UPDATE }) };
}

/** Yields the rows of `orders` of the history, by rising id, which is also the order in which they were placed. */
export function* orderRows(shop: Shop): Generator<OrderRow> {
  const { seed, orders, days } = shop.config;
  const { lateUpdate, ...counts } = countOrderDirt(shop);
  const plan = planDirt<SoiledOrder>(seed, 'orders', orders, counts);
  const late = planDirt(seed, 'late updates', Math.floor(orders * LATE_UPDATE_SHARE), { lateUpdate });
  const perDay = spreadTotal(orders, dayWeights(shop.fromDay, days, createRandom(seed, 'season')));

  let index = 0;
  for (let dayIndex = 0; dayIndex < days; dayIndex++) {
    const random = createRandom(seed, 'orders of day', dayIndex);
    for (const orderedUs of drawTimes(random, shop.fromDay + dayIndex, perDay[dayIndex]!)) {
      const productId = shop.drawProduct(random);
      let row = drawOrder(random, {
        orderId: index + 1,
        customerId: shop.drawCustomer(random, dayIndex),
        productId,
        listCents: shop.prices.centsOn(productId, dayIndex),
        orderedUs,
        knownUntilUs: shop.endDay * DAY_US,
      });
      const mark = plan.markOf(index);
      if (mark) row = soil(shop, row, mark);
      if (late.markOf(index)) row = { ...row, ...updateLate(random, orderedUs, shop.endDay * DAY_US) };
      yield row;
      index += 1;
    }
  }
}

/** Draws the instants of `count` orders of one day, rising, in microseconds since 1970. */
export function drawTimes(random: Random, dayNumber: number, count: number): Float64Array {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    times[i] = dayNumber * DAY_US + drawHour(random) * 3_600_000_000 + random.below(3_600_000_000);
  }
  return times.sort();
}

/** What is settled about an order before its details are drawn; `listCents` is the product's price that day. */
export interface OrderTerms {
  orderId: number;
  customerId: number;
  productId: number;
  listCents: number;
  orderedUs: number;
  /** What happened to the order after this instant is not in the row yet. */
  knownUntilUs: number;
}

/** Draws a clean order. */
export function drawOrder(random: Random, terms: OrderTerms): OrderRow {
  const isSale = daysSinceBlackFriday(Math.floor(terms.orderedUs / DAY_US)) !== undefined;
  const unitCents = isSale ? Math.round((terms.listCents * 4) / 5) : terms.listCents;
  const quantity = 1 + drawQuantity(random);
  const payment = PAYMENT_METHODS[drawPayment(random)]!;
  const story = drawStory(random, terms.orderedUs, terms.knownUntilUs);
  return {
    order_id: terms.orderId,
    customer_id: terms.customerId,
    product_id: terms.productId,
    quantity,
    unit_price: formatCents(unitCents),
    total_price: formatCents(quantity * unitCents),
    payment_method: payment,
    status: story.status,
    ordered_at: formatInstant(terms.orderedUs),
    updated_at: formatInstant(story.updatedUs),
  };
}

function updateLate(
  random: Random,
  orderedUs: number,
  endUs: number,
): Pick<OrderRow, 'status' | 'updated_at'> {
  const earliestUs = Math.min(orderedUs + 60 * DAY_US, (orderedUs + endUs) / 2);
  const latestUs = Math.min(orderedUs + 300 * DAY_US, endUs);
  const updatedUs = Math.floor(earliestUs + random.float() * (latestUs - earliestUs));
  return { status: 'returned', updated_at: formatInstant(updatedUs) };
}

function soil(shop: Shop, row: OrderRow, { kind, ordinal }: DirtMark<SoiledOrder>): OrderRow {
  switch (kind) {
    case 'outlierQuantity':
      return requantify(row, OUTLIER_QUANTITIES[ordinal % OUTLIER_QUANTITIES.length]!);
    case 'zeroQuantity':
      return requantify(row, 0);
    case 'negativeQuantity':
      // A clerk typed the minus sign; the total stayed what was paid.
      return { ...row, quantity: -row.quantity };
    case 'goneProduct':
      return { ...row, product_id: 1 + (ordinal % shop.goneProductCount) };
    case 'nullCustomer':
      return { ...row, customer_id: null };
    case 'roundedTotal':
      return { ...row, total_price: formatCents(toCents(row.total_price) + (ordinal % 2 === 0 ? 1 : -1)) };
  }
}

function requantify(row: OrderRow, quantity: number): OrderRow {
  return { ...row, quantity, total_price: formatCents(quantity * toCents(row.unit_price)) };
}

function toCents(amount: string): number {
  return Math.round(Number(amount) * 100);
}
