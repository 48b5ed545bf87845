import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, numberBoundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The median of the values lies within the bounds; of an even number, the mean of the middle two. */
export const expectColumnMedianToBeBetween = defineExpectation({
  type: 'expect_column_median_to_be_between',
  summary: 'The median of the values lies within the bounds; of an even number, the mean of the middle two.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...numberBoundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'number',
      needsNumbers: true,
      aggregate: (subject, domain, scope) =>
        scope.dialect.filtered(scope.dialect.quantile(scope.dialect.toDouble(subject.value), 0.5), domain),
    }),
});
