import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { refuseUnlike } from '../sql/compare-columns.ts';
import { checkPairs } from './check-pairs.ts';
import { pairKwargs } from './pair-kwargs.ts';

/** One column is greater than another in each row. */
export const expectColumnPairValuesAToBeGreaterThanB = defineExpectation({
  type: 'expect_column_pair_values_a_to_be_greater_than_b',
  summary: 'In each row `column_A` is greater than `column_B`, or equal if `or_equal`.',
  kwargs: z.strictObject({ ...pairKwargs, or_equal: z.boolean().nullish() }),
  check: (kwargs, session) =>
    checkPairs(session, kwargs, (a, b) => {
      refuseUnlike(a, b);
      return `${a.value} ${kwargs.or_equal ? '>=' : '>'} ${b.value}`;
    }),
});
