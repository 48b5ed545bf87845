import { DuckDBDecimalType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { type ColumnInfo, plainColumn } from '../column-info.ts';
import type { Session } from '../session.ts';
import { type DataType, varchar } from '../sql/types.ts';

const types: Partial<Record<DuckDBTypeId, string>> = {
  [DuckDBTypeId.BOOLEAN]: 'boolean',
  [DuckDBTypeId.TINYINT]: 'smallint',
  [DuckDBTypeId.SMALLINT]: 'smallint',
  [DuckDBTypeId.INTEGER]: 'integer',
  [DuckDBTypeId.BIGINT]: 'bigint',
  [DuckDBTypeId.HUGEINT]: 'numeric(38,0)',
  [DuckDBTypeId.FLOAT]: 'real',
  [DuckDBTypeId.DOUBLE]: 'double precision',
  [DuckDBTypeId.DATE]: 'date',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp without time zone',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamp with time zone',
};

/** The columns that a translated query gives. String lengths are not known: every string gets the longest. */
export async function describeQuery(session: Session, sql: string): Promise<ColumnInfo[]> {
  const prepared = await session.connection.prepare(sql);
  try {
    return Array.from({ length: prepared.columnCount }, (_, index) =>
      plainColumn(prepared.columnName(index), dataType(prepared.columnType(index))),
    );
  } finally {
    prepared.destroySync();
  }
}

function dataType(type: DuckDBType): DataType {
  const duckdb = String(type);
  if (type instanceof DuckDBDecimalType) {
    return { display: `numeric(${type.width},${type.scale})`, duckdb, short: 'numeric' };
  }
  const display = types[type.typeId];
  return display === undefined ? varchar(65_535) : { display, duckdb, short: display };
}
