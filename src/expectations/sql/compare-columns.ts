import { CannotCheck } from '../cannot-check.ts';
import { type ColumnType, isNumeric } from '../column-type.ts';
import type { ColumnRef } from './column-ref.ts';

/** Condition that two columns hold the same value; NULL or false where one is missing. Values of unlike types differ. */
export function isEqual(a: ColumnRef, b: ColumnRef): string {
  return areAlike(a.type, b.type) ? `${a.value} = ${b.value}` : 'false';
}

/** Condition that two columns hold the same value, or are both missing. Values of unlike types differ. */
export function isSame(a: ColumnRef, b: ColumnRef): string {
  return areAlike(a.type, b.type)
    ? `${a.value} is not distinct from ${b.value}`
    : `(${a.isMissing} and ${b.isMissing})`;
}

/** Throws `CannotCheck` where values of two columns have no common order. */
export function refuseUnlike(a: ColumnRef, b: ColumnRef): void {
  if (areAlike(a.type, b.type)) return;
  throw new CannotCheck(
    `column "${a.name}" is ${a.type.declared} and column "${b.name}" is ${b.type.declared}; they cannot be compared`,
  );
}

function areAlike(a: ColumnType, b: ColumnType): boolean {
  return kindOf(a) === kindOf(b);
}

function kindOf(type: ColumnType): string {
  if (isNumeric(type)) return 'number';
  if (['date', 'timestamp', 'timestamptz'].includes(type.family)) return 'instant';
  return ['text', 'json', 'other'].includes(type.family) ? 'text' : type.family;
}
