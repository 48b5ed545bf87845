/**
 * The column types of a contract, in PostgreSQL's words, and what each becomes on its way.
 * Source: shared type tables of Spark, Parquet, Glue and Redshift; see docs/design.md, "Types".
 */
export type ColumnType =
  | {
      readonly name:
        | 'smallint'
        | 'integer'
        | 'bigint'
        | 'boolean'
        | 'date'
        | 'timestamptz'
        | 'timestamp'
        | 'double';
    }
  | { readonly name: 'numeric'; readonly precision: number; readonly scale: number }
  | { readonly name: 'varchar' | 'char'; readonly length: number }
  | { readonly name: 'text' | 'json' | 'uuid' };

const ALIASES: Readonly<Record<string, string>> = {
  int: 'integer',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  bool: 'boolean',
  decimal: 'numeric',
  'character varying': 'varchar',
  character: 'char',
  bpchar: 'char',
  'double precision': 'double',
  float8: 'double',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  jsonb: 'json',
};

const PLAIN = new Set([
  'smallint',
  'integer',
  'bigint',
  'boolean',
  'date',
  'timestamptz',
  'timestamp',
  'double',
  'text',
  'json',
  'uuid',
]);

/** Names that a person may write, for error messages. */
export const TYPE_EXAMPLES =
  'smallint, integer, bigint, numeric(p,s), double precision, boolean, date, timestamptz, timestamp, varchar(n), char(n), text, uuid, json';

/** Parses a type as PostgreSQL's `format_type` or a person writes it; null when it is not one of the supported types. */
export function parseColumnType(text: string): ColumnType | null {
  const match =
    /^([a-z0-9 ]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?( with time zone| without time zone)?$/i.exec(
      text.trim(),
    );
  if (!match) return null;
  const words = `${match[1]!.toLowerCase()}${match[4]?.toLowerCase() ?? ''}`;
  const name = ALIASES[words] ?? words;
  const first = match[2] === undefined ? undefined : Number(match[2]);
  const second = match[3] === undefined ? undefined : Number(match[3]);
  if (name === 'numeric') {
    // A numeric without bounds has no home in Parquet's DECIMAL; the contract has to name its precision.
    if (first === undefined || first < 1 || first > 38) return null;
    const scale = second ?? 0;
    return scale > first ? null : { name, precision: first, scale };
  }
  if (name === 'varchar' || name === 'char') {
    if (name === 'varchar' && first === undefined) return { name: 'text' };
    const length = first ?? 1;
    return length < 1 || length > 65_535 ? null : { name, length };
  }
  if (name === 'timestamptz' || name === 'timestamp') return { name };
  if (!PLAIN.has(name) || first !== undefined) return null;
  return { name } as ColumnType;
}

/** Like `parseColumnType`, for text that validation has already accepted. */
export function columnType(text: string): ColumnType {
  const type = parseColumnType(text);
  if (!type) throw new Error(`not a column type: ${text}`);
  return type;
}

/** One spelling for equal types, such as `varchar(255)` for `character varying(255)`. */
export function canonicalType(text: string): string {
  const type = parseColumnType(text);
  if (!type) return text.trim().toLowerCase();
  if (type.name === 'numeric') return `numeric(${type.precision},${type.scale})`;
  if (type.name === 'varchar' || type.name === 'char') return `${type.name}(${type.length})`;
  return type.name;
}

export function isText(type: ColumnType): boolean {
  return ['varchar', 'char', 'text', 'json', 'uuid'].includes(type.name);
}

/** Spark SQL. Both timestamps are Spark's TIMESTAMP (UTC micros): timestamp_ntz has no safe home in Spectrum. */
export function sparkType(type: ColumnType): string {
  switch (type.name) {
    case 'smallint':
      return 'SMALLINT';
    case 'integer':
      return 'INT';
    case 'bigint':
      return 'BIGINT';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'double':
      return 'DOUBLE';
    case 'numeric':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'timestamptz':
    case 'timestamp':
      return 'TIMESTAMP';
    default:
      return 'STRING';
  }
}

/** Hive, as the Glue catalog and Spectrum read it. */
export function hiveType(type: ColumnType): string {
  return sparkType(type).toLowerCase();
}

/** Redshift. VARCHAR counts bytes, so a character takes up to 4 (UTF-8). */
export function redshiftType(type: ColumnType): string {
  switch (type.name) {
    case 'smallint':
      return 'SMALLINT';
    case 'integer':
      return 'INTEGER';
    case 'double':
      return 'DOUBLE PRECISION';
    case 'timestamptz':
    case 'timestamp':
      return 'TIMESTAMP';
    case 'varchar':
    case 'char':
      return `VARCHAR(${Math.min(type.length * 4, 65_535)})`;
    case 'text':
    case 'json':
      return 'VARCHAR(65535)';
    case 'uuid':
      return 'VARCHAR(36)';
    default:
      return sparkType(type);
  }
}

/** What parquetjs-lite's footer says of a column that Spark wrote, see ports/parquet. */
export function parquetType(type: ColumnType): string {
  switch (type.name) {
    case 'smallint':
      return 'INT32/INT_16';
    case 'integer':
      return 'INT32';
    case 'bigint':
      return 'INT64';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'INT32/DATE';
    case 'double':
      return 'DOUBLE';
    case 'timestamptz':
    case 'timestamp':
      return 'INT64/TIMESTAMP_MICROS';
    case 'numeric': {
      const physical =
        type.precision <= 9 ? 'INT32' : type.precision <= 18 ? 'INT64' : 'FIXED_LEN_BYTE_ARRAY';
      return `${physical}/DECIMAL(${type.precision},${type.scale})`;
    }
    default:
      return 'BYTE_ARRAY/UTF8';
  }
}
