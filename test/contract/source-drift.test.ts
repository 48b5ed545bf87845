import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { judgeContract } from '../../src/core/contract.ts';
import { definePipeline } from '../../src/core/definition.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

/** A contract as PostgreSQL would print it, so that the table begins without a difference. */
const entity = definePipeline({
  name: 'shop',
  sources: { erp: {} },
  entities: [
    {
      name: 'items',
      source: 'erp',
      table: 'public.items',
      key: ['id'],
      onDrift: 'evolve',
      columns: {
        id: { type: 'integer', nullable: false },
        name: { type: 'varchar(20)' },
        price: { type: 'numeric(10,2)' },
        pieces: { type: 'integer' },
        state: { type: 'text' },
      },
    },
  ],
}).entities[0]!;

/** DDL, the kinds of difference that are found, and whether rows that no cursor sees have other values afterwards. */
const CHANGES: readonly (readonly [ddl: string, kinds: readonly string[], isMissed: boolean])[] = [
  ['ALTER TABLE items ADD COLUMN note text', ['added-nullable'], false],
  ["ALTER TABLE items ADD COLUMN note text NOT NULL DEFAULT 'none'", ['added-not-null'], true],
  // A volatile default is written into every row.
  ['ALTER TABLE items ADD COLUMN note float DEFAULT random()', ['added-nullable'], false],
  ['ALTER TABLE items DROP COLUMN price', ['removed'], false],
  ['ALTER TABLE items RENAME COLUMN price TO amount', ['renamed-candidate', 'added-nullable'], true],
  ['ALTER TABLE items ALTER COLUMN name TYPE varchar(40)', ['widened'], false],
  ['ALTER TABLE items ALTER COLUMN name TYPE text', ['widened'], false],
  ['ALTER TABLE items ALTER COLUMN name TYPE varchar(10)', ['narrowed'], false],
  ['ALTER TABLE items ALTER COLUMN pieces TYPE bigint', ['widened'], false],
  ['ALTER TABLE items ALTER COLUMN pieces TYPE text', ['retyped'], false],
  ['ALTER TABLE items ALTER COLUMN price TYPE numeric(12,2)', ['widened'], false],
  ['ALTER TABLE items ALTER COLUMN price TYPE numeric(8,1)', ['narrowed'], false],
  ['ALTER TABLE items ALTER COLUMN price SET NOT NULL', ['not-null'], false],
  ["ALTER TYPE item_state ADD VALUE 'lost'", ['enum-value-added'], false],
  ["ALTER TYPE item_state RENAME VALUE 'new' TO 'fresh'", ['enum-value-added', 'enum-value-removed'], true],
  [
    'ALTER TABLE items DROP COLUMN pieces; ALTER TABLE items ADD COLUMN pieces int DEFAULT 7',
    ['added-nullable'],
    true,
  ],
  ['ALTER TABLE items DROP COLUMN pieces; ALTER TABLE items ADD COLUMN pieces int', ['added-nullable'], true],
  [
    'ALTER TABLE items ADD COLUMN note varchar(20); ALTER TABLE items RENAME name TO x; ALTER TABLE items RENAME note TO name; ALTER TABLE items RENAME x TO note',
    ['added-nullable', 'added-nullable'],
    true,
  ],
];

describe('what DDL on a real table leads to', () => {
  let server: ThrowawayPostgres;
  let source: ReturnType<typeof createPostgresSource>;

  beforeAll(async () => {
    server = await startPostgres();
    source = createPostgresSource({ url: server.url(), name: 'shop' });
  });

  afterAll(async () => {
    await source?.close();
    await server?.stop();
  });

  const rows = async (where = 'true') => {
    const found = await server.sql<{ id: number; row: Record<string, unknown> }>(
      `SELECT id, to_jsonb(items) AS row FROM items WHERE ${where}`,
    );
    return new Map(found.map(({ id, row }) => [id, row]));
  };

  it.each(CHANGES)('%s', async (ddl, kinds, isMissed) => {
    await server.sql(
      `DROP TABLE IF EXISTS items; DROP TYPE IF EXISTS item_state;
       CREATE TYPE item_state AS ENUM ('new', 'sold');
       CREATE TABLE items (id int PRIMARY KEY, name varchar(20), price numeric(10,2), pieces int, state item_state);
       INSERT INTO items SELECT n, 'item ' || n, n * 1.25, n, 'new' FROM generate_series(1, 5) n`,
    );
    const before = await source.introspect(['public.items']);
    const old = await rows();
    await server.sql(ddl);
    const now = await source.introspect(['public.items']);
    const verdict = judgeContract({
      entity,
      read: { mode: 'incremental', fromXid: before.snapshot.xmin },
      table: now.tables['public.items']!,
      seen: before.tables['public.items']!.columns,
      isContractNew: false,
      hasChanged: true,
      statementsFor: () => [],
    });
    expect(verdict.drifts.map((each) => each.kind)).toEqual(kinds);

    // Rows whose read columns have other values, and that a read since the watermark does not bring.
    const fresh = await rows();
    const read = await rows(`age(xmin) BETWEEN 0 AND age('${before.snapshot.xmin}'::xid)`);
    const missed = [...fresh].filter(
      ([id, row]) =>
        !read.has(id) &&
        verdict.columns.some(
          ({ name }) => JSON.stringify(row[name] ?? null) !== JSON.stringify(old.get(id)![name] ?? null),
        ),
    );
    expect(missed.length > 0).toBe(isMissed);
    if (isMissed) expect(verdict.reread).not.toBeNull();
  });
});
