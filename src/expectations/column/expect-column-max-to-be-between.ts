import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, boundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The largest value lies within the bounds. */
export const expectColumnMaxToBeBetween = defineExpectation({
  type: 'expect_column_max_to_be_between',
  summary: 'The largest value lies within the bounds.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...boundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'value',
      aggregate: (subject, domain, scope) => scope.dialect.filtered(`max(${subject.value})`, domain),
    }),
});
