import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeComparisons } from '../../activities/compare-lake.ts';
import { createLakeComparer } from '../../src/adapters/duckdb/compare-lake.ts';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { definePipeline } from '../../src/core/definition.ts';
import { judgeComparison } from '../../src/core/delete-brake.ts';
import type { EntityExtract, EntityRead } from '../../src/core/manifest.ts';
import type { TableVersion } from '../../src/core/publication.ts';
import { duckdbHash } from '../../src/core/row-hash.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import type { EntityToExtract, Source } from '../../src/ports/source.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

const columns = [
  { name: 'shop', type: 'text' },
  { name: 'id', type: 'integer' },
  { name: 'note', type: 'text' },
];
const sales = definePipeline({
  name: 'shop',
  sources: { erp: {} },
  entities: [
    {
      name: 'sales',
      source: 'erp',
      table: 'public.sales',
      key: ['shop', 'id'],
      columns: { shop: { type: 'text' }, id: { type: 'integer' }, note: { type: 'text' } },
      deletes: { mode: 'reconcile' },
    },
  ],
}).entities[0]!;
const names = columns.map((column) => column.name);
const hashes = `${duckdbHash(['shop', 'id'])} AS _key, ${duckdbHash(names)} AS _hash`;

describe('source and lake, compared', () => {
  let postgres: ThrowawayPostgres;
  let source: Source & { close(): Promise<void> };
  let dir: string;
  let duck: DuckDBInstance;
  let connection: DuckDBConnection;
  let count = 0;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tidemark-compare-'));
    postgres = await startPostgres();
    source = createPostgresSource({ url: postgres.url(), name: 'shop' });
    duck = await DuckDBInstance.create(':memory:', { threads: '1' });
    connection = await duck.connect();
  });

  afterAll(async () => {
    connection?.closeSync();
    duck?.closeSync();
    await source?.close();
    await postgres?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await postgres.sql(`DROP TABLE IF EXISTS sales; CREATE TABLE sales (shop text, id int, note text, PRIMARY KEY (shop, id));
      INSERT INTO sales SELECT 's' || i % 3, i, CASE WHEN i % 5 > 0 THEN E'note,"' || i END FROM generate_series(1, 1000) i`);
  });

  const nextFile = () => join(dir, `${++count}.csv.gz`);
  const save = async (body: Readable, uri = nextFile()): Promise<{ uri: string; sizeBytes: number }> => {
    await pipeline(body, createWriteStream(uri));
    return { uri, sizeBytes: (await stat(uri)).size };
  };

  const extract = async (
    read: EntityRead,
    compare?: { kind: 'keys' | 'rows'; base: TableVersion; droppedColumns?: string[] },
  ): Promise<EntityExtract> => {
    const dropped = compare?.droppedColumns;
    const entity: EntityToExtract = {
      name: 'sales',
      table: 'public.sales',
      columns: columns.filter(({ name }) => !dropped?.includes(name)),
      key: ['shop', 'id'],
      measures: [],
      read,
      compare: compare && { kind: compare.kind, bucketCount: 64, droppedColumns: dropped },
    };
    const { signal } = new AbortController();
    const store = {
      upload: async (uri: string, body: Readable) => ({ ...(await save(body, uri)), etag: '' }),
    };
    const comparisons = makeComparisons(
      { lake: createLakeComparer({}), store: store as unknown as ObjectStore },
      { entities: [entity], publishedOf: () => compare?.base ?? null, goneUri: nextFile, signal },
    );
    const { entities, drills } = await source.extract({
      entities: [entity],
      applicationName: 'test',
      parallel: 2,
      signal,
      onProgress: () => undefined,
      upload: (_, __, body) => save(body),
      compareBuckets: comparisons.compareBuckets,
    });
    return (await comparisons.finish(entities, drills)).sales!;
  };

  /** The lake as the fold of a full read stores it, and what `change` does to it. */
  const storeLake = async (whole: EntityExtract, change = 'SELECT 1'): Promise<TableVersion> => {
    const file = join(dir, `${++count}.parquet`);
    const list = whole.parts.map((part) => `'${part.uri}'`).join(', ');
    const types = names.map((name) => `'${name}': 'VARCHAR'`).join(', ');
    await connection.run(
      `CREATE OR REPLACE TABLE lake AS SELECT *, ${hashes}, NULL::VARCHAR AS _deleted FROM read_csv([${list}], columns = {${types}}, header = true, nullstr = '', allow_quoted_nulls = false)`,
    );
    await connection.run(change);
    await connection.run(`COPY lake TO '${file}' (FORMAT parquet)`);
    return {
      definitionDigest: '',
      sequence: 1,
      columns: [],
      partitionBy: null,
      partitions: [
        {
          value: '',
          generation: '',
          location: '',
          rowCount: 1000,
          files: [{ uri: file, sizeBytes: 1, rowCount: 1000, etag: '' }],
        },
      ],
    };
  };

  const everything = { mode: 'full', reason: 'test' } as const;
  const changesSince = async (): Promise<EntityRead> => {
    const [row] = await postgres.sql<{ xid: string }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid',
    );
    return { mode: 'incremental', fromXid: row!.xid };
  };

  it('finds nothing where nothing differs, and reads nothing more', async () => {
    const base = await storeLake(await extract(everything));
    const found = await extract(await changesSince(), { kind: 'rows', base });
    expect(found.comparison).toMatchObject({
      comparedCount: 1000,
      lakeRowCount: 1000,
      differingBuckets: 0,
      goneCount: 0,
      lateCount: 0,
      lostCount: 0,
      gone: null,
    });
    expect(found.rowCount).toBe(0);
  });

  it.each(['keys', 'rows'] as const)(
    'finds deleted rows by %s, with what the extract itself brings',
    async (kind) => {
      const base = await storeLake(await extract(everything));
      const read = await changesSince();
      await postgres.sql(`DELETE FROM sales WHERE id IN (7, 8, 9);
      INSERT INTO sales VALUES ('s0', 9, 'again'), ('s0', 2001, 'new'); UPDATE sales SET note = 'other' WHERE id = 11`);
      const { comparison, parts, rowCount } = await extract(read, { kind, base });
      expect(comparison).toMatchObject({
        goneCount: 2,
        lateCount: kind === 'keys' ? null : 0,
        unhashedCount: 0,
      });
      const gone = await connection.runAndReadAll(
        `SELECT g._key = l._key, l.id FROM read_csv('${comparison!.gone!.uri}') g JOIN lake l USING (_key) ORDER BY id`,
      );
      expect(gone.getRowsJS()).toEqual([
        [true, '7'],
        [true, '8'],
      ]);
      expect(comparison!.gone!.rowCount).toBe(2);
      // Nothing was missed, so the rows that were looked at are not brought again.
      expect({ rowCount, parts: parts.length }).toEqual({ rowCount: 3, parts: 1 });
    },
  );

  it('brings rows that no cursor saw, and says how many were late and lost', async () => {
    const base = await storeLake(
      await extract(everything),
      "UPDATE lake SET _hash = _hash + 1 WHERE id IN ('5', '6'); DELETE FROM lake WHERE id = '10'; UPDATE lake SET _deleted = 'gone' WHERE id = '20'",
    );
    await postgres.sql('DELETE FROM sales WHERE id = 30');
    const { comparison, parts, rowCount } = await extract(await changesSince(), { kind: 'rows', base });
    expect(comparison).toMatchObject({
      lateCount: 2,
      lostCount: 2,
      goneCount: 1,
      comparedCount: 999,
      lakeRowCount: 998,
    });
    const list = parts.map((part) => `'${part.uri}'`).join(', ');
    const brought = await connection.runAndReadAll(
      `SELECT id::INT FROM read_csv([${list}], header = true, all_varchar = true) WHERE id IN ('5', '6', '10', '20') ORDER BY 1`,
    );
    expect(brought.getRowsJS()).toEqual([[5], [6], [10], [20]]);
    expect(rowCount).toBe(parts.reduce((sum, part) => sum + part.rowCount, 0));
    expect(rowCount).toBeLessThan(200);
  });

  it('does not call rows late that were stored with a column which was dropped since, and brings them without it', async () => {
    const base = await storeLake(await extract(everything));
    await postgres.sql('ALTER TABLE sales DROP COLUMN note');
    const read = await changesSince();
    const found = await extract(read, { kind: 'rows', base, droppedColumns: ['note'] });
    // Where it was NULL it left no trace.
    expect(found.comparison).toMatchObject({ lateCount: 800, lostCount: 0, goneCount: 0 });
    expect(judgeComparison(sales, found.comparison!).map(({ check, severity }) => [check, severity])).toEqual(
      [['dropped-columns', 'info']],
    );
    expect(found.rowCount).toBeGreaterThanOrEqual(800);
  });

  it('finds that a table was truncated, also when it was filled anew, and holds that for a decision', async () => {
    const base = await storeLake(await extract(everything));
    const read = await changesSince();
    await postgres.sql("TRUNCATE sales; INSERT INTO sales VALUES ('s1', 1, 'anew'), ('s1', 2001, 'new')");
    const { comparison, rowCount } = await extract(read, { kind: 'keys', base });
    // The row with the old key is among the changes.
    expect({ rowCount, goneCount: comparison!.goneCount }).toEqual({ rowCount: 2, goneCount: 999 });
    expect(judgeComparison(sales, comparison!).map(({ check, severity }) => [check, severity])).toEqual([
      ['delete-brake', 'critical'],
    ]);
  });

  it('counts rows that an older version stored without a hash, and calls none of them gone', async () => {
    const base = await storeLake(await extract(everything), 'ALTER TABLE lake DROP COLUMN _key');
    await postgres.sql('DELETE FROM sales WHERE id > 990');
    const { comparison } = await extract(await changesSince(), { kind: 'keys', base });
    expect(comparison).toMatchObject({ unhashedCount: 1000, goneCount: 0, lakeRowCount: 0 });
  });
});
