import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDecimalType,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';

/** A value as GetStatementResult sends it; exactly one member is set. */
export type Field =
  | { isNull: true }
  | { stringValue: string }
  | { longValue: number }
  | { doubleValue: number }
  | { booleanValue: boolean };

/** A column of a result, as GetStatementResult describes it. */
interface ColumnMetadata {
  name: string;
  label: string;
  typeName: string;
  length: number;
  precision: number;
  scale: number;
  nullable: number;
  isSigned: boolean;
  isCaseSensitive: boolean;
  isCurrency: boolean;
}

/** All rows of a query. */
export interface ResultSet {
  columns: ColumnMetadata[];
  rows: Field[][];
}

/** Runs a query and gives its rows in the Data API's form. */
export async function readResultSet(connection: DuckDBConnection, sql: string): Promise<ResultSet> {
  const reader = await connection.runAndReadAll(sql);
  const types = reader.columnTypes();
  const columns = reader.columnNames().map((name, index) => describe(name, types[index] as DuckDBType));
  const kinds = columns.map((column) => column.typeName);
  const rows = reader.getRows().map((row) => row.map((value, index) => toField(value, kinds[index] ?? '')));
  return { columns, rows };
}

const typeNames: Partial<Record<DuckDBTypeId, string>> = {
  [DuckDBTypeId.BOOLEAN]: 'bool',
  [DuckDBTypeId.TINYINT]: 'int2',
  [DuckDBTypeId.SMALLINT]: 'int2',
  [DuckDBTypeId.INTEGER]: 'int4',
  [DuckDBTypeId.BIGINT]: 'int8',
  [DuckDBTypeId.UINTEGER]: 'int8',
  [DuckDBTypeId.FLOAT]: 'float4',
  [DuckDBTypeId.DOUBLE]: 'float8',
  [DuckDBTypeId.DECIMAL]: 'numeric',
  [DuckDBTypeId.DATE]: 'date',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamptz',
  [DuckDBTypeId.INTERVAL]: 'interval',
  // Sums over a window, for which no macro can give the type; Redshift's is BIGINT for integers.
  [DuckDBTypeId.HUGEINT]: 'int8',
};

/** Redshift's name of an engine type. */
function typeName(type: DuckDBType): string {
  return typeNames[type.typeId] ?? 'varchar';
}

function describe(name: string, type: DuckDBType): ColumnMetadata {
  const kind = typeName(type);
  const isDecimal = type instanceof DuckDBDecimalType;
  return {
    name,
    label: name,
    typeName: kind,
    length: 0,
    precision: isDecimal ? type.width : 0,
    scale: isDecimal ? type.scale : 0,
    nullable: 1,
    isSigned: /^(int|float|numeric)/.test(kind),
    isCaseSensitive: kind === 'varchar',
    isCurrency: false,
  };
}

function toField(value: DuckDBValue, kind: string): Field {
  if (value === null) return { isNull: true };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (kind.startsWith('int') && kind !== 'interval') return { longValue: Number(value) };
  if (kind.startsWith('float')) return { doubleValue: Number(value) };
  if (value instanceof DuckDBBlobValue) return { stringValue: Buffer.from(value.bytes).toString('hex') };
  return { stringValue: String(value) };
}

/** Bytes that a result takes, roughly as Redshift counts them. */
export function resultSizeBytes({ rows }: ResultSet): number {
  let size = 0;
  for (const row of rows) {
    for (const field of row) size += 'stringValue' in field ? Buffer.byteLength(field.stringValue) : 8;
  }
  return size;
}
