import { createRequire } from 'node:module';
import type { Column } from './shapes.ts';

/** Reads so many bytes of an object from an offset. */
export type ReadRange = (offset: number, length: number) => Promise<Buffer>;

interface SchemaElement {
  name: string;
  type: number | null;
  converted_type: number | null;
  num_children: number | null;
  precision: number | null;
  scale: number | null;
}

interface EnvelopeReader {
  readHeader(): Promise<void>;
  readFooter(): Promise<{ schema: SchemaElement[] }>;
}

const { ParquetEnvelopeReader } = createRequire(import.meta.url)('parquetjs-lite') as {
  ParquetEnvelopeReader: new (read: ReadRange, close: () => void, size: number) => EnvelopeReader;
};

// Numbers of the Parquet format.
const physicalTypes = ['boolean', 'int', 'bigint', 'timestamp', 'float', 'double', 'binary', 'binary'];
const convertedTypes: Record<number, string | undefined> = {
  0: 'string',
  4: 'string',
  6: 'date',
  9: 'timestamp',
  10: 'timestamp',
  15: 'tinyint',
  16: 'smallint',
  19: 'string',
};
const decimal = 5;

/** The columns of a Parquet file as a crawler would catalog them, in Hive's types. Nested columns become `string`. */
export async function readParquetColumns(read: ReadRange, sizeBytes: number): Promise<Column[]> {
  const reader = new ParquetEnvelopeReader(read, () => undefined, sizeBytes);
  await reader.readHeader();
  const { schema } = await reader.readFooter();
  const columns: Column[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let left = schema[at]?.num_children ?? 0; left > 0; left -= 1) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at)) {
    const element = schema[at] as SchemaElement;
    columns.push({ Name: element.name.toLowerCase(), Type: hiveType(element) });
  }
  return columns;
}

function hiveType(element: SchemaElement): string {
  const { type, converted_type: converted } = element;
  if (type === null || (element.num_children ?? 0) > 0) return 'string';
  if (converted === decimal) return `decimal(${element.precision ?? 10},${element.scale ?? 0})`;
  return (converted === null ? undefined : convertedTypes[converted]) ?? physicalTypes[type] ?? 'string';
}
