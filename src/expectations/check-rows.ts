import type { Check } from './check.ts';
import { countOf, type Scope, scan } from './context.ts';
import { type RowTally, rowOutcome } from './row-outcome.ts';
import { fetchSample, planSample } from './sample.ts';
import type { ColumnRef } from './sql/column-ref.ts';
import { allOf, not } from './sql/logic.ts';

/** A condition that every judged row of a batch has to fulfil. */
export interface RowRule {
  /** Rows that the check is about at all, from `row_condition`; null for all. */
  readonly domain: string | null;
  /** Condition that a row is left out because of missing values; null when none is. */
  readonly isMissing: string | null;
  /** Condition that a good row fulfils. NULL counts as not fulfilled. */
  readonly expected: string;
  readonly mostly: number;
  readonly shape: RowTally['shape'];
  readonly shown: readonly ColumnRef[];
}

/** Judges each row by the rule, in the shared scan; evidence is fetched for what failed alone. */
export function* checkRows(scope: Scope, rule: RowRule): Check {
  const judged = allOf(rule.domain, not(rule.isMissing));
  const unexpected = allOf(judged, `not coalesce(${rule.expected}, false)`)!;
  const sample = planSample(scope, rule.shown);
  // The good are counted, not the unexpected: a condition alone is half the work of its negation, in which NULL counts.
  const [elements, goods, missing] = yield* scan(scope, [
    scope.dialect.countIf(rule.domain),
    scope.dialect.countIf(allOf(judged, rule.expected)),
    scope.dialect.countIf(allOf(rule.domain, rule.isMissing ?? 'false')),
  ]);
  const elementCount = countOf(elements);
  const unexpectedCount = elementCount - countOf(missing) - countOf(goods);
  const found = { count: unexpectedCount, among: elementCount };
  const evidence = yield* fetchSample(scope, sample, unexpected, found);
  const tally = {
    ...rule,
    elementCount,
    missingCount: rule.isMissing === null ? null : countOf(missing),
    unexpectedCount,
    index: sample.index,
    evidence,
  };
  return rowOutcome(tally, scope.session.evidence);
}
