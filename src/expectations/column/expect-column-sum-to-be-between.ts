import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, numberBoundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The sum of the values lies within the bounds; decimals are summed exactly. */
export const expectColumnSumToBeBetween = defineExpectation({
  type: 'expect_column_sum_to_be_between',
  summary: 'The sum of the values lies within the bounds; decimals are summed exactly.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...numberBoundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'number',
      needsNumbers: true,
      aggregate: (subject, domain, scope) => scope.dialect.filtered(`sum(${subject.value})`, domain),
    }),
});
