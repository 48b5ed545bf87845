import type { Check } from '../check.ts';
import { column, countOf, openScope, query, type Session, scan } from '../context.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { rowOutcome } from '../row-outcome.ts';
import { collectSample, planSample, sampleAggregate } from '../sample.ts';
import { allOf, not } from '../sql/logic.ts';
import { countUnreadable, refuseUnreadable } from '../unreadable.ts';
import type { ValueKwargs } from './check-values.ts';

/** Kwargs of an expectation about the order of rows. */
export interface OrderKwargs extends ValueKwargs {
  readonly strictly?: boolean | null;
}

/**
 * Judges each value against the one before it in the files' order, missing ones left out; the first is always right.
 * `comparator` is how a value has to relate to the one before.
 */
export function* checkOrder(session: Session, kwargs: OrderKwargs, comparator: '>' | '<'): Check {
  const scope = openScope(session);
  const subject = column(scope, kwargs.column);
  const domain = domainOf(scope, kwargs);
  const judged = allOf(domain, not(subject.isMissing));
  const [elements, missing, unreadable] = yield* scan(scope, [
    scope.dialect.countIf(domain),
    scope.dialect.countIf(allOf(domain, subject.isMissing)),
    countUnreadable(subject, judged, scope.dialect),
  ]);
  refuseUnreadable(subject, unreadable);
  const isInOrder = `${subject.value} ${comparator}${kwargs.strictly ? '' : '='} b.before`;
  const unexpected = `b.before is not null and not (${isInOrder})`;
  const sample = planSample(scope, [subject]);
  scope.use.needsRowNumber = true;
  const chained = (from: string) =>
    `select b.*, ${scope.dialect.previous(subject.value, 'b.rn')} as before from ${from} where ${judged}`;
  const rows = yield* query(scope, (from) => {
    const select = [scope.dialect.countIf(unexpected), ...sampleAggregate(scope, sample, unexpected)];
    return `select ${select.join(', ')} from (${chained(from)}) b`;
  });
  const [count, collected] = rows[0] ?? [];
  const unexpectedCount = countOf(count);
  const evidence = yield* collectSample(
    scope,
    sample,
    collected,
    unexpectedCount,
    (from) => `from (${chained(from)}) b where ${unexpected}`,
  );
  return rowOutcome(
    {
      elementCount: countOf(elements),
      missingCount: countOf(missing),
      unexpectedCount,
      mostly: kwargs.mostly,
      shape: 'value',
      shown: [subject],
      index: sample.index,
      evidence,
    },
    session.evidence,
  );
}
