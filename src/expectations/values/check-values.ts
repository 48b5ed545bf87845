import { CannotCheck } from '../cannot-check.ts';
import type { Check } from '../check.ts';
import { checkRows } from '../check-rows.ts';
import { column, openScope, type Scope, type Session } from '../context.ts';
import type { ConditionKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import type { ColumnRef } from '../sql/column-ref.ts';

/** Kwargs of an expectation that judges each value of one column. */
export interface ValueKwargs extends ConditionKwargs {
  readonly column: string;
  readonly mostly: number;
}

/**
 * Judges each value of one column that is not missing. A stored text that does not read as the column's type is never
 * what was expected, unless the rule looks at text itself.
 */
export function* checkValues(
  session: Session,
  kwargs: ValueKwargs,
  expected: (subject: ColumnRef, scope: Scope) => string,
): Check {
  const scope = openScope(session);
  const subject = column(scope, kwargs.column);
  return yield* checkRows(scope, {
    domain: domainOf(scope, kwargs),
    isMissing: subject.isMissing,
    expected: expected(subject, scope),
    mostly: kwargs.mostly,
    shape: 'value',
    shown: [subject],
  });
}

/** The text of a column that has to hold text. Throws `CannotCheck` for any other type. */
export function textValue(subject: ColumnRef, what: string): string {
  if (['text', 'json', 'other'].includes(subject.type.family)) return subject.text;
  throw new CannotCheck(`column "${subject.name}" is ${subject.type.declared}; ${what} needs text`);
}
