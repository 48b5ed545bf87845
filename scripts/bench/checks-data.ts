import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { TIDEMARK_DIR } from '../setup/paths.mjs';

/** The same orders in three forms. */
export interface ChecksData {
  readonly csv: string;
  /** Pattern of four parts. */
  readonly parts: string;
  readonly parquet: string;
}

/** Orders like the shop's, the same for the same number: a few have no account, no quantity or an unknown status. */
const ORDERS = (rows: number) => `
  select range + 1 as order_id,
    case when h1 % 50 = 0 then null else 1 + h1 % 100000 end::integer as customer_id,
    (1 + h2 % 2236)::integer as product_id,
    case when h3 % 1000 = 0 then 0 else 1 + h3 % 12 end::integer as quantity,
    (1 + (h2 % 50000) / 100.0)::decimal(10,2) as unit_price,
    (quantity * unit_price)::decimal(10,2) as total_price,
    ['card', 'paypal', 'transfer', 'gift card', 'cash'][1 + h4 % 5] as payment_method,
    case when h4 % 5000 = 0 then 'Lost' else ['paid', 'open', 'shipped', 'delivered', 'returned'][1 + h1 % 5] end as status,
    timestamp '2021-01-01' + to_seconds((h1 % 100000000)::bigint) as ordered_at,
    ordered_at + to_seconds((h3 % 2000000)::bigint) as updated_at
  from (select range, (hash(range) >> 2)::bigint as h1, (hash(range, 1) >> 2)::bigint as h2, (hash(range, 2) >> 2)::bigint as h3, (hash(range, 3) >> 2)::bigint as h4 from range(${rows}))`;

/** Writes the orders once, and keeps them for the next time. */
export async function makeChecksData(rows: number): Promise<ChecksData> {
  const dir = join(TIDEMARK_DIR, 'bench', `checks-${rows}`);
  if (!existsSync(dir)) {
    const partial = `${dir}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`create table orders as ${ORDERS(rows)}`);
    const csv = '(format csv, header, compression gzip)';
    await connection.run(`copy orders to '${partial}/orders.csv.gz' ${csv}`);
    await connection.run(`copy orders to '${partial}/orders.parquet' (format parquet)`);
    for (let part = 0; part < 4; part++) {
      const [from, to] = [part, part + 1].map((each) => Math.floor((rows * each) / 4));
      await connection.run(
        `copy (from orders where order_id > ${from} and order_id <= ${to}) to '${partial}/part-0000${part}.csv.gz' ${csv}`,
      );
    }
    connection.closeSync();
    instance.closeSync();
    // A folder under its final name is always complete.
    renameSync(partial, dir);
  }
  return {
    csv: join(dir, 'orders.csv.gz'),
    parts: join(dir, 'part-*.csv.gz'),
    parquet: join(dir, 'orders.parquet'),
  };
}
