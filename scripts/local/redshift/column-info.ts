import type { DataType } from './sql/types.ts';

/** A column as it was declared; DuckDB knows neither byte lengths nor keys. */
export interface ColumnInfo {
  name: string;
  /** Type as svv_columns names it. */
  type: string;
  maxBytes: number | null;
  isFixedLength: boolean;
  isNullable: boolean;
  defaultText: string | null;
  /** `always` refuses given values. */
  identity: 'always' | 'default' | null;
  sequence: string | null;
  encoding: string | null;
  isDistKey: boolean;
  /** Position in the sort key, from 1; 0 for none. */
  sortKey: number;
}

/** A column that was declared with nothing but its type. */
export function plainColumn(name: string, type: DataType): ColumnInfo {
  return {
    name,
    type: type.display,
    maxBytes: type.maxBytes ?? null,
    isFixedLength: type.isFixedLength === true,
    isNullable: true,
    defaultText: null,
    identity: null,
    sequence: null,
    encoding: null,
    isDistKey: false,
    sortKey: 0,
  };
}

/** A value on its way into a column: strings that are too long fail as in Redshift. */
export function fitColumn(value: string, { maxBytes, isFixedLength }: ColumnInfo): string {
  if (maxBytes === null) return value;
  return `memory.fn.${isFixedLength ? 'fit_char' : 'fit_varchar'}(CAST(${value} AS VARCHAR), ${maxBytes})`;
}
