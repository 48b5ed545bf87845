import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, scalar } from '../kwargs.ts';
import { checkDistinct } from './check-distinct.ts';

/** Every member of `value_set` occurs. */
export const expectColumnDistinctValuesToContainSet = defineExpectation({
  type: 'expect_column_distinct_values_to_contain_set',
  summary: 'Every member of `value_set` occurs; null never does.',
  kwargs: z.strictObject({ ...aggregateKwargs, value_set: z.array(scalar) }),
  check: (kwargs, session) => checkDistinct(session, kwargs, { refusesOthers: false, needsAll: true }),
});
