import type { Answer, Check, Request } from '../check.ts';
import { column, countOf, openScope, query, type Scope, type Session, scan, textOf } from '../context.ts';
import type { ConditionKwargs } from '../kwargs.ts';
import { shownValue } from '../result-value.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { compareValues } from '../row-outcome.ts';
import type { ColumnRef } from '../sql/column-ref.ts';
import { isInSet, isOutsideSet } from '../sql/in-set.ts';
import { literalFor } from '../sql/literal.ts';
import { allOf } from '../sql/logic.ts';
import type { ResultDetail } from '../types.ts';

/** Kwargs of an expectation about the set of a column's values. */
export interface DistinctKwargs extends ConditionKwargs {
  readonly column: string;
  readonly value_set: readonly unknown[];
}

/**
 * Compares the different values of a column with a set: `refusesOthers`, none may be outside it; `needsAll`, each of it
 * has to occur. As in Great Expectations 1.x, the result lists what is wrong and not all values.
 */
export function* checkDistinct(
  session: Session,
  kwargs: DistinctKwargs,
  rule: { readonly refusesOthers: boolean; readonly needsAll: boolean },
): Check {
  const scope = openScope(session);
  const subject = column(scope, kwargs.column);
  const domain = domainOf(scope, kwargs);
  const inside = isInSet(subject, kwargs.value_set, scope.dialect);
  const outside = `(${isOutsideSet(subject, kwargs.value_set, scope.dialect)})`;
  const unreadable = subject.isUnreadable ?? 'false';
  const [outsideCount, insideCount, unreadableCount] = yield* scan(scope, [
    scope.dialect.countDistinct([subject.value], allOf(domain, outside)),
    scope.dialect.countDistinct([subject.value], allOf(domain, inside)),
    scope.dialect.countDistinct([subject.text], allOf(domain, unreadable)),
  ]);
  const unexpected = countOf(outsideCount) + countOf(unreadableCount);
  const members = distinctMembers(subject, kwargs.value_set, scope);
  const missing = members.length - countOf(insideCount);
  const success = !(rule.refusesOthers && unexpected > 0) && !(rule.needsAll && missing > 0);
  const { format, partialCount } = session.evidence;
  if (format === 'BOOLEAN_ONLY') return { success, result: {} };
  const result: ResultDetail = { observed_value: null };
  if (rule.refusesOthers) {
    result.unexpected_count = unexpected;
    result.partial_unexpected_list =
      unexpected === 0
        ? []
        : yield* valuesWhere(scope, subject, allOf(domain, `${outside} or ${unreadable}`)!, partialCount);
  }
  if (rule.needsAll) {
    result.missing_count = missing;
    result.partial_missing_list =
      missing === 0 ? [] : yield* absentMembers(scope, members, domain, subject, partialCount);
  }
  return { success, result };
}

interface Member {
  readonly value: unknown;
  /** Null when no value of the column's type can equal it. */
  readonly literal: string | null;
}

/** The members of a set, each once. No value that occurs equals null, so that it is always missing, as in Great Expectations. */
function distinctMembers(subject: ColumnRef, values: readonly unknown[], scope: Scope): Member[] {
  const members = new Map<string, Member>();
  for (const value of values) {
    const literal = literalFor(subject, value, scope.dialect);
    members.set(literal ?? `other ${JSON.stringify(value)}`, { value, literal });
  }
  return [...members.values()];
}

function* valuesWhere(
  scope: Scope,
  subject: ColumnRef,
  condition: string,
  limit: number,
): Generator<Request, unknown[], Answer> {
  const rows = yield* query(
    scope,
    (from) =>
      `select ${subject.text} as t from ${from} where ${condition} group by 1 order by min(${subject.value}), 1 limit ${limit}`,
  );
  return rows.map(([text]) => shownValue(textOf(text), subject));
}

function* absentMembers(
  scope: Scope,
  members: readonly Member[],
  domain: string | null,
  subject: ColumnRef,
  limit: number,
): Generator<Request, unknown[], Answer> {
  const counts = yield* scan(
    scope,
    members.map(({ literal }) =>
      scope.dialect.countIf(allOf(domain, literal === null ? 'false' : `${subject.value} = ${literal}`)),
    ),
  );
  return members
    .filter((_, index) => countOf(counts[index]) === 0)
    .map(({ value }) => value)
    .sort(compareValues)
    .slice(0, limit);
}
