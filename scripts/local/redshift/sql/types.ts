import { RedshiftError, unsupported } from '../errors.ts';
import { Cursor } from './cursor.ts';
import { isWord, type Node, splitCommas } from './tree.ts';

/** A Redshift data type and what stands for it here. */
export interface DataType {
  /** As svv_columns names it: `character varying(20)`, `numeric(10,2)`. */
  display: string;
  /** The DuckDB type; lengths of strings are checked apart, in bytes. */
  duckdb: string;
  /** Name an unaliased cast of a literal gives its column. */
  short: string;
  /** Longest value of a string type, in bytes. */
  maxBytes?: number;
  /** CHAR rather than VARCHAR. */
  isFixedLength?: boolean;
}

const plain: Record<string, Omit<DataType, 'maxBytes'>> = {};
function define(names: string, display: string, duckdb: string, short: string): void {
  for (const name of names.split(' ')) plain[name] = { display, duckdb, short };
}
define('int integer int4', 'integer', 'INTEGER', 'int4');
define('bigint int8', 'bigint', 'BIGINT', 'int8');
define('smallint int2', 'smallint', 'SMALLINT', 'int2');
define('real float4', 'real', 'REAL', 'float4');
define('float float8', 'double precision', 'DOUBLE', 'float8');
define('boolean bool', 'boolean', 'BOOLEAN', 'bool');
define('date', 'date', 'DATE', 'date');
define('timestamptz', 'timestamp with time zone', 'TIMESTAMPTZ', 'timestamptz');

const maxVarcharBytes = 65_535;
const maxCharBytes = 4_096;

/** Reads a type: `integer`, `varchar(20)`, `double precision`, `timestamp without time zone` ... */
export function readType(cursor: Cursor): DataType {
  const name = cursor.identifier();
  const found = plain[name];
  if (found !== undefined) return found;
  switch (name) {
    case 'double':
      cursor.expect('precision');
      return { display: 'double precision', duckdb: 'DOUBLE', short: 'float8' };
    case 'timestamp':
      if (cursor.take('with', 'time', 'zone')) return plain.timestamptz as DataType;
      cursor.take('without', 'time', 'zone');
      return { display: 'timestamp without time zone', duckdb: 'TIMESTAMP', short: 'timestamp' };
    case 'decimal':
    case 'numeric':
    case 'dec':
      return readDecimal(cursor);
    case 'varchar':
    case 'nvarchar':
    case 'text':
      return varchar(readLength(cursor, 256, maxVarcharBytes));
    case 'character':
      if (cursor.take('varying')) return varchar(readLength(cursor, 256, maxVarcharBytes));
      return char(readLength(cursor, 1, maxCharBytes));
    case 'char':
    case 'nchar':
      return char(readLength(cursor, 1, maxCharBytes));
    case 'bpchar':
      return char(256);
    default:
      throw unsupported(`type ${name}`);
  }
}

/** The type whose text is all of these nodes. */
export function parseType(nodes: readonly Node[]): DataType {
  const cursor = new Cursor(nodes);
  const type = readType(cursor);
  cursor.expectEnd();
  return type;
}

function readDecimal(cursor: Cursor): DataType {
  const parts = splitCommas(cursor.takeGroup()?.items ?? []);
  const precision = parts[0] === undefined ? 18 : new Cursor(parts[0]).integer();
  const scale = parts[1] === undefined ? 0 : new Cursor(parts[1]).integer();
  if (parts.length > 2 || precision < 1 || precision > 38) {
    throw new RedshiftError(`NUMERIC precision ${precision} must be between 1 and 38`);
  }
  if (scale < 0 || scale > precision) {
    throw new RedshiftError(`NUMERIC scale ${scale} must be between 0 and precision ${precision}`);
  }
  return {
    display: `numeric(${precision},${scale})`,
    duckdb: `DECIMAL(${precision},${scale})`,
    short: 'numeric',
  };
}

function readLength(cursor: Cursor, standard: number, max: number): number {
  const group = cursor.takeGroup();
  if (group === undefined) return standard;
  if (isWord(group.items[0], 'max') && group.items.length === 1) return max;
  const inner = new Cursor(group.items);
  const length = inner.integer();
  inner.expectEnd();
  if (length < 1 || length > max) throw new RedshiftError(`length for type must be between 1 and ${max}`);
  return length;
}

/** VARCHAR of so many bytes. */
export function varchar(maxBytes: number): DataType {
  return { display: `character varying(${maxBytes})`, duckdb: 'VARCHAR', short: 'varchar', maxBytes };
}

function char(maxBytes: number): DataType {
  return {
    display: `character(${maxBytes})`,
    duckdb: 'VARCHAR',
    short: 'bpchar',
    maxBytes,
    isFixedLength: true,
  };
}
