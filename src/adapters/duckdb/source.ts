import type { DuckDBConnection } from '@duckdb/node-api';
import type { Answer } from '../../expectations/check.ts';
import { parseColumnType } from '../../expectations/column-type.ts';
import { QueryRefused } from '../../expectations/run-checks.ts';
import { duckdbDialect } from '../../expectations/sql/duckdb.ts';
import type { Source, SourceColumn } from '../../expectations/sql/schema.ts';
import { didYouMean } from '../../expectations/suggest.ts';
import { parseHeader } from './header.ts';
import { runQuery } from './query.ts';
import type { BatchColumn, TableFiles } from './types.ts';

const { identifier, string: quote } = duckdbDialect;
/** Half of DuckDB's default: two threads share a compressed file better, and it halves the memory. */
const BUFFER_BYTES = 16_000_000;
const MAX_ROW_BYTES = 8_000_000;
/** As many rows as DuckDB guesses from. */
const GUESSED_ROWS = 20_480;
/** Of integers beyond 64 bits. */
const LONG_INTEGER = 'DECIMAL(38,0)';
const UNIT_SEPARATOR = String.fromCharCode(31);

/**
 * Makes a table's files readable as a source. Throws `QueryRefused` when they do not hang together (different headers,
 * not a Parquet file), `EngineError` when they cannot be reached.
 */
export async function openSource(
  connection: DuckDBConnection,
  table: TableFiles,
  unmasked: boolean,
): Promise<Source> {
  const declared = (table.columns ?? []).filter((column) => column.isMasked).map((column) => column.name);
  const masked = new Set(unmasked ? [] : [...declared, ...(table.masked ?? [])]);
  const make = (name: string, type: string, isText: boolean): SourceColumn => {
    const parsed = parseColumnType(type);
    return { name, type: parsed, isText: isText && !isPlainText(parsed.family), isMasked: masked.has(name) };
  };
  if (table.files.length === 0) return emptySource(table.columns ?? [], make);
  const open = table.format === 'csv' ? openCsv : openParquet;
  const source = await open(connection, table, make);
  refuseUnknown(
    table.masked ?? [],
    source.columns.map(({ name }) => name),
    'the column to mask',
  );
  return source;
}

type MakeColumn = (name: string, type: string, isText: boolean) => SourceColumn;

function isPlainText(family: string): boolean {
  return ['text', 'json', 'binary', 'other'].includes(family);
}

function emptySource(columns: readonly BatchColumn[], make: MakeColumn): Source {
  const items = columns.map((column) => `cast(null as varchar) as ${identifier(column.name)}`);
  const select = items.length === 0 ? '1 as "nothing"' : items.join(', ');
  return {
    relation: `(select ${select} where false)`,
    columns: columns.map((column) => make(column.name, column.type, true)),
  };
}

async function openParquet(
  connection: DuckDBConnection,
  table: TableFiles,
  make: MakeColumn,
): Promise<Source> {
  const files = `[${table.files.map(quote).join(', ')}]`;
  const own = `read_parquet(${files}, union_by_name = true, hive_partitioning = false)`;
  const described = await runQuery(connection, `describe select * from ${own}`);
  const columns = described.rows.map(([name, type]) => make(String(name), String(type), false));
  const inFiles = new Set(columns.map((column) => column.name));
  const partition = Object.entries(table.partition ?? {}).filter(([name]) => !inFiles.has(name));
  for (const [name, type] of partition) columns.push(make(name, type, false));
  const isSingle = table.files.length === 1;
  const types = partition.map(([name, type]) => `${identifier(name)}: ${quote(type)}`).join(', ');
  const options = [
    'union_by_name = true',
    partition.length > 0 ? `hive_partitioning = true, hive_types = {${types}}` : 'hive_partitioning = false',
    ...(isSingle ? ['file_row_number = true'] : []),
  ];
  return {
    relation: `read_parquet(${files}, ${options.join(', ')})`,
    columns,
    ...(isSingle ? { rowNumber: 'r.file_row_number' } : {}),
  };
}

async function openCsv(connection: DuckDBConnection, table: TableFiles, make: MakeColumn): Promise<Source> {
  const files = `[${table.files.map(quote).join(', ')}]`;
  const names = await readHeaders(connection, table.files);
  const relation = `read_csv(${files}, ${csvOptions(names)})`;
  const given = table.types ?? {};
  refuseUnknown(Object.keys(given), names, 'the column with a given type');
  const isGuess = table.columns === undefined && names.some((name) => given[name] === undefined);
  const declared = table.columns ?? (isGuess ? await guessTypes(connection, files, relation) : []);
  const columns = names.map((name) => {
    const column = declared.find((candidate) => candidate.name === name);
    return make(name, given[name] ?? column?.type ?? 'text', true);
  });
  return { relation, columns };
}

/** Throws `TypeError` for a name of the caller's own that is no column: what it is about would go undone unseen. */
function refuseUnknown(named: readonly string[], names: readonly string[], what: string): void {
  const unknown = named.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`${what}, "${unknown}", does not exist${didYouMean(unknown, names)}`);
}

/** PostgreSQL's COPY: a header, an unquoted empty field is NULL, a quoted one is the empty string. */
function csvOptions(names: readonly string[]): string {
  const columns = names.map((name) => `${quote(name)}: 'VARCHAR'`).join(', ');
  return (
    `columns = {${columns}}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', ` +
    "nullstr = '', allow_quoted_nulls = false, strict_mode = true, " +
    `buffer_size = ${BUFFER_BYTES}, max_line_size = ${MAX_ROW_BYTES}`
  );
}

/** The names in the first line of every file, which have to be the same. */
async function readHeaders(connection: DuckDBConnection, files: readonly string[]): Promise<string[]> {
  let first: { readonly file: string; readonly line: string } | null = null;
  for (const file of files) {
    const { rows } = await readFirstLine(connection, file);
    const line = String(rows[0]?.[0] ?? '')
      .replace(/\r$/, '')
      .replace(/^\uFEFF/, '');
    if (line === '') throw new QueryRefused(`${file} has no header line`);
    first ??= { file, line };
    if (line !== first.line) throw new QueryRefused(`${file} has other columns than ${first.file}`);
  }
  const names = parseHeader(first?.line ?? '');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new QueryRefused(`the header names ${JSON.stringify(twice)} twice`);
  return names;
}

/** A small buffer is read in a moment; it is too small where lines, of which the header is only the first, are long. */
async function readFirstLine(connection: DuckDBConnection, file: string): Promise<Answer> {
  const read = (bufferBytes: number, maxRowBytes: number) =>
    runQuery(
      connection,
      `select line from read_csv(${quote(file)}, columns = {'line': 'VARCHAR'}, header = false, ` +
        `auto_detect = false, delim = '${UNIT_SEPARATOR}', quote = '', escape = '', strict_mode = false, ` +
        `buffer_size = ${bufferBytes}, max_line_size = ${maxRowBytes}) limit 1`,
    );
  try {
    return await read(BUFFER_BYTES / 16, MAX_ROW_BYTES / 16);
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    return await read(BUFFER_BYTES, MAX_ROW_BYTES);
  }
}

/** Column types as DuckDB guesses them, for files without a contract. What keeps it from that is told as reading tells it. */
async function guessTypes(
  connection: DuckDBConnection,
  files: string,
  relation: string,
): Promise<BatchColumn[]> {
  const guessed =
    `read_csv(${files}, header = true, delim = ',', quote = '"', escape = '"', ` +
    `buffer_size = ${BUFFER_BYTES}, max_line_size = ${MAX_ROW_BYTES}, ` +
    "dateformat = '%Y-%m-%d', timestampformat = '%Y-%m-%d %H:%M:%S')";
  try {
    const { rows } = await runQuery(connection, `describe select * from ${guessed}`);
    const columns = rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
    const integers = await findLongIntegers(connection, relation, columns);
    return columns.map((column) => (integers.has(column.name) ? { ...column, type: LONG_INTEGER } : column));
  } catch (error) {
    if (error instanceof QueryRefused)
      await runQuery(connection, `select count(columns(*)) from ${relation}`);
    throw error;
  }
}

/** Guessed DOUBLE columns whose first values are integers: they were too long for 64 bits, and as doubles many would be equal. */
async function findLongIntegers(
  connection: DuckDBConnection,
  relation: string,
  columns: readonly BatchColumn[],
): Promise<ReadonlySet<string>> {
  const doubles = columns.filter(({ type }) => type === 'DOUBLE').map(({ name }) => name);
  if (doubles.length === 0) return new Set();
  const tests = doubles.map((name) => `bool_and(regexp_full_match(${identifier(name)}, '[+-]?[0-9]{1,38}'))`);
  const first = `(select * from ${relation} limit ${GUESSED_ROWS})`;
  const { rows } = await runQuery(connection, `select ${tests.join(', ')} from ${first}`);
  return new Set(doubles.filter((_, index) => rows[0]?.[index] === 'true'));
}
