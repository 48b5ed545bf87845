import type { Check } from './check.ts';
import { countOf, query, type Scope, scan } from './context.ts';
import { type RowTally, rowOutcome } from './row-outcome.ts';
import { collectSample, planSample, sampleAggregate } from './sample.ts';
import type { ColumnRef } from './sql/column-ref.ts';
import { allOf, not } from './sql/logic.ts';

/** Columns whose values together may not occur twice. */
export interface UniqueRule {
  readonly domain: string | null;
  readonly isMissing: string;
  readonly keys: readonly ColumnRef[];
  readonly mostly: number;
  readonly shape: RowTally['shape'];
}

/**
 * Judges uniqueness. The shared scan counts rows and distinct keys; only where they differ does one grouping find the
 * rows that repeat a key. Keys with missing parts count as equal when all their parts are.
 */
export function* checkUnique(scope: Scope, rule: UniqueRule): Check {
  const { dialect } = scope;
  const judged = allOf(rule.domain, not(rule.isMissing));
  const [elements, missing, distinct, unreadable] = yield* scan(scope, [
    dialect.countIf(rule.domain),
    dialect.countIf(allOf(rule.domain, rule.isMissing)),
    dialect.countDistinct(
      rule.keys.map((key) => key.value),
      judged,
    ),
    dialect.countIf(allOf(judged, isAnyUnreadable(rule.keys))),
  ]);
  const tally = {
    elementCount: countOf(elements),
    missingCount: countOf(missing),
    mostly: rule.mostly,
    shape: rule.shape,
    shown: rule.keys,
  };
  const isUnique = countOf(unreadable) === 0 && countOf(distinct) === tally.elementCount - tally.missingCount;
  if (isUnique) {
    return rowOutcome({ ...tally, unexpectedCount: 0, index: [], evidence: [] }, scope.session.evidence);
  }
  const sample = planSample(scope, rule.keys);
  const body = (from: string) => duplicates(from, rule);
  const select = ['count(*)', ...sampleAggregate(scope, sample, 'true')].join(', ');
  const rows = yield* query(scope, (from) => `select ${select} ${body(from)}`);
  const [unexpected, collected] = rows[0] ?? [];
  const unexpectedCount = countOf(unexpected);
  const evidence = yield* collectSample(scope, sample, collected, unexpectedCount, body);
  return rowOutcome({ ...tally, unexpectedCount, index: sample.index, evidence }, scope.session.evidence);
}

/** The rows whose key occurs more than once or cannot be read. */
function duplicates(from: string, rule: UniqueRule): string {
  const judged = allOf(rule.domain, not(rule.isMissing));
  const keys = rule.keys.map((key, index) => `${key.value} as k${index}`).join(', ');
  const positions = rule.keys.map((_, index) => String(index + 1)).join(', ');
  const same = rule.keys.map((key, index) => `d.k${index} is not distinct from ${key.value}`).join(' and ');
  const repeated = `select ${keys}, count(*) as n from ${from} where ${judged} group by ${positions} having count(*) > 1`;
  const unexpected = `d.n is not null or ${isAnyUnreadable(rule.keys)}`;
  return `from ${from} left join (${repeated}) d on ${same} where (${judged}) and (${unexpected})`;
}

function isAnyUnreadable(keys: readonly ColumnRef[]): string {
  const conditions = keys.map((key) => key.isUnreadable).filter((condition) => condition !== null);
  return conditions.length === 0 ? 'false' : conditions.join(' or ');
}
