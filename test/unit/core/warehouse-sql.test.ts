import { describe, expect, it } from 'vitest';
import { parseModel } from '../../../src/core/model.ts';
import type { NativeTables } from '../../../src/core/native-shape.ts';
import { modelColumns } from '../../../src/core/pipeline.ts';
import type { Publication } from '../../../src/core/publication.ts';
import {
  addColumnStatements,
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
  tables: { orders_fact: { ...tableOf(values, 'g2'), columns: modelColumns(model) } },
  chunks: {},
  decisions: [],
  skippedEntities: [],
});
const native = (columns: readonly (readonly [string, string, boolean?])[]): NativeTables =>
  new Map([['orders_fact', columns.map(([name, type, isNullable = true]) => ({ name, type, isNullable }))]]);
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

describe('loadStatements where the columns of a native table differ', () => {
  const own = [
    ['order_id', 'BIGINT', false],
    ['month', 'VARCHAR(28)'],
  ] as const;
  const evolved = [...modelColumns(model), { name: 'note', type: 'varchar(10)' }];
  const table = { ...tableOf(['a'], 'g2'), columns: evolved };
  const published = { ...publication(['a']), tables: { orders_fact: table } };
  const verbs = (statements: readonly string[]) =>
    statements.map((sql) => sql.split(' ').slice(0, 2).join(' ')).slice(2, -1);
  const current = loaded([['a', 'g2']]);

  it('adds a column in place, and makes the view anew', () => {
    const statements = loadStatements(names, published, [model], current, native(own));
    expect(verbs(statements)).toEqual(['DROP VIEW', 'ALTER TABLE', 'CREATE OR']);
    expect(statements[3]).toBe('ALTER TABLE "shop"."orders_fact" ADD COLUMN "note" VARCHAR(40)');
    expect(statements[4]).toContain('SELECT "order_id", "month", "note" FROM');
  });

  it('does nothing the second time', () => {
    const after = native([...own, ['note', 'VARCHAR(40)']]);
    expect(verbs(loadStatements(names, published, [model], current, after))).toEqual(['CREATE OR']);
  });

  it('keeps the order of the native table, in which the view is too', () => {
    const other = native([['note', 'VARCHAR(40)'], ...own]);
    const statements = loadStatements(names, published, [model], current, other);
    expect(statements[2]).toContain('SELECT "note", "order_id", "month" FROM');
  });

  it.each([
    ['of another type', [['order_id', 'INTEGER', false], own[1], ['note', 'VARCHAR(40)']]],
    ['that the model no longer has', [...own, ['note', 'VARCHAR(40)'], ['old', 'DATE']]],
    ['that refuses NULL', [...own, ['note', 'VARCHAR(40)', false]]],
    ['of the key that is missing', [own[1], ['note', 'VARCHAR(40)']]],
  ] as const)('makes a table with a column %s anew, and loads all of it', (_, columns) => {
    const held = loaded([
      ['a', 'g2'],
      ['z', 'g1'],
    ]);
    const statements = loadStatements(names, published, [model], held, native(columns));
    expect(verbs(statements)).toEqual([
      'DROP VIEW',
      'DROP TABLE',
      'CREATE TABLE',
      'INSERT INTO',
      'CREATE OR',
      'DELETE FROM',
      'INSERT INTO',
    ]);
    expect(statements[5]).not.toContain('WHERE');
    expect(statements[7]).toContain(`partition_value = 'z'`);
  });

  it('stays within the 40 statements of a transaction however many columns are new', () => {
    const many = Array.from({ length: 50 }, (_, nth) => ({ name: `c${nth}`, type: 'integer' }));
    const wide = { ...published, tables: { orders_fact: { ...table, columns: [...evolved, ...many] } } };
    const statements = loadStatements(names, wide, [model], current, native(own));
    expect(statements.length).toBeLessThanOrEqual(40);
    expect(verbs(statements)).toContain('CREATE TABLE');
  });

  it('fits the most models that a pipeline may have, all of them made anew', () => {
    const models = Array.from({ length: 11 }, (_, nth) => ({ ...model, name: `m${nth}` }));
    const tables = Object.fromEntries(models.map(({ name }) => [name, table]));
    const old = new Map(models.map(({ name }) => [name, native([['x', 'DATE']]).get('orders_fact')!]));
    const statements = loadStatements(names, { ...published, tables }, models, new Map(), old);
    expect(statements.length).toBeLessThanOrEqual(40);
  });
});

describe('addColumnStatements', () => {
  const evolving = { ...model, head: { ...model.head, evolve: 'orders' } };
  it.each([
    [evolving, 'note', ['ALTER TABLE "shop"."orders_fact" ADD COLUMN "note" DECIMAL(8,3)']],
    [evolving, 'month', []],
    [model, 'note', []],
  ])('%#', (one, name, expected) => {
    expect(addColumnStatements(names, [one], 'orders', { name, type: 'numeric(8,3)' })).toEqual(expected);
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
