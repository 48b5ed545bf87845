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

/**
 * Runs SQL whose rows begin with a mark for each limit, and reads until each mark was seen that often. Gives the rows of each
 * mark without the marks, every scalar as text. Throws `QueryRefused` or `EngineError`.
 */
export async function pickRows(
  connection: DuckDBConnection,
  sql: string,
  limits: readonly number[],
): Promise<Answer[]> {
  const picked = limits.map((): Cell[][] => []);
  const isOpen = (mark: number) => picked[mark]!.length < limits[mark]!;
  try {
    const result = await connection.stream(sql);
    while (limits.some((_, mark) => isOpen(mark))) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      const columns = Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnVector(index));
      for (let row = 0; row < chunk.rowCount; row++) {
        const marked = limits.flatMap((_, mark) =>
          isOpen(mark) && columns[mark]!.getItem(row) === true ? [mark] : [],
        );
        if (marked.length === 0) continue;
        const cells = columns.slice(limits.length).map((column) => cellOf(column.getItem(row)));
        for (const mark of marked) picked[mark]!.push(cells);
      }
    }
  } catch (error) {
    throw translateError(error);
  }
  return picked.map((rows) => ({ rows }));
}

function cellOf(value: DuckDBValue): Cell {
  if (value === null) return null;
  if (typeof value === 'object' && 'items' in value) return value.items.map(cellOf);
  return String(value);
}
