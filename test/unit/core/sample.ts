import { definePipeline, type PipelineInput } from '../../../src/core/definition.ts';
import type { EntityExtract, ExtractManifest } from '../../../src/core/manifest.ts';
import type { TableVersion } from '../../../src/core/publication.ts';

/** A small definition that is right; tests change one thing of it. */
export function shopInput(): PipelineInput {
  return {
    name: 'shop',
    sources: { erp: {} },
    entities: [
      {
        name: 'orders',
        source: 'erp',
        table: 'public.orders',
        key: ['order_id'],
        columns: {
          order_id: { type: 'bigint', nullable: false },
          total: { type: 'numeric(12,2)', measure: true },
          ordered_at: { type: 'timestamptz' },
        },
        businessDate: 'ordered_at',
        derive: { month: { type: 'varchar(7)', sql: "date_format(ordered_at, 'yyyy-MM')" } },
        partitionBy: 'month',
      },
      {
        name: 'customers',
        source: 'erp',
        table: 'public.customers',
        key: ['customer_id'],
        columns: { customer_id: { type: 'bigint' }, city: { type: 'text', clean: 'trim(city)' } },
      },
    ],
    models: [
      { name: 'customer_dim', sql: 'models/customer_dim.sql' },
      { name: 'orders_fact', sql: 'models/orders_fact.sql' },
    ],
  };
}

export const shop = definePipeline(shopInput());
export const [orders, customers] = [shop.entities[0]!, shop.entities[1]!];

export function extractOf(change: Partial<EntityExtract> = {}): EntityExtract {
  return {
    table: 'public.orders',
    relationIds: ['1'],
    schemaHash: 'h',
    read: { mode: 'incremental', fromXid: '100' },
    watermark: '200',
    columns: Object.entries(orders.columns).map(([name, { type }]) => ({ name, type })),
    parts: [{ uri: 's3://raw/p0.csv.gz', sizeBytes: 1, rowCount: 1, sha256: 'x' }],
    rowCount: 1,
    csvBytes: 100,
    source: { rowCount: 1, sums: {} },
    ...change,
  };
}

export function extractManifest(
  entities: ExtractManifest['entities'],
  change: Partial<ExtractManifest> = {},
): ExtractManifest {
  return {
    version: 1,
    pipeline: 'shop',
    runKey: 'r2',
    source: 'erp',
    createdAt: '2024-01-02T00:00:00Z',
    server: { systemIdentifier: '7', timeline: 1, version: 180004 },
    snapshot: {
      text: '200:200:',
      xmin: '200',
      xmax: '200',
      inProgressCount: 0,
      order: '00000000000000000200.99999999',
    },
    entities,
    ...change,
  };
}

/** A table whose partitions have one file each. */
export function tableOf(values: readonly string[], generation = 'g1'): TableVersion {
  return {
    definitionDigest: 'd',
    sequence: 1,
    columns: [],
    partitionBy: 'month',
    partitions: values.map((value) => ({
      value,
      generation,
      location: `s3://lake/${generation}/${value}/`,
      files: [{ uri: `s3://lake/${generation}/${value}/f.parquet`, sizeBytes: 10, rowCount: 5, etag: 'e' }],
      rowCount: 5,
    })),
  };
}
