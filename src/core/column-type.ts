import { longestText, PRINTED_TYPES, refusalOf } from './printed-types.ts';

/**
 * The column types of a contract, in PostgreSQL's words, and what each becomes on its way. Types that every place
 * holds exactly become native ones; all others are `printed`: text, letter by letter as PostgreSQL prints it.
 * Source: shared type tables of Spark, Parquet, Glue and Redshift; see docs/types.md.
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
        | 'double'
        | 'real';
    }
  | { readonly name: 'numeric'; readonly precision: number; readonly scale: number }
  | { readonly name: 'varchar' | 'char'; readonly length: number }
  | { readonly name: 'text' | 'json' | 'uuid' }
  | {
      readonly name: 'printed';
      /** One spelling of the type, such as `interval`, `integer[]` or `public.order_status`. */
      readonly as: string;
      /** Longest value in bytes, at most 65,535. */
      readonly maxBytes: number;
    };

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
  float4: 'real',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
  'bit varying': 'varbit',
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
  'real',
  'text',
  'json',
  'uuid',
]);

/** Names that a person may write, for error messages. */
const TYPE_EXAMPLES =
  'smallint, integer, bigint, numeric(p,s), numeric, real, double precision, boolean, date, timestamptz, timestamp, time, interval, varchar(n), char(n), text, uuid, json, bytea, inet, integer[], or a qualified name such as public.order_status';

/**
 * Parses a type as PostgreSQL's `format_type` or a person writes it; null when it is not one of the supported types
 * (`explainBadType` says why).
 */
export function parseColumnType(text: string): ColumnType | null {
  const written = text.trim();
  if (written.endsWith('[]')) {
    // PostgreSQL prints one pair of brackets for arrays of any dimensions.
    const element = parseColumnType(written.replace(/(?:\s*\[\])+$/, ''));
    return element && { name: 'printed', as: `${describeType(element)}[]`, maxBytes: MAX_VARCHAR_BYTES };
  }
  if (QUALIFIED.test(written)) return qualifiedType(written);
  const match =
    /^("?[a-z0-9_ ]+?"?)\s*(?:\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\))?( with time zone| without time zone)?$/i.exec(
      written,
    );
  if (!match) return null;
  const words = `${match[1]!.toLowerCase()}${match[4]?.toLowerCase() ?? ''}`;
  const name = ALIASES[words] ?? words;
  const first = match[2] === undefined ? undefined : Number(match[2]);
  const second = match[3] === undefined ? undefined : Number(match[3]);
  if (name === 'numeric') return numericType(first, second ?? 0);
  if (name === 'varchar' || name === 'char') {
    if (name === 'varchar' && first === undefined) return { name: 'text' };
    const length = first ?? 1;
    return length < 1 || length > MAX_VARCHAR_BYTES ? null : { name, length };
  }
  // Fewer digits of a second print the same way, so they make no other type.
  if (name === 'timestamptz' || name === 'timestamp') return { name };
  const printed = PRINTED_TYPES.get(intervalOf(name));
  if (printed) return { name: 'printed', as: printed.nameOf(first), maxBytes: printed.maxBytes };
  if (!PLAIN.has(name) || first !== undefined) return null;
  return { name } as ColumnType;
}

/** Longest VARCHAR of Redshift, in bytes. */
const MAX_VARCHAR_BYTES = 65_535;

/** Two identifiers with a dot between, each bare or in double quotes: types that a database defines itself. */
const QUALIFIED = /^(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")\.(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")$/i;

/** Types of extensions, which live in the schema that somebody chose. */
const OF_EXTENSIONS = /\.(citext|hstore|ltree)$/i;

function qualifiedType(written: string): ColumnType {
  const extension = OF_EXTENSIONS.exec(written)?.[1];
  if (extension) return parseColumnType(extension)!;
  const as = written.replace(/"(?:[^"]|"")+"|[^"]+/g, (part) =>
    part.startsWith('"') ? part : part.toLowerCase(),
  );
  return { name: 'printed', as, maxBytes: MAX_VARCHAR_BYTES };
}

/** DECIMAL holds up to 38 digits; a numeric without bounds, or with wider ones, is text. */
function numericType(precision: number | undefined, scale: number): ColumnType | null {
  if (precision === undefined) return { name: 'printed', as: 'numeric', maxBytes: MAX_VARCHAR_BYTES };
  if (precision < 1 || precision > 1000 || scale < -1000 || scale > 1000) return null;
  if (precision <= 38 && scale >= 0 && scale <= precision) return { name: 'numeric', precision, scale };
  const maxBytes = longestText(precision, scale);
  return { name: 'printed', as: `numeric(${precision},${scale})`, maxBytes };
}

/** `interval day to second` and the like restrict what is stored, not how it is printed. */
function intervalOf(name: string): string {
  return /^interval( (year|month|day|hour|minute|second)( to (month|hour|minute|second))?)?$/.test(name)
    ? 'interval'
    : name;
}

/** Why `parseColumnType` gives null, and what to write instead. */
export function explainBadType(text: string): string {
  return refusalOf(text) ?? `not a supported type; use one of ${TYPE_EXAMPLES}`;
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
  return type ? describeType(type) : text.trim().toLowerCase();
}

/** The one spelling of a type. */
export function describeType(type: ColumnType): string {
  switch (type.name) {
    case 'printed':
      return type.as;
    case 'numeric':
      return `numeric(${type.precision},${type.scale})`;
    case 'varchar':
    case 'char':
      return `${type.name}(${type.length})`;
    default:
      return type.name;
  }
}

export function isText(type: ColumnType): boolean {
  return ['varchar', 'char', 'text', 'json', 'uuid', 'printed'].includes(type.name);
}

/** Bytes of the longest text that the warehouse's column takes; null for types that are not text. VARCHAR counts bytes, a character takes up to 4. */
export function maxTextBytes(type: ColumnType): number | null {
  switch (type.name) {
    case 'varchar':
    case 'char':
      return Math.min(type.length * 4, MAX_VARCHAR_BYTES);
    case 'text':
    case 'json':
      return MAX_VARCHAR_BYTES;
    case 'uuid':
      return 36;
    case 'printed':
      return type.maxBytes;
    default:
      return null;
  }
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
    case 'real':
      return 'FLOAT';
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

/** Redshift. Text is a VARCHAR of `maxTextBytes`. */
export function redshiftType(type: ColumnType): string {
  const maxBytes = maxTextBytes(type);
  if (maxBytes !== null) return `VARCHAR(${maxBytes})`;
  switch (type.name) {
    case 'smallint':
      return 'SMALLINT';
    case 'integer':
      return 'INTEGER';
    case 'double':
      return 'DOUBLE PRECISION';
    case 'real':
      return 'REAL';
    case 'timestamptz':
    case 'timestamp':
      return 'TIMESTAMP';
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
    case 'real':
      return 'FLOAT';
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
