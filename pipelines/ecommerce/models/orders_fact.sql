/*
grain: one row per order
key: [order_id]
description: Orders that were accepted, with what was sold and paid. Every id exists in its dimension.
incremental: orders
partition_by: order_month
distribution: customer_id
sort: [date_id]
columns:
  order_id: { type: integer, nullable: false }
  customer_id: { type: integer, nullable: false, description: "customers_dimension; -1 where the order names nobody" }
  product_id: { type: integer, nullable: false, description: "product_dimension; -1 where the order names none" }
  date_id: { type: integer, nullable: false, description: "date_dimension; day of the order in UTC as yyyymmdd" }
  quantity: { type: integer, nullable: false, measure: true }
  unit_price: { type: "numeric(10,2)", description: Price of one piece when it was ordered }
  total_price: { type: "numeric(10,2)", nullable: false, measure: true, description: What was paid }
  price_difference: { type: "numeric(12,2)", description: total_price less quantity times unit_price }
  payment_method: { type: varchar(30), nullable: false }
  status: { type: varchar(20), nullable: false }
  is_outlier: { type: boolean, nullable: false, description: "More than 1,000 pieces; leave these out of averages" }
  ordered_at: { type: timestamptz, nullable: false }
  order_month: { type: varchar(7), nullable: false, description: yyyy-MM }
*/
select
  order_id,
  coalesce(customer_id, -1) as customer_id,
  coalesce(product_id, -1) as product_id,
  year(order_date) * 10000 + month(order_date) * 100 + day(order_date) as date_id,
  quantity,
  unit_price,
  total_price,
  price_difference,
  payment_method,
  status,
  is_outlier,
  ordered_at,
  order_month
from orders
