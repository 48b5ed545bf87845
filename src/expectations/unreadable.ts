import { CannotCheck } from './cannot-check.ts';
import type { Cell } from './check.ts';
import { countOf } from './context.ts';
import type { ColumnRef } from './sql/column-ref.ts';
import type { Dialect } from './sql/dialect.ts';
import { allOf } from './sql/logic.ts';

/** Counts the stored texts of a column that do not read as its type. */
export function countUnreadable(subject: ColumnRef, domain: string | null, dialect: Dialect): string {
  return dialect.countIf(allOf(domain, subject.isUnreadable ?? 'false'));
}

/** Throws `CannotCheck` when there are such texts: a figure of the others would be a figure of something else. */
export function refuseUnreadable(subject: ColumnRef, counted: Cell | undefined): void {
  const count = countOf(counted);
  if (count === 0) return;
  const values = count === 1 ? '1 value' : `${count} values`;
  throw new CannotCheck(`${values} of column "${subject.name}" cannot be read as ${subject.type.declared}`);
}
