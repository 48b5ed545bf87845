import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { isEqual } from '../sql/compare-columns.ts';
import { checkPairs } from './check-pairs.ts';
import { pairKwargs } from './pair-kwargs.ts';

/** Two columns hold the same value in each row. */
export const expectColumnPairValuesToBeEqual = defineExpectation({
  type: 'expect_column_pair_values_to_be_equal',
  summary: 'In each row `column_A` equals `column_B`; a missing value equals nothing.',
  kwargs: z.strictObject(pairKwargs),
  check: (kwargs, session) => checkPairs(session, kwargs, isEqual),
});
