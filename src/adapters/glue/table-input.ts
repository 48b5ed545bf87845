import type { PartitionInput, StorageDescriptor, TableInput } from '@aws-sdk/client-glue';
import type { CatalogTable } from '../../ports/catalog.ts';

/** Glue's limits, in characters. */
const MAX_COMMENT = 255;
const MAX_DESCRIPTION = 2_048;

/** An external Parquet table as Glue, Spectrum, Athena and Spark read it. */
export function toTableInput(table: CatalogTable): TableInput {
  return {
    Name: table.name,
    Description: table.description.slice(0, MAX_DESCRIPTION),
    TableType: 'EXTERNAL_TABLE',
    Parameters: { EXTERNAL: 'TRUE', classification: 'parquet', ...table.parameters },
    PartitionKeys: table.partitionKey
      ? [{ Name: table.partitionKey.name, Type: table.partitionKey.type }]
      : [],
    StorageDescriptor: toStorage(table, table.location),
  };
}

export function toPartitionInput(
  table: CatalogTable,
  { value, location, rowCount }: CatalogTable['partitions'][number],
): PartitionInput {
  return {
    Values: [value],
    StorageDescriptor: toStorage(table, location),
    Parameters: { classification: 'parquet', numRows: String(rowCount) },
  };
}

function toStorage({ columns }: CatalogTable, location: string): StorageDescriptor {
  return {
    Columns: columns.map(({ name, type, comment }) => ({
      Name: name,
      Type: type,
      Comment: comment === '' ? undefined : comment.slice(0, MAX_COMMENT),
    })),
    Location: location,
    InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    SerdeInfo: {
      SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
      Parameters: { 'serialization.format': '1' },
    },
  };
}

/** Whether what Glue has holds all that is wanted; it adds defaults of its own and leaves out empty lists. */
export function holds(actual: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted)) {
    const items: readonly unknown[] = Array.isArray(actual) ? actual : [];
    return items.length === wanted.length && wanted.every((item, index) => holds(items[index], item));
  }
  if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
  if (typeof actual !== 'object' || actual === null) return false;
  const members = new Map(Object.entries(actual));
  return Object.entries(wanted).every(([name, value]) => holds(members.get(name), value));
}
