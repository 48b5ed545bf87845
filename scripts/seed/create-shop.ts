import { readFile } from 'node:fs/promises';
import { resolveShopConfig, type ShopConfig, type ShopOptions } from './config.ts';
import { inTransaction, withClient } from './connection.ts';
import { copyRows } from './copy.ts';
import { type CustomerDirt, countCustomerDirt, customerRows } from './customers.ts';
import { toDate } from './formats.ts';
import { countOrderDirt, type OrderDirt, orderRows } from './orders.ts';
import { countProductDirt, type ProductDirt, productRows } from './products.ts';
import { createShopPlan } from './shop.ts';
import { writeShopConfig } from './shop-comment.ts';

/** What was written: the configuration, the rows of each table, and how many rows are dirty in which way. */
export interface ShopSummary {
  config: ShopConfig;
  /** Day after the last of the history. */
  until: string;
  rows: { customers: number; products: number; orders: number };
  /** Products that orders point at though `products` no longer has them: ids 1 to this number. */
  goneProducts: number;
  dirt: {
    customers: Record<CustomerDirt, number>;
    products: Record<ProductDirt, number>;
    orders: Record<OrderDirt, number>;
  };
}

/**
 * Drops the shop's three tables and writes them anew, in one transaction: a reader sees the old shop or the new one,
 * and a failure leaves the old one. Equal options give equal tables, byte by byte. Defaults: see `resolveShopConfig`.
 */
export async function createShop(adminUrl: string, options: ShopOptions = {}): Promise<ShopSummary> {
  const config = resolveShopConfig(options);
  const shop = createShopPlan(config);
  const schema = await readFile(new URL('./schema.sql', import.meta.url), 'utf8');

  return withClient(adminUrl, async (client) => {
    const rows = await inTransaction(client, async () => {
      await client.query(schema);
      await writeShopConfig(client, config);
      return {
        customers: await copyRows(client, 'customers', customerRows(shop)),
        products: await copyRows(client, 'products', productRows(shop)),
        orders: await copyRows(client, 'orders', orderRows(shop)),
      };
    });
    await client.query('analyze public.customers, public.products, public.orders');
    return {
      config,
      until: toDate(shop.endDay),
      rows,
      goneProducts: shop.goneProductCount,
      dirt: {
        customers: countCustomerDirt(shop),
        products: countProductDirt(shop),
        orders: countOrderDirt(shop),
      },
    };
  });
}
