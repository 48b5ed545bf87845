/** What a value can be compared with and how it is written in a result. */
type TypeFamily =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'text'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'time'
  | 'uuid'
  | 'json'
  | 'binary'
  | 'other';

/** A column's type without any engine's spelling. `bytes` is the width of integers and floats. */
export interface ColumnType {
  readonly family: TypeFamily;
  readonly bytes?: number;
  readonly precision?: number;
  readonly scale?: number;
  /** The name as the contract or the engine gave it, in upper case. */
  readonly declared: string;
}

const WIDTHS: Record<string, number> = {
  TINYINT: 1,
  INT1: 1,
  UTINYINT: 2,
  SMALLINT: 2,
  INT2: 2,
  SMALLSERIAL: 2,
  USMALLINT: 4,
  INTEGER: 4,
  INT: 4,
  INT4: 4,
  SERIAL: 4,
  UINTEGER: 8,
  BIGINT: 8,
  INT8: 8,
  BIGSERIAL: 8,
  UBIGINT: 16,
  HUGEINT: 16,
  UHUGEINT: 16,
};

const FAMILIES: Record<string, TypeFamily> = {
  DECIMAL: 'decimal',
  NUMERIC: 'decimal',
  BOOLEAN: 'boolean',
  BOOL: 'boolean',
  TEXT: 'text',
  VARCHAR: 'text',
  'CHARACTER VARYING': 'text',
  CHARACTER: 'text',
  CHAR: 'text',
  BPCHAR: 'text',
  CITEXT: 'text',
  STRING: 'text',
  NAME: 'text',
  ENUM: 'text',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITHOUT TIME ZONE': 'timestamp',
  DATETIME: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMPTZ: 'timestamptz',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  TIME: 'time',
  'TIME WITHOUT TIME ZONE': 'time',
  UUID: 'uuid',
  JSON: 'json',
  JSONB: 'json',
  BYTEA: 'binary',
  BLOB: 'binary',
  BINARY: 'binary',
};

/** Reads an SQL type name (PostgreSQL's, DuckDB's or Spark's). Unknown names are kept as text of family `other`. */
export function parseColumnType(name: string): ColumnType {
  const declared = name.trim().toUpperCase().replace(/\s+/g, ' ');
  const [, numbers = ''] = /\(([^)]*)\)/.exec(declared) ?? [];
  const base = declared.replace(/\s*\([^)]*\)/, '').trim();
  const bytes = WIDTHS[base];
  if (declared.endsWith(']')) return { family: 'other', declared };
  if (bytes !== undefined) return { family: 'integer', bytes, declared };
  if (['DOUBLE PRECISION', 'DOUBLE', 'FLOAT8', 'FLOAT'].includes(base)) {
    return { family: 'float', bytes: 8, declared };
  }
  if (base === 'REAL' || base === 'FLOAT4') return { family: 'float', bytes: 4, declared };
  const family = FAMILIES[base];
  if (family === 'decimal') {
    const [precision, scale] = numbers.split(',').map((part) => Number.parseInt(part, 10));
    return {
      family,
      precision: precision || undefined,
      scale: precision ? (scale ?? 0) : undefined,
      declared,
    };
  }
  return { family: family ?? 'other', declared };
}

/** Whether values of the type are numbers. */
export function isNumeric(type: ColumnType): boolean {
  return type.family === 'integer' || type.family === 'decimal' || type.family === 'float';
}

/** Whether values of the type are dates, instants or times of day. */
export function isTemporal(type: ColumnType): boolean {
  return ['date', 'timestamp', 'timestamptz', 'time'].includes(type.family);
}
