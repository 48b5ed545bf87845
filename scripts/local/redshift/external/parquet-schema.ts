import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteLiteral } from '../sql/tokens.ts';

/** A top-level column of a Parquet file. */
export interface FileColumn {
  name: string;
  /** As DuckDB reads it; undefined for nested columns. */
  duckdbType: string | undefined;
  /** As Spectrum prints it: `optional int32 order_id`. */
  text: string;
}

export type FileSchema = readonly FileColumn[];

/** Reads the footers of Parquet files and gives the columns of each, by file name as it was asked for. */
export async function readFileSchemas(
  connection: DuckDBConnection,
  urls: readonly string[],
): Promise<Map<string, FileSchema>> {
  const reader = await connection.runAndReadAll(
    `SELECT file_name, name, type, repetition_type, num_children, duckdb_type
     FROM parquet_schema([${urls.map(quoteLiteral).join(', ')}])`,
  );
  const byFile = new Map<string, Record<string, unknown>[]>();
  for (const row of reader.getRowObjects()) {
    const file = String(row.file_name);
    const rows = byFile.get(file);
    if (rows === undefined) byFile.set(file, [row]);
    else rows.push(row);
  }
  return new Map([...byFile].map(([file, rows]) => [file, topLevel(rows)]));
}

/** Rows are the schema tree in depth-first order, the root first. */
function topLevel(rows: readonly Record<string, unknown>[]): FileColumn[] {
  const columns: FileColumn[] = [];
  const children = (at: number): number => Number(rows[at]?.num_children ?? 0);
  const skip = (at: number): number => {
    let next = at + 1;
    for (let left = children(at); left > 0; left -= 1) next = skip(next);
    return next;
  };
  for (let at = 1; at < rows.length; at = skip(at)) {
    const row = rows[at];
    const name = String(row?.name);
    const kind = row?.type === null ? 'group' : String(row?.type).toLowerCase();
    columns.push({
      name: name.toLowerCase(),
      duckdbType: children(at) > 0 || row?.duckdb_type === null ? undefined : String(row?.duckdb_type),
      text: `${String(row?.repetition_type).toLowerCase()} ${kind} ${name}`,
    });
  }
  return columns;
}
