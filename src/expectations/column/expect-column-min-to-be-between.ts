import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, boundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The smallest value lies within the bounds. */
export const expectColumnMinToBeBetween = defineExpectation({
  type: 'expect_column_min_to_be_between',
  summary: 'The smallest value lies within the bounds.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...boundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'value',
      aggregate: (subject, domain, scope) => scope.dialect.filtered(`min(${subject.value})`, domain),
    }),
});
