import type { ColumnType } from './column-type.ts';

/** Names of types in SQL, pandas, NumPy, Python and Spark -> whether a column is of that type. */
const NAMES: Record<string, (type: ColumnType) => boolean> = {};

function define(test: (type: ColumnType) => boolean, ...names: string[]): void {
  for (const name of names) NAMES[name] = test;
}

const isInteger = (bytes: number) => (type: ColumnType) => type.family === 'integer' && type.bytes === bytes;
const isFamily = (family: ColumnType['family']) => (type: ColumnType) => type.family === family;

define(isInteger(1), 'TINYINT', 'BYTETYPE', 'INT_8');
define(isInteger(2), 'SMALLINT', 'INT2', 'SHORTTYPE', 'INT16');
define(isInteger(4), 'INTEGER', 'INT4', 'INTEGERTYPE', 'INT32');
define(isInteger(8), 'BIGINT', 'INT8', 'LONGTYPE');
define(isInteger(16), 'HUGEINT');
define(isFamily('integer'), 'INT', 'INT64', 'BIGINTEGER', 'LONG');
define(isFamily('decimal'), 'DECIMAL', 'NUMERIC', 'DECIMALTYPE');
define(isFamily('float'), 'FLOAT', 'FLOAT64', 'DOUBLE', 'DOUBLE_PRECISION', 'DOUBLETYPE', 'FLOAT8', 'FLOAT_');
define((type) => type.family === 'float' && type.bytes === 4, 'REAL', 'FLOAT4', 'FLOATTYPE', 'FLOAT32');
define(isFamily('boolean'), 'BOOLEAN', 'BOOL', 'BOOLEANTYPE', 'BOOL_');
define(
  isFamily('text'),
  'TEXT',
  'VARCHAR',
  'STRING',
  'STR',
  'OBJECT',
  'OBJECT_',
  'STRINGTYPE',
  'CHAR',
  'CHARACTER_VARYING',
);
define(isFamily('date'), 'DATE', 'DATETYPE');
define(
  isFamily('timestamp'),
  'TIMESTAMP',
  'DATETIME',
  'DATETIME64',
  'DATETIME64[NS]',
  'TIMESTAMPNTZTYPE',
  'TIMESTAMP_WITHOUT_TIME_ZONE',
);
define(isFamily('timestamptz'), 'TIMESTAMPTZ', 'TIMESTAMP_WITH_TIME_ZONE', 'TIMESTAMPTYPE');
define(isFamily('time'), 'TIME');
define(isFamily('uuid'), 'UUID');
define(isFamily('json'), 'JSON', 'JSONB');
define(isFamily('binary'), 'BYTEA', 'BLOB', 'BINARY', 'BINARYTYPE');

/** Whether a column is of the named type. Null when the name is of no known type and is not the declared one. */
export function isOfType(type: ColumnType, name: string): boolean | null {
  const wanted = name.trim().toUpperCase().replace(/\s+/g, ' ');
  if (wanted === type.declared) return true;
  const test = NAMES[wanted.replace(/\s*\([^)]*\)/, '').replaceAll(' ', '_')];
  if (test === undefined) return null;
  if (wanted.includes('('))
    return wanted.replaceAll(' ', '') === type.declared.replaceAll(' ', '').replace('NUMERIC', 'DECIMAL');
  return test(type);
}
