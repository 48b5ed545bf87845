import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { CellValue, TableRow } from './rows.ts';

const CHUNK_CHARS = 64 * 1024;
const NEEDS_ESCAPE = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Streams rows into a table by COPY. The generator is asked for more only when the server has taken what it got, so
 * memory stays flat. Columns are those of the first row. Resolves to the number of rows.
 */
export async function copyRows(client: ClientBase, table: string, rows: Iterable<TableRow>): Promise<number> {
  const iterator = rows[Symbol.iterator]();
  const first = iterator.next();
  if (first.done) return 0;
  const columns = Object.keys(first.value);
  let rowCount = 0;

  function* chunks(): Generator<Buffer> {
    let text = '';
    for (let next: IteratorResult<TableRow> = first; !next.done; next = iterator.next()) {
      text += toCopyLine(columns, next.value);
      rowCount += 1;
      if (text.length >= CHUNK_CHARS) {
        yield Buffer.from(text);
        text = '';
      }
    }
    if (text !== '') yield Buffer.from(text);
  }

  const sink = client.query(copyFrom(`copy public.${table} (${columns.join(', ')}) from stdin`));
  await pipeline(Readable.from(chunks(), { highWaterMark: 4 }), sink);
  return rowCount;
}

/** One row in COPY's text format, with its line end. */
export function toCopyLine(columns: readonly string[], row: TableRow): string {
  let line = '';
  for (let i = 0; i < columns.length; i++) {
    if (i > 0) line += '\t';
    line += toCopyField(row[columns[i]!] ?? null);
  }
  return `${line}\n`;
}

function toCopyField(value: CellValue): string {
  if (value === null) return '\\N';
  const text = String(value);
  return NEEDS_ESCAPE.test(text) ? text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character]!) : text;
}
