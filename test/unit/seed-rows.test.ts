import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { resolveShopConfig } from '../../scripts/seed/config.ts';
import { countCustomerDirt, customerRows } from '../../scripts/seed/customers.ts';
import { toDayNumber, toWeekday } from '../../scripts/seed/formats.ts';
import { HOSTILE_CUSTOMER_TEXTS } from '../../scripts/seed/hostile-text.ts';
import { countOrderDirt, orderRows } from '../../scripts/seed/orders.ts';
import { countProductDirt, productRows } from '../../scripts/seed/products.ts';
import type { CustomerRow, OrderRow } from '../../scripts/seed/rows.ts';
import { createShopPlan } from '../../scripts/seed/shop.ts';

const planShop = (orders: number, seed = 42) => createShopPlan(resolveShopConfig({ orders, seed }));

function hashFirst(rows: Iterable<object>, limit: number): string {
  const hash = createHash('sha256');
  let count = 0;
  for (const row of rows) {
    hash.update(`${JSON.stringify(row)}\n`);
    count += 1;
    if (count === limit) break;
  }
  return hash.digest('hex').slice(0, 16);
}

describe('determinism', () => {
  const shop = planShop(100_000);

  test.each([
    ['orders', orderRows, 'a9f586afcf48d81a'],
    ['customers', customerRows, 'db6565082f5aa277'],
    ['products', productRows, '7e6c7cfab085aa81'],
  ])('the first 10,000 %s are the same on every machine', (_, rows, hash) => {
    expect(hashFirst(rows(shop), 10_000)).toBe(hash);
  });

  test('another seed gives other orders', () => {
    expect(hashFirst(orderRows(planShop(100_000, 43)), 100)).not.toBe(hashFirst(orderRows(shop), 100));
  });
});

const cents = (amount: string) => Math.round(Number(amount) * 100);
const daysBetween = (order: OrderRow) =>
  toDayNumber(order.updated_at.slice(0, 10)) - toDayNumber(order.ordered_at.slice(0, 10));
const textsOf = (row: CustomerRow) => [row.address, row.postal_code, row.last_name];

describe.each([2_000, 30_000])('dirt of a shop with %i orders', (size) => {
  const shop = planShop(size);
  const customers = [...customerRows(shop)];
  const products = [...productRows(shop)];
  const orders = [...orderRows(shop)];
  const customerDirt = countCustomerDirt(shop);
  const productDirt = countProductDirt(shop);
  const orderDirt = countOrderDirt(shop);
  const onSale = new Set(products.map((product) => product.product_id));

  test.each<[keyof typeof orderDirt, (order: OrderRow) => boolean]>([
    ['outlierQuantity', (order) => order.quantity >= 1_000],
    ['zeroQuantity', (order) => order.quantity === 0],
    ['negativeQuantity', (order) => order.quantity < 0],
    ['goneProduct', (order) => !onSale.has(order.product_id ?? 0)],
    ['nullCustomer', (order) => order.customer_id === null],
    [
      'roundedTotal',
      (order) => cents(order.total_price) !== Math.abs(order.quantity) * cents(order.unit_price),
    ],
    ['lateUpdate', (order) => daysBetween(order) > 55],
  ])('orders have exactly the counted %s', (kind, isDirty) => {
    expect(orders.filter(isDirty)).toHaveLength(orderDirt[kind]);
    expect(orderDirt[kind]).toBeGreaterThanOrEqual(3);
    expect(orderDirt[kind] / size).toBeLessThan(0.02);
  });

  test.each<[keyof typeof customerDirt, (customer: CustomerRow) => boolean]>([
    ['nullCity', (customer) => customer.city === null],
    ['emptyCity', (customer) => customer.city === ''],
    ['blankCity', (customer) => customer.city === '  '],
    ['malformedEmail', (customer) => !/^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$/.test(customer.email ?? '')],
    ['upperCaseEmail', (customer) => customer.email !== customer.email?.toLowerCase()],
    ['paddedEmail', (customer) => customer.email !== customer.email?.trim()],
    ['nullText', (customer) => textsOf(customer).includes(null)],
    ['emptyText', (customer) => textsOf(customer).includes('')],
    ['futureBirthDate', (customer) => (customer.date_of_birth ?? '') > '2025'],
  ])('customers have exactly the counted %s', (kind, isDirty) => {
    expect(customers.filter(isDirty)).toHaveLength(customerDirt[kind]);
    expect(customerDirt[kind]).toBeGreaterThanOrEqual(2);
  });

  test('duplicates repeat the person and e-mail of a clean customer', () => {
    const people = new Set(
      customers.map((row) => [row.first_name, row.last_name, row.email, row.date_of_birth].join('|')),
    );
    expect(customers.length - people.size).toBe(customerDirt.duplicateCustomer);
    expect(customers.length - new Set(customers.map((row) => row.email)).size).toBe(
      customerDirt.duplicateCustomer,
    );
  });

  test('every hostile text occurs', () => {
    for (const { column, text } of HOSTILE_CUSTOMER_TEXTS) {
      expect(customers.some((row) => row[column] === text)).toBe(true);
    }
  });

  test('products misspell some categories', () => {
    const known = new Set(['Electronics', 'Home & Garden', 'Clothing', 'Books', 'Toys & Games', 'Beauty']);
    for (const name of ['Grocery', 'Sports & Outdoors']) known.add(name);
    const strange = products.filter((row) => row.category !== null && !known.has(row.category));
    expect(strange).toHaveLength(productDirt.misspeltCategory);
    expect(products.filter((row) => row.category === null)).toHaveLength(productDirt.nullCategory);
    expect(products.filter((row) => row.manufacturer === '')).toHaveLength(productDirt.emptyManufacturer);
  });

  test('no total of the history is negative or too large for numeric(10,2)', () => {
    for (const order of orders) {
      expect(cents(order.total_price)).toBeGreaterThanOrEqual(0);
      expect(cents(order.total_price)).toBeLessThan(1e10);
    }
  });
});

describe('a realistic history', () => {
  const shop = planShop(30_000);
  const orders = [...orderRows(shop)];
  const customers = [...customerRows(shop)];

  const countWhere = (isCounted: (order: OrderRow) => boolean) => orders.filter(isCounted).length;
  const ordersOn = (date: string) => countWhere((order) => order.ordered_at.startsWith(date));
  const shares = (key: 'customer_id' | 'product_id') => {
    const counts = new Map<number | null, number>();
    for (const order of orders) counts.set(order[key], (counts.get(order[key]) ?? 0) + 1);
    counts.delete(null);
    return [...counts.values()].sort((a, b) => b - a).map((count) => count / orders.length);
  };
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

  test('weekend days are busier than weekdays', () => {
    const isWeekend = (order: OrderRow) => toWeekday(toDayNumber(order.ordered_at.slice(0, 10))) % 6 === 0;
    const weekend = countWhere(isWeekend);
    expect(weekend / 2).toBeGreaterThan((1.2 * (orders.length - weekend)) / 5);
  });

  test('Black Friday and December stand out, and the second year is larger', () => {
    expect(ordersOn('2023-11-24')).toBeGreaterThan(2.5 * ordersOn('2023-11-17'));
    expect(ordersOn('2023-12')).toBeGreaterThan(1.4 * ordersOn('2023-09'));
    expect(ordersOn('2024')).toBeGreaterThan(1.2 * ordersOn('2023'));
  });

  test('few customers and products make most orders, and none makes nearly all', () => {
    const byCustomer = shares('customer_id');
    const byProduct = shares('product_id');
    expect(sum(byCustomer.slice(0, shop.customerCount / 5))).toBeGreaterThan(0.5);
    expect(byCustomer[0]).toBeLessThan(0.03);
    expect(sum(byProduct.slice(0, shop.productCount / 5))).toBeGreaterThan(0.5);
    expect(byProduct[0]).toBeLessThan(0.06);
  });

  test('New York has the most customers, and postal codes keep their leading zeros', () => {
    const inCity = (name: string) => customers.filter((row) => row.city === name).length;
    expect(inCity('New York')).toBeGreaterThan(1.5 * inCity('Los Angeles'));
    expect(customers.some((row) => row.postal_code === '00501')).toBe(true);
    expect(customers.some((row) => row.postal_code === '02134')).toBe(true);
  });

  test('nobody orders before registering, and ids rise with time', () => {
    const registeredOn = new Map(customers.map((row) => [row.customer_id, row.registration_date]));
    for (const [index, order] of orders.entries()) {
      expect(order.order_id).toBe(index + 1);
      expect(order.updated_at >= order.ordered_at).toBe(true);
      expect(order.ordered_at >= (orders[index - 1]?.ordered_at ?? '')).toBe(true);
      if (order.customer_id !== null) {
        const registrationDate = registeredOn.get(order.customer_id);
        expect(registrationDate && registrationDate <= order.ordered_at.slice(0, 10)).toBe(true);
      }
    }
  });
});
