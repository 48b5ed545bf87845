/*
grain: one row per product, one for "unknown" (-1), one for each id that an order names and the shop has deleted
key: [product_id]
description: What was bought, at its present list price.
distribution: all
sort: [product_id]
columns:
  product_id: { type: integer, nullable: false }
  product_name: { type: varchar(255), nullable: false }
  category: { type: varchar(100), nullable: false }
  manufacturer: { type: varchar(150), nullable: false }
  unit_price: { type: "numeric(10,2)", description: Present list price; NULL for unknown products }
  is_inferred: { type: boolean, nullable: false, description: True where the shop has no such product }
*/
with named as (
  select -1 as product_id
  union
  select product_id from orders where product_id is not null
)
select product_id, product_name, category, manufacturer, unit_price, false as is_inferred
from products
union all
select
  named.product_id,
  'Unknown' as product_name,
  'Unknown' as category,
  'Unknown' as manufacturer,
  cast(null as decimal(10,2)) as unit_price,
  true as is_inferred
from named
left anti join products on products.product_id = named.product_id
