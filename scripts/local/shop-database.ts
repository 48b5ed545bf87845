import pg from 'pg';
import type { StackPlan } from './plan.ts';
import { shopUrl } from './stack-env.ts';

/** Works on a database of the stack's PostgreSQL as its owner, who is a superuser, in a connection of its own. */
export async function withShopOwner(
  plan: StackPlan,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({
    connectionString: shopUrl(plan, 'shop_owner', database),
    connectionTimeoutMillis: 5_000,
  });
  // A lost connection fails the query that waits for it; without a listener it would end this process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Makes the database `shop` and the role `tidemark_reader`, with what the extract needs and no more: it may read every table
 * that the owner makes, now or later, and see when the sessions of others began.
 */
export async function createShop(plan: StackPlan): Promise<void> {
  await withShopOwner(plan, 'postgres', async (client) => {
    const roles = await client.query(`SELECT FROM pg_roles WHERE rolname = 'tidemark_reader'`);
    if (roles.rowCount === 0) {
      const password = client.escapeLiteral(plan.shopReaderPassword);
      await client.query(`CREATE ROLE tidemark_reader LOGIN PASSWORD ${password}`);
    }
    await client.query('ALTER ROLE tidemark_reader SET default_transaction_read_only = on');
    await client.query('GRANT pg_read_all_stats TO tidemark_reader');
    const databases = await client.query(`SELECT FROM pg_database WHERE datname = 'shop'`);
    if (databases.rowCount === 0) await client.query('CREATE DATABASE shop');
  });
  await withShopOwner(plan, 'shop', async (client) => {
    await client.query('ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO tidemark_reader');
    await client.query('ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO tidemark_reader');
  });
}
