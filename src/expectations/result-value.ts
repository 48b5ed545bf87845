import type { ColumnType } from './column-type.ts';
import type { ColumnRef } from './sql/column-ref.ts';
import type { ResultValue } from './types.ts';

/** What stands in a result for a value of a masked column. Missing values stay visible as null. */
export const MASK = '***';

/** The value of a result from its SQL text: numbers where JSON holds them exactly, else the text. */
export function resultValue(text: string | null, type: ColumnType): ResultValue {
  if (text === null) return null;
  switch (type.family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return exactNumber(text);
    case 'boolean':
      return text === 'true' || text === 't' ? true : text === 'false' || text === 'f' ? false : text;
    case 'timestamp':
    case 'timestamptz':
      return text.replace(' ', 'T').replace(/([+-]\d{2})$/, isoOffset(text));
    default:
      return text;
  }
}

/** What replaces an offset of hours alone, such as PostgreSQL's +00; a date's last part is none. */
function isoOffset(text: string): string {
  return /:\d{2}(\.\d+)?[+-]\d{2}$/.test(text) ? '$1:00' : '$1';
}

/** A number when JSON can hold all of its digits, else the text. */
export function exactNumber(text: string): ResultValue {
  if (!/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return text;
  const number = Number(text);
  const digits = text.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '');
  const isExact =
    text.includes('.') || /e/i.test(text)
      ? digits.replace(/0+$/, '').length <= 17
      : Number.isSafeInteger(number);
  return isExact ? number : text;
}

/** The value of a column for a result: masked where the column is. */
export function shownValue(text: string | null, column: Pick<ColumnRef, 'type' | 'isMasked'>): ResultValue {
  if (column.isMasked && text !== null) return MASK;
  return resultValue(text, column.type);
}
