import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, numberBoundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The mean of the values lies within the bounds. */
export const expectColumnMeanToBeBetween = defineExpectation({
  type: 'expect_column_mean_to_be_between',
  summary: 'The mean of the values lies within the bounds.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...numberBoundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'number',
      needsNumbers: true,
      aggregate: (subject, domain, scope) => scope.dialect.filtered(`avg(${subject.value})`, domain),
    }),
});
