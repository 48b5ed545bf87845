import { CannotCheck } from '../cannot-check.ts';
import { isNumeric, isTemporal } from '../column-type.ts';
import { parseTime } from '../parse-time.ts';
import type { ColumnRef } from './column-ref.ts';
import type { Dialect } from './dialect.ts';

/**
 * A value of a suite as a literal that compares with the column, or null when no value of the column's type can
 * equal it (a word against a number).
 */
export function literalFor(column: ColumnRef, value: unknown, dialect: Dialect): string | null {
  const { family } = column.type;
  if (typeof value === 'number') {
    if (isNumeric(column.type)) return dialect.number(value);
    return family === 'boolean' && (value === 0 || value === 1) ? String(value === 1) : null;
  }
  if (typeof value === 'boolean') {
    if (family === 'boolean') return String(value);
    return isNumeric(column.type) ? dialect.number(value ? 1 : 0) : null;
  }
  if (typeof value !== 'string') return null;
  if (isTemporal(column.type)) {
    const iso = parseTime(value, column.type);
    return iso === null ? null : dialect.typed(iso, column.type);
  }
  if (family === 'decimal' || family === 'integer') return null;
  if (family === 'uuid') {
    return /^[0-9a-f-]{32,36}$/i.test(value) ? dialect.typed(value, column.type) : null;
  }
  return family === 'text' || family === 'json' || family === 'other' ? dialect.string(value) : null;
}

/** A bound as a literal that orders with the column. Throws `CannotCheck` when the two have no common order. */
export function boundFor(column: ColumnRef, value: unknown, kwarg: string, dialect: Dialect): string {
  const literal = literalFor(column, value, dialect);
  const isOrdered = column.type.family !== 'boolean' && typeof value !== 'boolean';
  if (literal === null || !isOrdered) {
    throw new CannotCheck(
      `column "${column.name}" is ${column.type.declared}: ${kwarg} ${JSON.stringify(value)} cannot be compared with it; ` +
        'column values, min_value and max_value must be of one type',
    );
  }
  return literal;
}
