import { defineEntity, definePipeline } from '../../../../src/core/definition.ts';

const stockLevels = defineEntity({
  name: 'stock_levels',
  source: 'depot',
  table: 'public.stock_levels',
  key: ['site', 'sku'],
  partitionBy: 'zone',
  suite: 'suites/stock_levels.json',
  columns: {
    site: { type: 'varchar(10)', nullable: false },
    sku: { type: 'varchar(40)', nullable: false },
    zone: { type: 'varchar(40)', nullable: false },
    pieces: { type: 'integer', nullable: false, measure: true },
    worth: { type: 'numeric(12,2)', measure: true },
  },
});

const articles = defineEntity({
  name: 'articles',
  source: 'register',
  table: 'public.articles',
  key: ['sku'],
  suite: 'suites/articles.json',
  columns: {
    sku: { type: 'varchar(40)', nullable: false },
    title: { type: 'varchar(200)' },
  },
});

/** Stock of two databases: a key of two columns, partitions by text, nothing of the shop. */
export default definePipeline({
  name: 'warehouse_stock',
  sources: {
    depot: { urlVariable: 'STOCK_DEPOT_URL' },
    register: { urlVariable: 'STOCK_REGISTER_URL' },
  },
  // A full read of the stock goes to Spark, changes of it do not.
  checks: { sparkAboveRows: 21 },
  entities: [stockLevels, articles],
  models: [
    { name: 'stock_fact', sql: 'models/stock_fact.sql', suite: 'suites/stock_fact.json' },
    { name: 'article_dimension', sql: 'models/article_dimension.sql' },
  ],
});
