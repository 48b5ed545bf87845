import { CannotCheck } from '../cannot-check.ts';
import { column, type Scope } from '../context.ts';
import type { ConditionKwargs } from '../kwargs.ts';
import type { ColumnRef } from '../sql/column-ref.ts';
import { isEqual, refuseUnlike } from '../sql/compare-columns.ts';
import { boundFor, literalFor } from '../sql/literal.ts';
import { type Comparator, type Condition, ConditionError } from './condition.ts';
import { parseConditionTerms } from './parse-terms.ts';
import { parseConditionText } from './parse-text.ts';

/** Reads `row_condition` in any of its forms; null for none. Throws `ConditionError`. */
export function parseRowCondition(
  value: string | Readonly<Record<string, unknown>> | null | undefined,
): Condition | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? parseConditionText(value) : parseConditionTerms(value);
}

/** The SQL of the rows that an expectation is about; null for all rows. Throws `CannotCheck`. */
export function domainOf(scope: Scope, kwargs: ConditionKwargs): string | null {
  try {
    const condition = parseRowCondition(kwargs.row_condition);
    return condition === null ? null : compileCondition(scope, condition);
  } catch (error) {
    if (error instanceof ConditionError) throw new CannotCheck(`row_condition: ${error.message}`);
    throw error;
  }
}

/** A condition as SQL that is never NULL. */
function compileCondition(scope: Scope, condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.terms.map((term) => compileCondition(scope, term)).join(` ${condition.kind} `)})`;
    case 'not':
      return `(not ${compileCondition(scope, condition.term)})`;
    case 'is-null':
      return `(${column(scope, condition.column).isMissing})`;
    case 'in':
      return compileIn(scope, column(scope, condition.column), condition.values);
    case 'compare':
      return compileCompare(scope, column(scope, condition.column), condition.comparator, condition.value);
    case 'compare-columns': {
      const [left, right] = [column(scope, condition.column), column(scope, condition.other)];
      if (condition.comparator === '==') return `coalesce(${isEqual(left, right)}, false)`;
      if (condition.comparator === '!=') return `(not coalesce(${isEqual(left, right)}, false))`;
      refuseUnlike(left, right);
      return holds(left.value, condition.comparator, right.value);
    }
  }
}

function compileCompare(scope: Scope, subject: ColumnRef, comparator: Comparator, value: unknown): string {
  if (comparator === '==' || comparator === '!=') {
    const literal = literalFor(subject, value, scope.dialect);
    if (literal === null) return comparator === '==' ? 'false' : 'true';
    return holds(subject.value, comparator, literal);
  }
  return holds(subject.value, comparator, boundFor(subject, value, 'row_condition', scope.dialect));
}

function compileIn(scope: Scope, subject: ColumnRef, values: readonly unknown[]): string {
  const literals = values
    .map((value) => literalFor(subject, value, scope.dialect))
    .filter((item) => item !== null);
  return literals.length === 0 ? 'false' : `coalesce(${subject.value} in (${literals.join(', ')}), false)`;
}

function holds(left: string, comparator: Comparator, right: string): string {
  if (comparator === '!=') return `(not coalesce(${left} = ${right}, false))`;
  return `coalesce(${left} ${comparator === '==' ? '=' : comparator} ${right}, false)`;
}
