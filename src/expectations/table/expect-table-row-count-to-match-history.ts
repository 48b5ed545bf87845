import { z } from 'zod';
import { countOf, openScope, scan } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { conditionKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';

/** The number of rows is near to what it was in earlier runs. */
export const expectTableRowCountToMatchHistory = defineExpectation({
  type: 'expect_table_row_count_to_match_history',
  summary:
    'The number of rows divided by the median of the last `runs` (default 7) runs lies between `min_ratio` (0.5) and ' +
    '`max_ratio` (2). With fewer than `min_runs` (3) earlier runs it passes, and says so in `details`.',
  isGreatExpectations: false,
  kwargs: z
    .strictObject({
      ...conditionKwargs,
      runs: z.number().int().min(1).default(7),
      min_runs: z.number().int().min(1).default(3),
      min_ratio: z.number().min(0).default(0.5),
      max_ratio: z.number().positive().default(2),
    })
    .refine((kwargs) => kwargs.min_ratio <= kwargs.max_ratio, {
      error: 'min_ratio must be less than or equal to max_ratio',
    }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const [rows] = yield* scan(scope, [scope.dialect.countIf(domainOf(scope, kwargs))]);
    const count = countOf(rows);
    const earlier = session.rowCountHistory.slice(-kwargs.runs);
    const hasHistory = earlier.length >= kwargs.min_runs;
    const usual = median(earlier);
    const ratio = usual === null || usual === 0 ? null : count / usual;
    const isNear = ratio === null ? count === usual : ratio >= kwargs.min_ratio && ratio <= kwargs.max_ratio;
    const success = !hasHistory || isNear;
    if (session.evidence.format === 'BOOLEAN_ONLY') return { success, result: {} };
    const details = {
      earlier_runs: earlier.length,
      median_row_count: usual,
      ratio,
      has_enough_history: hasHistory,
    };
    return { success, result: { observed_value: count, details } };
  },
});

function median(counts: readonly number[]): number | null {
  const sorted = [...counts].sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
