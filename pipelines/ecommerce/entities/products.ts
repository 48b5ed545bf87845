import { defineEntity } from '../../../src/core/definition.ts';

/** Products on sale now. The shop deletes products that old orders still name. */
export const products = defineEntity({
  name: 'products',
  source: 'shop',
  table: 'public.products',
  key: ['product_id'],
  description: 'Products that the shop has on sale, at their present list price.',
  suite: 'suites/raw/products.json',
  deletes: { mode: 'reconcile' },
  columns: {
    product_id: { type: 'integer', nullable: false },
    product_name: {
      type: 'varchar(255)',
      nullable: false,
      clean: "coalesce(nullif(trim(product_name), ''), 'Unknown')",
    },
    category: {
      type: 'varchar(100)',
      clean: "coalesce(nullif(initcap(trim(regexp_replace(category, ' +', ' '))), ''), 'Unknown')",
      description: 'One spelling for each category; `Unknown` where the shop names none.',
    },
    manufacturer: { type: 'varchar(150)', clean: "coalesce(nullif(trim(manufacturer), ''), 'Unknown')" },
    unit_price: { type: 'numeric(10,2)', nullable: false, description: 'List price in US dollars.' },
    updated_at: { type: 'timestamptz', nullable: false },
  },
  reject: [{ reason: 'unit_price: is negative', when: 'unit_price < 0' }],
});
