import type { Check } from './check.ts';
import { allOf, not, sampledRows, sampleRows } from './check-rows.ts';
import { countOf, query, type Scope, scan } from './context.ts';
import { type RowTally, rowOutcome } from './row-outcome.ts';
import type { ColumnRef } from './sql/column-ref.ts';

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
  const values = rule.keys.map((key) => key.value);
  const judged = allOf(rule.domain, not(rule.isMissing));
  const [elements, missing, distinct, unreadable] = yield* scan(scope, [
    dialect.filtered('count(*)', rule.domain),
    dialect.filtered('count(*)', allOf(rule.domain, rule.isMissing)),
    dialect.countDistinct(values, judged),
    dialect.filtered('count(*)', allOf(judged, isAnyUnreadable(rule.keys))),
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
  const sample = sampleRows(scope, rule.keys, 'true');
  const rows = yield* query(scope, (from) => duplicateQuery(from, rule, sample.select));
  const [unexpected, evidence] = rows[0] ?? [];
  return rowOutcome(
    { ...tally, unexpectedCount: countOf(unexpected), index: sample.index, evidence: sampledRows(evidence) },
    scope.session.evidence,
  );
}

/** Counts and samples the rows whose key occurs more than once or cannot be read. */
function duplicateQuery(from: string, rule: UniqueRule, sample: readonly string[]): string {
  const judged = allOf(rule.domain, not(rule.isMissing));
  const keys = rule.keys.map((key, index) => `${key.value} as k${index}`).join(', ');
  const positions = rule.keys.map((_, index) => String(index + 1)).join(', ');
  const same = rule.keys.map((key, index) => `d.k${index} is not distinct from ${key.value}`).join(' and ');
  const repeated = `select ${keys}, count(*) as n from ${from} where ${judged} group by ${positions} having count(*) > 1`;
  const unexpected = `d.n is not null or ${isAnyUnreadable(rule.keys)}`;
  return (
    `select ${['count(*)', ...sample].join(', ')} from ${from} ` +
    `left join (${repeated}) d on ${same} where (${judged}) and (${unexpected})`
  );
}

function isAnyUnreadable(keys: readonly ColumnRef[]): string {
  const conditions = keys.map((key) => key.isUnreadable).filter((condition) => condition !== null);
  return conditions.length === 0 ? 'false' : conditions.join(' or ');
}
