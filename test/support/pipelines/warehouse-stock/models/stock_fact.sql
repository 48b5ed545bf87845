/*
grain: one row per site and article
key: [site, sku]
incremental: stock_levels
partition_by: zone
distribution: sku
sort: [site]
columns:
  site: { type: varchar(10), nullable: false }
  sku: { type: varchar(40), nullable: false }
  pieces: { type: integer, nullable: false, measure: true }
  worth: { type: "numeric(12,2)", measure: true }
  zone: { type: varchar(40), nullable: false }
*/
select site, sku, pieces, worth, zone from stock_levels
