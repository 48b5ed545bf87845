import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { makeLoadWarehouse } from '../../../activities/load-warehouse.ts';
import { TidemarkError } from '../../../src/core/errors.ts';
import { parseModel } from '../../../src/core/model.ts';
import { assemblePipeline, modelColumns } from '../../../src/core/pipeline.ts';
import { shop, tableOf } from '../core/sample.ts';

const model = parseModel(
  'customer_dim',
  '/*\ngrain: a customer\nkey: [customer_id]\ncolumns:\n  customer_id: { type: bigint }\n*/ SELECT customer_id FROM customers',
  shop,
);
const columns = [...modelColumns(model), { name: 'note', type: 'text' }];
const publication = {
  sequence: 3,
  runKey: 'r1',
  runKind: 'live',
  publishedAt: '2024-01-02T00:00:00Z',
  decisions: [],
};
const tables = { customer_dim: { ...tableOf(['']), partitionBy: null, columns } };
const key = ['customer_dim', 'customer_id', 'bigint', null, null, null, 'NO'];
const note = ['customer_dim', 'note', 'character varying', 65535, null, null, 'YES'];

/** Loads once, into a warehouse that refuses the transaction; what its catalog says before and after that. */
async function refuse(before: unknown[][], after: unknown[][], newest: number) {
  let described = 0;
  const statements: string[] = [];
  const deps = {
    pipelines: new Map([['shop', assemblePipeline(shop, [model], {})]]),
    zones: { raw: 's3://r', clean: 's3://c', curated: 's3://u', quarantine: 's3://q', state: 's3://s' },
    store: { read: async () => ({ text: JSON.stringify({ ...publication, tables }), etag: 'e' }) },
    redshiftIamRole: 'role',
    warehouse: {
      execute: async () => undefined,
      query: async (sql: string) => ({
        columns: [],
        rows: sql.includes('svv_columns')
          ? described++ === 0
            ? before
            : after
          : sql.includes('max(sequence)')
            ? [[newest]]
            : [],
      }),
      transact: async (sqls: readonly string[]) => {
        statements.push(...sqls);
        throw new TidemarkError('WAREHOUSE_SQL_FAILED', 'refused');
      },
    },
  } as unknown as ActivityDeps;
  const input = { pipeline: 'shop', kind: 'live', runKey: 'r1', sequence: 3 } as const;
  const result = await new MockActivityEnvironment()
    .run(makeLoadWarehouse(deps), input)
    .catch((error: unknown) => (error as TidemarkError).code);
  return { result, statements };
}

describe('a load that the warehouse refuses', () => {
  it('is tried again when another load has changed the tables meanwhile', async () => {
    const { result, statements } = await refuse([key], [key, note], 2);
    expect(statements).toContainEqual('ALTER TABLE "shop"."customer_dim" ADD COLUMN "note" VARCHAR(65535)');
    expect(result).toBe('WAREHOUSE_CONFLICT');
  });

  it('is done when a newer one is loaded', async () => {
    expect((await refuse([key], [key, note], 4)).result).toEqual({ sequence: 4, replaced: {} });
  });

  it('fails for good otherwise', async () => {
    expect((await refuse([key], [key], 2)).result).toBe('WAREHOUSE_SQL_FAILED');
  });
});
