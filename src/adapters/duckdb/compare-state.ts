import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdbHash } from '../../core/row-hash.ts';
import { duckdbDialect } from '../../expectations/sql/duckdb.ts';
import type { LakeState } from '../../ports/lake-comparer.ts';
import { runQuery } from './query.ts';
import { openSource } from './source.ts';

const { string: quote } = duckdbDialect;

/**
 * Makes the table `state`: key and row hash of every row that the lake and the extract together hold, the extract's
 * where both have the key. Of the lake it reads those columns alone. Gives how many rows have no hash to compare.
 */
export async function makeState(connection: DuckDBConnection, state: LakeState): Promise<number> {
  await connection.run(
    `CREATE TEMP TABLE changed AS SELECT _key, arg_max(_hash, _order) AS _hash FROM (${await changedRows(connection, state)}) GROUP BY _key`,
  );
  const lake = await lakeRows(connection, state.lakeFiles);
  await connection.run(
    `CREATE TEMP TABLE state AS SELECT _key, _hash FROM changed
      UNION ALL SELECT _key, _hash FROM ${lake} l WHERE _key IS NOT NULL AND NOT EXISTS (FROM changed c WHERE c._key = l._key)`,
  );
  const { rows } = await runQuery(connection, `SELECT count(*) FROM ${lake} WHERE _key IS NULL`);
  return Number(rows[0]![0]);
}

/** Hashes of the rows of CSV parts; a part of the extract's first snapshot sorts before those of later ones. */
async function changedRows(connection: DuckDBConnection, state: LakeState): Promise<string> {
  const { parts, columns, key } = state;
  const orders = [...new Set(parts.map((part) => part.order ?? ''))];
  const selects = await Promise.all(
    orders.map(async (order) => {
      const files = parts.filter((part) => (part.order ?? '') === order).map((part) => part.uri);
      const rows = await csvRows(connection, files, columns);
      return `SELECT ${duckdbHash(key)} AS _key, ${duckdbHash(columns)} AS _hash, ${quote(order)} AS _order FROM ${rows}`;
    }),
  );
  return selects.join(' UNION ALL ') || NOTHING;
}

const NOTHING = "SELECT NULL::BIGINT AS _key, NULL::BIGINT AS _hash, '' AS _order WHERE false";

/** Rows of CSV files, every value as the text that it is in the file. */
export async function csvRows(
  connection: DuckDBConnection,
  files: readonly string[],
  columns: readonly string[],
): Promise<string> {
  const declared = columns.map((name) => ({ name, type: 'text' }));
  return (await openSource(connection, { format: 'csv', files, columns: declared }, true)).relation;
}

/** Rows of the lake that are not known to be gone; files of versions that kept no hashes have none. */
async function lakeRows(connection: DuckDBConnection, files: readonly string[]): Promise<string> {
  if (files.length === 0) return '(SELECT NULL::BIGINT AS _key, NULL::BIGINT AS _hash WHERE false)';
  const all = `read_parquet([${files.map(quote).join(', ')}], union_by_name = true, hive_partitioning = false)`;
  const { rows } = await runQuery(connection, `DESCRIBE SELECT * FROM ${all}`);
  const names = rows.map(([name]) => name);
  if (!names.includes('_key')) return `(SELECT NULL::BIGINT AS _key, NULL::BIGINT AS _hash FROM ${all})`;
  return `(SELECT _key, _hash FROM ${all} WHERE _deleted IS DISTINCT FROM 'gone')`;
}
