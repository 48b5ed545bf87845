import { defineEntity } from '../../../src/core/definition.ts';

/** Sales: one row an order, one product an order. */
export const orders = defineEntity({
  name: 'orders',
  source: 'shop',
  table: 'public.orders',
  key: ['order_id'],
  businessDate: 'ordered_at',
  partitionBy: 'order_month',
  description: 'Orders, each of one product. Their status changes for months.',
  suite: 'suites/raw/orders.json',
  deletes: { mode: 'reconcile' },
  columns: {
    order_id: { type: 'integer', nullable: false },
    customer_id: { type: 'integer', description: 'NULL for a sale without an account.' },
    product_id: { type: 'integer', description: 'May name a product that the shop has deleted.' },
    quantity: { type: 'integer', measure: true },
    unit_price: { type: 'numeric(10,2)', description: 'Price of one piece when it was ordered.' },
    total_price: { type: 'numeric(10,2)', measure: true, description: 'What was paid, in US dollars.' },
    payment_method: {
      type: 'varchar(30)',
      clean: "coalesce(nullif(lower(trim(payment_method)), ''), 'unknown')",
    },
    status: { type: 'varchar(20)', clean: "coalesce(nullif(lower(trim(status)), ''), 'unknown')" },
    ordered_at: { type: 'timestamptz', nullable: false },
    updated_at: { type: 'timestamptz', nullable: false },
  },
  derive: {
    order_month: {
      type: 'varchar(7)',
      sql: "date_format(ordered_at, 'yyyy-MM')",
      description: 'Month of the order, UTC.',
    },
    order_date: { type: 'date', sql: 'cast(ordered_at as date)', description: 'Day of the order, UTC.' },
    is_outlier: {
      type: 'boolean',
      sql: 'coalesce(quantity > 1000, false)',
      description: 'More than 1,000 pieces: a wholesale order, or a slip of the hand.',
    },
    price_difference: {
      type: 'numeric(12,2)',
      sql: 'try_cast(total_price - quantity * unit_price as decimal(12,2))',
      description: 'What was paid less quantity times unit price; cents where the shop rounded.',
    },
  },
  // The years are those of date_dimension, so that each order has its day there.
  reject: [
    { reason: 'quantity: is missing or not positive', when: 'quantity is null or quantity <= 0' },
    { reason: 'total_price: is missing or negative', when: 'total_price is null or total_price < 0' },
    { reason: 'ordered_at: is before 2000', when: "ordered_at < timestamp '2000-01-01 00:00:00'" },
    { reason: 'ordered_at: is after 2035', when: "ordered_at >= timestamp '2036-01-01 00:00:00'" },
  ],
});
