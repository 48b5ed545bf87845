import type { Check } from '../check.ts';
import { checkRows } from '../check-rows.ts';
import { column, openScope, type Scope, type Session } from '../context.ts';
import type { ConditionKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import type { ColumnRef } from '../sql/column-ref.ts';

/** Kwargs of an expectation about two columns of a row. */
export interface PairKwargs extends ConditionKwargs {
  readonly column_A: string;
  readonly column_B: string;
  readonly mostly: number;
  readonly ignore_row_if: 'both_values_are_missing' | 'either_value_is_missing' | 'neither';
}

/** Judges two columns of each row; `ignore_row_if` says which rows with missing values are left out. */
export function* checkPairs(
  session: Session,
  kwargs: PairKwargs,
  expected: (a: ColumnRef, b: ColumnRef, scope: Scope) => string,
): Check {
  const scope = openScope(session);
  const a = column(scope, kwargs.column_A);
  const b = column(scope, kwargs.column_B);
  const ignored = {
    both_values_are_missing: `${a.isMissing} and ${b.isMissing}`,
    either_value_is_missing: `${a.isMissing} or ${b.isMissing}`,
    neither: 'false',
  };
  return yield* checkRows(scope, {
    domain: domainOf(scope, kwargs),
    isMissing: ignored[kwargs.ignore_row_if],
    expected: expected(a, b, scope),
    mostly: kwargs.mostly,
    shape: 'pair',
    shown: [a, b],
  });
}
