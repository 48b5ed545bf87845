import pg from 'pg';

/** A table of the bench. */
export interface BenchTable {
  readonly name: string;
  readonly rowCount: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Select list over `i`, the number of the row from 1 on; a row is the same each time. */
  readonly values: string;
}

/** The orders of pipelines/ecommerce, drawn from a hash so that they compress as a shop's do. */
export function ordersTable(rowCount: number): BenchTable {
  return {
    name: 'bench_orders',
    rowCount,
    columns: columnsOf([
      'order_id integer',
      'customer_id integer',
      'product_id integer',
      'quantity integer',
      'unit_price numeric(10,2)',
      'total_price numeric(10,2)',
      'payment_method varchar(30)',
      'status varchar(20)',
      'ordered_at timestamptz',
      'updated_at timestamptz',
    ]),
    values: `i,
      ${random(1, 100_000)},
      ${random(2, 2_236)},
      ${random(3, 5)},
      (${random(2, 20_000)})::numeric / 100,
      (${random(3, 5)}) * (${random(2, 20_000)})::numeric / 100,
      (ARRAY['credit_card', 'paypal', 'debit_card', 'gift_card', 'bank_transfer'])[${random(4, 5)}],
      (ARRAY['delivered', 'delivered', 'delivered', 'shipped', 'returned', 'cancelled', 'pending'])[${random(5, 7)}],
      timestamptz '2022-01-01 00:00:00+00' + i * interval '37 seconds',
      timestamptz '2022-01-01 00:00:00+00' + i * interval '37 seconds' + (${random(6, 900_000)}) * interval '1 second'`,
  };
}

/** Lines of orders: four an order, with a composite key. */
export function linesTable(rowCount: number, name = 'bench_lines'): BenchTable {
  return {
    name,
    rowCount,
    columns: columnsOf([
      'order_id bigint',
      'line_number integer',
      'product_id integer',
      'quantity integer',
      'unit_price numeric(10,2)',
      'discount numeric(10,2)',
      'line_total numeric(12,2)',
      'sku varchar(16)',
      'updated_at timestamptz',
    ]),
    values: `(i + 3) / 4,
      (i - 1) % 4 + 1,
      ${random(1, 2_236)},
      ${random(2, 5)},
      (${random(1, 20_000)})::numeric / 100,
      CASE WHEN ${random(3, 10)} = 1 THEN (${random(4, 500)})::numeric / 100 END,
      (${random(2, 5)}) * (${random(1, 20_000)})::numeric / 100,
      'SKU-' || lpad((${random(1, 2_236)})::text, 6, '0'),
      timestamptz '2022-01-01 00:00:00+00' + i * interval '9 seconds'`,
  };
}

/** Makes the tables anew, generated inside PostgreSQL, readable for `reader`, vacuumed and checkpointed. */
export async function createTables(
  url: string,
  tables: readonly BenchTable[],
  reader: string,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const { name, columns, values, rowCount } of tables) {
      await client.query(`DROP TABLE IF EXISTS public.${name}`);
      const definition = columns.map((column) => `${column.name} ${column.type}`).join(', ');
      await client.query(`CREATE TABLE public.${name} (${definition})`);
      await client.query(
        `INSERT INTO public.${name} SELECT ${values} FROM generate_series(1, ${rowCount}::bigint) AS i`,
      );
      await client.query(`GRANT SELECT ON public.${name} TO ${reader}`);
      // Hint bits and statistics are set once, here, and not by whoever reads first.
      await client.query(`VACUUM (FREEZE, ANALYZE) public.${name}`);
    }
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

/** SQL of an integer from 1 to `limit` that depends on the row and on `salt`. */
function random(salt: number, limit: number): string {
  return `(abs(hashint8extended(i, ${salt})) % ${limit} + 1)::integer`;
}

function columnsOf(texts: readonly string[]): { name: string; type: string }[] {
  return texts.map((text) => {
    const [name, ...type] = text.split(' ');
    return { name: name!, type: type.join(' ') };
  });
}
