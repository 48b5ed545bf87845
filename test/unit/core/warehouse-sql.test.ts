import { describe, expect, it } from 'vitest';
import { parseModel } from '../../../src/core/model.ts';
import type { Publication } from '../../../src/core/publication.ts';
import {
  loadStatements,
  staleParts,
  totalsQuery,
  versionedTable,
  warehouseNames,
} from '../../../src/core/warehouse-sql.ts';
import { shop, tableOf } from './sample.ts';

const model = parseModel(
  'orders_fact',
  '/*\ngrain: an order\nkey: [order_id]\nincremental: orders\npartition_by: month\ncolumns:\n  order_id: { type: bigint }\n  month: { type: varchar(7) }\n*/ SELECT order_id, month FROM orders',
  shop,
);
const publication = (values: readonly string[]): Publication => ({
  version: 1,
  pipeline: 'shop',
  sequence: 3,
  publishedAt: '2024-01-02T00:00:00Z',
  runKey: "o'r\\1",
  runKind: 'live',
  watermarks: {},
  entities: {},
  tables: { orders_fact: tableOf(values, 'g2') },
  chunks: {},
  decisions: [],
  skippedEntities: [],
});
const loaded = (entries: readonly [string, string][]) => new Map([['orders_fact', new Map(entries)]]);
const names = warehouseNames('shop');

describe('staleParts', () => {
  it.each([
    ['nothing is loaded', [], ['a', 'b'], { refresh: ['a', 'b'], drop: [] }],
    ['all is loaded', [['a', 'g2']], ['a'], { refresh: [], drop: [] }],
    [
      'an old generation',
      [
        ['a', 'g1'],
        ['b', 'g2'],
      ],
      ['a', 'b'],
      { refresh: ['a'], drop: [] },
    ],
    [
      'a partition that is gone',
      [
        ['a', 'g2'],
        ['z', 'g1'],
      ],
      ['a'],
      { refresh: [], drop: ['z'] },
    ],
  ] as [string, [string, string][], string[], object][])('%s', (_, have, want, expected) => {
    expect(staleParts(publication(want), 'orders_fact', loaded(have))).toEqual(expected);
  });
});

describe('loadStatements', () => {
  it('locks, guards, replaces, switches the view, and writes down what is loaded, in this order', () => {
    const statements = loadStatements(names, publication(['a']), [model], loaded([['z', 'g1']]));
    expect(statements.map((sql) => sql.split(' ').slice(0, 3).join(' '))).toEqual([
      'LOCK "shop"."tidemark_ledger"',
      'SELECT CAST(CASE WHEN',
      'DELETE FROM "shop"."orders_fact"',
      'INSERT INTO "shop"."orders_fact"',
      'CREATE OR REPLACE',
      'DELETE FROM "shop"."tidemark_loaded"',
      'INSERT INTO "shop"."tidemark_loaded"',
      'INSERT INTO "shop"."tidemark_ledger"',
    ]);
    expect(statements[2]).toContain(`IN ('a', 'z')`);
    expect(statements[3]).toContain(`WHERE "month" IN ('a')`);
  });

  it('moves no rows where nothing differs', () => {
    const statements = loadStatements(names, publication(['a']), [model], loaded([['a', 'g2']]));
    expect(statements.filter((sql) => sql.startsWith('DELETE'))).toEqual([]);
    expect(statements).toHaveLength(4);
  });

  it('keeps hostile values inside their quotes', () => {
    const statements = loadStatements(names, publication(["x'); DROP TABLE t; --\\"]), [model], new Map());
    expect(statements[2]).toContain(`IN (('x''); DROP TABLE t; --' || chr(92) || ''))`);
    expect(statements.at(-1)).toContain(`('o''r' || chr(92) || '1')`);
  });
});

it('quotes hostile names', () => {
  expect(totalsQuery('s', 't"; DROP', ['m"'])).toBe(
    'SELECT count(*) AS row_count, CAST(sum("m""") AS VARCHAR(64)) AS "m""" FROM "s"."t""; DROP"',
  );
});

it('names a version so that names sort like sequences', () => {
  expect(versionedTable('orders_fact', 42)).toBe('orders_fact__p000042');
});
