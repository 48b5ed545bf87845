import { CannotCheck } from '../cannot-check.ts';
import type { Check } from '../check.ts';
import { column, openScope, type Session } from '../context.ts';
import { isOfType } from '../type-names.ts';
import { checkValues, type ValueKwargs } from './check-values.ts';

/**
 * Judges a column's type. Where the data is text (CSV), each value has to read as that type too, and those that do not
 * are the evidence.
 */
export function* checkType(session: Session, kwargs: ValueKwargs, names: readonly string[]): Check {
  const { type, isUnreadable } = column(openScope(session), kwargs.column);
  const matches = names.map((name) => isOfType(type, name));
  if (matches.length > 0 && matches.every((match) => match === null)) {
    throw new CannotCheck(`no known type among ${names.map((name) => JSON.stringify(name)).join(', ')}`);
  }
  const observed = { observed_value: type.declared };
  if (!matches.includes(true)) return { success: false, result: observed };
  if (isUnreadable === null) return { success: true, result: observed };
  const outcome = yield* checkValues(session, kwargs, (subject) => `not ${subject.isUnreadable}`);
  if (session.evidence.format === 'BOOLEAN_ONLY') return outcome;
  return { ...outcome, result: { ...observed, ...outcome.result } };
}
