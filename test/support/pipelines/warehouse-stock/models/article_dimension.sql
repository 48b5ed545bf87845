/*
grain: one row per article
key: [sku]
columns:
  sku: { type: varchar(40), nullable: false }
  title: { type: varchar(200) }
  pieces_in_stock: { type: bigint, nullable: false, description: Of all sites }
*/
select articles.sku, articles.title, coalesce(sum(stock_levels.pieces), 0) as pieces_in_stock
from articles
left join stock_levels on stock_levels.sku = articles.sku
group by articles.sku, articles.title
