import type pg from 'pg';
import { inTransaction } from './connection.ts';
import { drawHome } from './customers.ts';
import { countDailyOrders } from './day-orders.ts';
import { formatInstant } from './formats.ts';
import type { Random } from './random.ts';
import type { Shop } from './shop.ts';

const PRICE_CHANGES = 3;
const MOVES = 5;
const UPDATED_ORDERS = 40;
const UPDATE_GROUPS = 4;

/** Raises or lowers the list price of three products that sell; resolves to how many. Part of the caller's transaction. */
export async function changePrices(
  client: pg.Client,
  shop: Shop,
  random: Random,
  updatedUs: number,
): Promise<number> {
  const ids = drawDistinct(PRICE_CHANGES, () => shop.drawProduct(random));
  const result = await client.query(
    `update public.products
        set unit_price = round(unit_price * $2::numeric, 2), updated_at = $3
      where product_id = any($1)`,
    [ids, random.chance(0.5) ? '1.08' : '0.90', formatInstant(updatedUs)],
  );
  return result.rowCount ?? 0;
}

/** Gives five customers an address in another city; resolves to how many. Part of the caller's transaction. */
export async function moveCustomers(
  client: pg.Client,
  shop: Shop,
  random: Random,
  updatedUs: number,
): Promise<number> {
  const ids = drawDistinct(MOVES, () => 1 + random.below(shop.customerCount));
  const { rows } = await client.query<{ customer_id: number; city: string | null }>(
    'select customer_id, city from public.customers where customer_id = any($1) order by customer_id',
    [ids],
  );
  for (const [index, { customer_id, city }] of rows.entries()) {
    let home = drawHome(random);
    while (home.city === city) home = drawHome(random);
    await client.query(
      `update public.customers
          set address = $2, city = $3, state = $4, postal_code = $5, updated_at = $6
        where customer_id = $1`,
      [
        customer_id,
        home.address,
        home.city,
        home.state,
        home.postal_code,
        formatInstant(updatedUs + index * 60_000_123),
      ],
    );
  }
  return rows.length;
}

/**
 * Moves forty older orders to their next status in a transaction of its own: three in five are recent, the others of any age. Each group has its own
 * savepoint, and between the groups a wrong update is undone by going back to one.
 * Resolves to how many changed.
 */
export async function updateOrders(
  client: pg.Client,
  shop: Shop,
  random: Random,
  nextOrderId: number,
  firstUs: number,
): Promise<number> {
  const recent = Math.min(3 * countDailyOrders(shop), nextOrderId - 1);
  const ids = drawDistinct(UPDATED_ORDERS, () =>
    random.chance(0.6) ? nextOrderId - 1 - random.below(recent) : 1 + random.below(nextOrderId - 1),
  );
  const groupSize = UPDATED_ORDERS / UPDATE_GROUPS;

  return inTransaction(client, async () => {
    let updated = 0;
    for (let group = 0; group < UPDATE_GROUPS; group++) {
      const members = ids.slice(group * groupSize, (group + 1) * groupSize);
      await client.query('savepoint status_update');
      if (group === 1) {
        await client.query(
          `update public.orders set status = 'lost', total_price = -1, updated_at = $2 where order_id = any($1)`,
          [members, formatInstant(firstUs)],
        );
        await client.query('rollback to savepoint status_update');
      }
      const result = await client.query(
        `update public.orders
            set status = case status
                           when 'pending' then 'paid'
                           when 'paid' then 'shipped'
                           when 'shipped' then 'delivered'
                           when 'delivered' then 'returned'
                           else 'refunded'
                         end,
                updated_at = $2
          where order_id = any($1)`,
        [members, formatInstant(firstUs + group * 600_000_321)],
      );
      await client.query('release savepoint status_update');
      updated += result.rowCount ?? 0;
    }
    return updated;
  });
}

function drawDistinct(count: number, draw: () => number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(draw());
  return [...drawn];
}
