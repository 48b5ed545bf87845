import type { ColumnRef } from './column-ref.ts';
import type { Dialect } from './dialect.ts';
import { literalFor } from './literal.ts';

/** Condition that a value is in a set. Members that no value of the column's type can equal are left out. */
export function isInSet(subject: ColumnRef, values: readonly unknown[], dialect: Dialect): string {
  const literals = values
    .map((value) => literalFor(subject, value, dialect))
    .filter((literal) => literal !== null);
  return literals.length === 0 ? 'false' : `${subject.value} in (${literals.join(', ')})`;
}

/** Condition that a value is outside a set; NULL where it cannot be read. */
export function isOutsideSet(subject: ColumnRef, values: readonly unknown[], dialect: Dialect): string {
  const inside = isInSet(subject, values, dialect);
  return inside === 'false' ? `${subject.value} is not null` : `not (${inside})`;
}
