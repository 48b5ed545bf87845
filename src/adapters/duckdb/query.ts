import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Answer, Cell } from '../../expectations/check.ts';
import { translateError } from './engine-error.ts';

/** Runs SQL and gives all rows, every scalar as text. Throws `QueryRefused` or `EngineError`. */
export async function runQuery(connection: DuckDBConnection, sql: string): Promise<Answer> {
  try {
    const reader = await connection.runAndReadAll(sql);
    return { rows: reader.getRows().map((row) => row.map(cellOf)), columns: reader.columnNames() };
  } catch (error) {
    throw translateError(error);
  }
}

function cellOf(value: DuckDBValue): Cell {
  if (value === null) return null;
  if (typeof value === 'object' && 'items' in value) return value.items.map(cellOf);
  return String(value);
}
