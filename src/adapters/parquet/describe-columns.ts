import type { SchemaElement } from 'parquetjs-lite';
import type { ParquetFooter } from '../../ports/parquet.ts';

/** By number, from parquet.thrift. */
const PHYSICAL_TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;

const CONVERTED_TYPES = [
  'UTF8',
  'MAP',
  'MAP_KEY_VALUE',
  'LIST',
  'ENUM',
  'DECIMAL',
  'DATE',
  'TIME_MILLIS',
  'TIME_MICROS',
  'TIMESTAMP_MILLIS',
  'TIMESTAMP_MICROS',
  'UINT_8',
  'UINT_16',
  'UINT_32',
  'UINT_64',
  'INT_8',
  'INT_16',
  'INT_32',
  'INT_64',
  'JSON',
  'BSON',
  'INTERVAL',
] as const;

const OPTIONAL = 1;
const REPEATED = 2;

/**
 * Top-level columns of a Parquet schema (depth first, root at its head). A group stands for what it nests:
 * `GROUP/LIST`, `GROUP/MAP`, `GROUP`. A repeated column outside of a list ends in `/REPEATED`.
 */
export function describeColumns(schema: readonly SchemaElement[]): ParquetFooter['columns'] {
  const columns: { name: string; type: string; nullable: boolean }[] = [];
  for (let index = 1; index < schema.length; index = endOf(schema, index)) {
    const element = schema[index]!;
    columns.push({
      name: String(element.name),
      type: typeOf(element),
      nullable: element.repetition_type === OPTIONAL,
    });
  }
  return columns;
}

/** Index behind an element and all that it nests. */
function endOf(schema: readonly SchemaElement[], index: number): number {
  if (index >= schema.length) throw new Error('its schema is cut short');
  let end = index + 1;
  for (let child = schema[index]?.num_children ?? 0; child > 0; child--) end = endOf(schema, end);
  return end;
}

function typeOf({ type, converted_type, precision, scale, repetition_type }: SchemaElement): string {
  const physical = type === null ? 'GROUP' : (PHYSICAL_TYPES[type] ?? `TYPE_${type}`);
  const converted = converted_type === null ? null : (CONVERTED_TYPES[converted_type] ?? `${converted_type}`);
  const details = converted === 'DECIMAL' ? `DECIMAL(${precision},${scale ?? 0})` : converted;
  return [physical, details, repetition_type === REPEATED ? 'REPEATED' : null]
    .filter((part) => part !== null)
    .join('/');
}
