import type pg from 'pg';
import { DAY_US } from './formats.ts';

/** What later days must know about the tables as they stand. */
export interface ShopState {
  nextCustomerId: number;
  nextProductId: number;
  nextOrderId: number;
  /** Day number after the day of the last order. */
  nextDay: number;
}

/** Reads the state. */
export async function readShopState(client: pg.Client): Promise<ShopState> {
  const { rows } = await client.query<{ customer: number; product: number; order: number; last_us: string }>(`
    select (select max(customer_id) from public.customers) as customer,
           (select max(product_id) from public.products) as product,
           max(order_id) as "order",
           (extract(epoch from max(ordered_at)) * 1000000)::bigint as last_us
      from public.orders`);
  const state = rows[0]!;
  return {
    nextCustomerId: state.customer + 1,
    nextProductId: state.product + 1,
    nextOrderId: state.order + 1,
    nextDay: Math.floor(Number(state.last_us) / DAY_US) + 1,
  };
}

/** Today's list price of each product in whole cents. */
export async function readPrices(client: pg.Client): Promise<Map<number, number>> {
  const { rows } = await client.query<{ product_id: number; cents: number }>(
    'select product_id, (unit_price * 100)::int as cents from public.products',
  );
  return new Map(rows.map((row) => [row.product_id, row.cents]));
}
