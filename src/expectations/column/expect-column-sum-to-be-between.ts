import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, numberBoundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The sum of the values lies within the bounds; decimals are summed exactly, and no values add up to 0. */
export const expectColumnSumToBeBetween = defineExpectation({
  type: 'expect_column_sum_to_be_between',
  summary:
    'The sum of the values lies within the bounds; decimals are summed exactly, and no values add up to 0.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...numberBoundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'number',
      needsNumbers: true,
      aggregate: (subject, domain, scope) =>
        `coalesce(${scope.dialect.filtered(`sum(${subject.value})`, domain)}, 0)`,
    }),
});
