import type pg from 'pg';
import { resolveShopConfig, type ShopConfig } from './config.ts';

// The shop's configuration travels as a comment on its own table: later days need it, and a comment adds neither a
// table nor a column that the pipeline would see.

const PREFIX = 'example shop ';

/** Writes the configuration into the database. */
export async function writeShopConfig(client: pg.Client, config: ShopConfig): Promise<void> {
  const comment = client.escapeLiteral(PREFIX + JSON.stringify(config));
  await client.query(`comment on table public.orders is ${comment}`);
}

/** Reads the configuration back. Throws when the database holds no shop of this seeder. */
export async function readShopConfig(client: pg.Client): Promise<ShopConfig> {
  const { rows } = await client.query<{ comment: string | null }>(
    `select obj_description(to_regclass('public.orders'), 'pg_class') as comment`,
  );
  const comment = rows[0]?.comment;
  if (!comment?.startsWith(PREFIX)) {
    throw new Error(
      'this database holds no example shop; create one first: node --import tsx scripts/seed/main.ts --url URL --orders 50000',
    );
  }
  return resolveShopConfig(JSON.parse(comment.slice(PREFIX.length)) as ShopConfig);
}
