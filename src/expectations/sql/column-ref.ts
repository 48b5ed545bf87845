import type { ColumnType } from '../column-type.ts';
import { parseColumnType } from '../column-type.ts';
import type { Dialect, TypedSql } from './dialect.ts';
import type { SourceColumn } from './schema.ts';

const TEXT = parseColumnType('text');

/** A column inside a query: the SQL of its typed value, of its text, and of its being missing or unreadable. */
export interface ColumnRef {
  readonly name: string;
  readonly type: ColumnType;
  readonly isMasked: boolean;
  readonly value: string;
  /** The value as stored: text, or the typed value. */
  readonly stored: TypedSql;
  /** The text as stored, or the text of the typed value. */
  readonly text: string;
  readonly isMissing: string;
  /** Condition that a stored text does not read as the column's type; null where that cannot happen. */
  readonly isUnreadable: string | null;
}

/** The column at a position of a source, as queries over the source's FROM clause name it. */
export function columnRef(column: SourceColumn, index: number, dialect: Dialect): ColumnRef {
  const value = `b.c${index}`;
  const stored = column.isText ? `b.r${index}` : value;
  return {
    name: column.name,
    type: column.type,
    isMasked: column.isMasked,
    value,
    stored: { sql: stored, type: column.isText ? TEXT : column.type },
    text: column.isText ? stored : dialect.toText(value, column.type),
    isMissing: `${stored} is null`,
    isUnreadable: column.isText ? `(${stored} is not null and ${value} is null)` : null,
  };
}
