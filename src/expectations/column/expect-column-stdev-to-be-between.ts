import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, numberBoundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The sample standard deviation of the values lies within the bounds. */
export const expectColumnStdevToBeBetween = defineExpectation({
  type: 'expect_column_stdev_to_be_between',
  summary: 'The sample standard deviation of the values lies within the bounds.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...numberBoundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'number',
      needsNumbers: true,
      aggregate: (subject, domain, scope) =>
        scope.dialect.filtered(scope.dialect.stdev(scope.dialect.toDouble(subject.value)), domain),
    }),
});
