import { RedshiftError } from '../errors.ts';
import type { DataType } from '../sql/types.ts';

/** A column type of Glue, what stands for it here, and which Parquet columns can be read as it. */
export interface ExternalType {
  type: DataType;
  /** Types as DuckDB names a Parquet column's. Spectrum neither widens nor narrows. */
  accepts: readonly string[];
}

const timestamps = ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP_NS'];

const simple: Record<string, ExternalType | undefined> = {
  tinyint: external('smallint', 'SMALLINT', 'int2', ['TINYINT']),
  smallint: external('smallint', 'SMALLINT', 'int2', ['SMALLINT']),
  int: external('integer', 'INTEGER', 'int4', ['INTEGER']),
  integer: external('integer', 'INTEGER', 'int4', ['INTEGER']),
  bigint: external('bigint', 'BIGINT', 'int8', ['BIGINT']),
  float: external('real', 'REAL', 'float4', ['FLOAT']),
  double: external('double precision', 'DOUBLE', 'float8', ['DOUBLE']),
  boolean: external('boolean', 'BOOLEAN', 'bool', ['BOOLEAN']),
  date: external('date', 'DATE', 'date', ['DATE']),
  timestamp: external('timestamp without time zone', 'TIMESTAMP', 'timestamp', timestamps),
  string: { ...external('character varying(65535)', 'VARCHAR', 'varchar', ['VARCHAR']) },
};

/** The meaning of a Glue type; refuses structs, arrays, maps and what Spectrum does not read. */
export function externalType(column: string, glueType: string): ExternalType {
  const text = glueType.trim().toLowerCase();
  const known = simple[text];
  if (known !== undefined) return known;
  const decimal = /^decimal(?:\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?$/.exec(text);
  if (decimal !== null) {
    const duckdb = `DECIMAL(${decimal[1] ?? 10},${decimal[2] ?? 0})`;
    return external(duckdb.replace('DECIMAL', 'numeric'), duckdb, 'numeric', [duckdb]);
  }
  const string = /^(varchar|char)\s*\(\s*(\d+)\s*\)$/.exec(text);
  if (string !== null) {
    const display = `${string[1] === 'char' ? 'character' : 'character varying'}(${string[2]})`;
    const { type, accepts } = external(display, 'VARCHAR', 'varchar', ['VARCHAR']);
    return { type: { ...type, maxBytes: Number(string[2]) }, accepts };
  }
  throw new RedshiftError(`column "${column}" of the external table has the unsupported type ${glueType}`);
}

function external(display: string, duckdb: string, short: string, accepts: readonly string[]): ExternalType {
  return { type: { display, duckdb, short }, accepts };
}
