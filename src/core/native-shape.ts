import { columnType, redshiftType } from './column-type.ts';
import type { Model } from './model.ts';

/** A column with its type in PostgreSQL's words. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** A column of a native table, as the warehouse describes it. */
export interface NativeColumn {
  readonly name: string;
  /** As in a CREATE TABLE of ours, such as `VARCHAR(200)`. */
  readonly type: string;
  readonly isNullable: boolean;
}

/** Columns of the native tables by table, in the table's order. */
export type NativeTables = ReadonlyMap<string, readonly NativeColumn[]>;

/** How a native table gets the columns of its publication. */
export interface TableShape {
  /** Columns of table and view, in the order that the table has afterwards. */
  readonly columns: readonly Column[];
  /** Added in place; the rows that are there have NULL in them. */
  readonly add: readonly Column[];
  /** Made anew, and loaded whole: Redshift changes no type in a transaction, and drops no column of a key. */
  readonly isNew: boolean;
  /** Whether its columns are other ones than before. */
  readonly hasChanged: boolean;
}

/** Compares a native table with the published columns of its model; a table that is not described is left as it is. */
export function planShape(
  { head }: Model,
  wanted: readonly Column[],
  have: readonly NativeColumn[],
): TableShape {
  const existing = new Map(have.map((column) => [column.name, column]));
  if (have.length === 0) return { columns: wanted, add: [], isNew: false, hasChanged: false };
  const missing = wanted.filter(({ name }) => !existing.has(name));
  const fits = wanted.every(({ name, type }) => {
    const column = existing.get(name);
    if (!column) return !head.key.includes(name);
    // A table that is stricter than the model would refuse rows; one that is less strict refuses none.
    const mayBeNull = (head.columns[name]?.nullable ?? true) && !head.key.includes(name);
    return column.type === redshiftType(columnType(type)) && (column.isNullable || !mayBeNull);
  });
  if (!fits || have.some(({ name }) => !wanted.some((each) => each.name === name))) return madeAnew(wanted);
  const kept = have.map(({ name }) => wanted.find((each) => each.name === name)!);
  return { columns: [...kept, ...missing], add: missing, isNew: false, hasChanged: missing.length > 0 };
}

/** A table that is dropped and created with these columns. */
export function madeAnew(columns: readonly Column[]): TableShape {
  return { columns, add: [], isNew: true, hasChanged: true };
}

/** A type as the warehouse's catalog tells it, in the words of a CREATE TABLE of ours. */
export function nativeType(
  dataType: string,
  length: number | null,
  precision: number | null,
  scale: number | null,
): string {
  switch (dataType) {
    case 'character varying':
      return `VARCHAR(${length})`;
    case 'numeric':
      return `DECIMAL(${precision},${scale})`;
    case 'timestamp without time zone':
      return 'TIMESTAMP';
    default:
      return dataType.toUpperCase();
  }
}
