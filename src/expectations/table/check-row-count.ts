import type { Check } from '../check.ts';
import { countOf, openScope, type Session, scan } from '../context.ts';
import type { ConditionKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';

/** Judges the number of rows of the batch. */
export function* checkRowCount(
  session: Session,
  kwargs: ConditionKwargs,
  judge: (count: number) => boolean,
): Check {
  const scope = openScope(session);
  const [rows] = yield* scan(scope, [scope.dialect.countIf(domainOf(scope, kwargs))]);
  const count = countOf(rows);
  const result = session.evidence.format === 'BOOLEAN_ONLY' ? {} : { observed_value: count };
  return { success: judge(count), result };
}
