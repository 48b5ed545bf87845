import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, scalar } from '../kwargs.ts';
import { checkDistinct } from './check-distinct.ts';

/** Every value that occurs is one of `value_set`. */
export const expectColumnDistinctValuesToBeInSet = defineExpectation({
  type: 'expect_column_distinct_values_to_be_in_set',
  summary: 'Every value that occurs is one of `value_set`.',
  kwargs: z.strictObject({ ...aggregateKwargs, value_set: z.array(scalar).min(1) }),
  check: (kwargs, session) => checkDistinct(session, kwargs, { refusesOthers: true, needsAll: false }),
});
