import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, countBoundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The number of different values lies within the bounds. */
export const expectColumnUniqueValueCountToBeBetween = defineExpectation({
  type: 'expect_column_unique_value_count_to_be_between',
  summary: 'The number of different values lies within the bounds.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...countBoundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'count',
      aggregate: (subject, domain, scope) => scope.dialect.countDistinct([subject.value], domain),
    }),
});
