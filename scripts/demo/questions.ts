/** A question of the brief, put to the source in its own words and to the warehouse in the star schema's. */
export interface Question {
  readonly title: string;
  /** PostgreSQL, over the shop's tables; applies the clean rules by itself, in SQL of its own. */
  readonly source: string;
  /** Redshift; `{schema}` is the native schema or the Spectrum one. */
  readonly warehouse: string;
}

/** Orders that the pipeline's reject rules let through. */
const goodOrders = `(SELECT * FROM orders WHERE quantity > 0 AND total_price >= 0)`;

export const QUESTIONS: readonly Question[] = [
  {
    title: 'sales by category, customers from New York, January 2023',
    source: `SELECT coalesce(initcap(lower(nullif(trim(p.category), ''))), 'Unknown') AS answer, sum(o.total_price)::text AS value
      FROM ${goodOrders} o JOIN customers c USING (customer_id) LEFT JOIN products p USING (product_id)
      WHERE trim(c.city) = 'New York' AND o.ordered_at >= '2023-01-01Z' AND o.ordered_at < '2023-02-01Z' GROUP BY 1 ORDER BY 1`,
    warehouse: `SELECT p.category AS answer, CAST(sum(f.total_price) AS VARCHAR(40)) AS value
      FROM {schema}.orders_fact f JOIN {schema}.customers_dimension c ON c.customer_id = f.customer_id
      JOIN {schema}.product_dimension p ON p.product_id = f.product_id JOIN {schema}.date_dimension d ON d.date_id = f.date_id
      WHERE c.city = 'New York' AND d.year = 2023 AND d.month = 1 GROUP BY 1 ORDER BY 1`,
  },
  {
    title: 'sales of Q1, by year',
    source: `SELECT extract(year FROM ordered_at AT TIME ZONE 'UTC')::text AS answer, sum(total_price)::text AS value
      FROM ${goodOrders} o WHERE extract(quarter FROM ordered_at AT TIME ZONE 'UTC') = 1 GROUP BY 1 ORDER BY 1`,
    warehouse: `SELECT CAST(d.year AS VARCHAR(4)) AS answer, CAST(sum(f.total_price) AS VARCHAR(40)) AS value
      FROM {schema}.orders_fact f JOIN {schema}.date_dimension d ON d.date_id = f.date_id WHERE d.quarter = 1 GROUP BY 1 ORDER BY 1`,
  },
  {
    title: 'orders on weekends',
    source: `SELECT 'orders' AS answer, count(*)::text AS value FROM ${goodOrders} o WHERE extract(isodow FROM ordered_at AT TIME ZONE 'UTC') >= 6`,
    warehouse: `SELECT 'orders' AS answer, CAST(count(*) AS VARCHAR(40)) AS value
      FROM {schema}.orders_fact f JOIN {schema}.date_dimension d ON d.date_id = f.date_id WHERE d.is_weekend`,
  },
  {
    title: 'city with most customers',
    source: `SELECT trim(city) AS answer, count(*)::text AS value FROM customers WHERE trim(city) <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`,
    warehouse: `SELECT city AS answer, CAST(count(*) AS VARCHAR(40)) AS value
      FROM {schema}.customers_dimension WHERE city IS NOT NULL AND city <> 'Unknown' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`,
  },
  {
    title: 'average order value of New York state',
    source: `SELECT 'NY' AS answer, round(avg(o.total_price), 2)::text AS value FROM ${goodOrders} o JOIN customers c USING (customer_id) WHERE trim(c.state) IN ('NY', 'New York')`,
    warehouse: `SELECT 'NY' AS answer, CAST(round(CAST(sum(f.total_price) AS DECIMAL(30,6)) / count(*), 2) AS VARCHAR(40)) AS value
      FROM {schema}.orders_fact f JOIN {schema}.customers_dimension c ON c.customer_id = f.customer_id WHERE c.state IN ('NY', 'New York')`,
  },
];
