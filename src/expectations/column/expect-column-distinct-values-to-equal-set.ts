import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, scalar } from '../kwargs.ts';
import { checkDistinct } from './check-distinct.ts';

/** The values that occur are exactly those of `value_set`. */
export const expectColumnDistinctValuesToEqualSet = defineExpectation({
  type: 'expect_column_distinct_values_to_equal_set',
  summary: 'The values that occur are exactly those of `value_set`.',
  kwargs: z.strictObject({ ...aggregateKwargs, value_set: z.array(scalar) }),
  check: (kwargs, session) => checkDistinct(session, kwargs, { refusesOthers: true, needsAll: true }),
});
