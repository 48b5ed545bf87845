/** What analysts have to see of a table, told by the shop itself, and where to read it. All columns are text. */
export interface Truth {
  readonly table: string;
  /** PostgreSQL over the shop's tables, with the clean rules in words of its own. */
  readonly source: string;
  /** SQL of lake and warehouse; `{table}` stands for the table. */
  readonly target: string;
}

const accepted = `(SELECT * FROM orders WHERE quantity > 0 AND total_price >= 0
  AND ordered_at >= '2000-01-01Z' AND ordered_at < '2036-01-01Z')`;

export const SHOP_TRUTH: readonly Truth[] = [
  {
    table: 'orders_fact',
    source: `SELECT order_id::text, coalesce(customer_id, -1)::text, coalesce(product_id, -1)::text,
        to_char(ordered_at AT TIME ZONE 'UTC', 'YYYYMMDD'), quantity::text, total_price::text
      FROM ${accepted} o ORDER BY o.order_id`,
    target: `SELECT CAST(order_id AS VARCHAR(20)), CAST(customer_id AS VARCHAR(20)), CAST(product_id AS VARCHAR(20)),
        CAST(date_id AS VARCHAR(20)), CAST(quantity AS VARCHAR(20)), CAST(total_price AS VARCHAR(40))
      FROM {table} t ORDER BY t.order_id`,
  },
  {
    table: 'customers_dimension',
    source: `SELECT id::text, city, state FROM (
        SELECT customer_id AS id, coalesce(nullif(trim(city), ''), 'Unknown') AS city, coalesce(nullif(trim(state), ''), 'Unknown') AS state
        FROM customers
        UNION SELECT -1, 'Unknown', 'Unknown'
        UNION SELECT customer_id, 'Unknown', 'Unknown' FROM ${accepted} o
          WHERE customer_id IS NOT NULL AND customer_id NOT IN (SELECT customer_id FROM customers)
      ) t ORDER BY t.id`,
    target: `SELECT CAST(customer_id AS VARCHAR(20)), city, state FROM {table} t ORDER BY t.customer_id`,
  },
  {
    table: 'product_dimension',
    source: `SELECT id::text, name, category, manufacturer, price::text FROM (
        SELECT product_id AS id, trim(product_name) AS name,
          coalesce(nullif(initcap(lower(trim(regexp_replace(category, ' +', ' ', 'g')))), ''), 'Unknown') AS category,
          coalesce(nullif(trim(manufacturer), ''), 'Unknown') AS manufacturer, unit_price AS price
        FROM products
        UNION SELECT -1, 'Unknown', 'Unknown', 'Unknown', NULL
        UNION SELECT product_id, 'Unknown', 'Unknown', 'Unknown', NULL FROM ${accepted} o
          WHERE product_id IS NOT NULL AND product_id NOT IN (SELECT product_id FROM products)
      ) t ORDER BY t.id`,
    target: `SELECT CAST(product_id AS VARCHAR(20)), product_name, category, manufacturer, CAST(unit_price AS VARCHAR(40))
      FROM {table} t ORDER BY t.product_id`,
  },
];
