import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, numberBoundKwargs } from '../kwargs.ts';
import { allOf, not } from '../sql/logic.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The share of values that are not missing lies within the bounds. */
export const expectColumnProportionOfNonNullValuesToBeBetween = defineExpectation({
  type: 'expect_column_proportion_of_non_null_values_to_be_between',
  summary: 'Values that are not missing divided by rows lies within the bounds; 0 for an empty table.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...numberBoundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'count',
      toleratesUnreadable: true,
      aggregate: (subject, domain, { dialect }) => {
        const present = dialect.countIf(allOf(domain, not(subject.isMissing)));
        const rows = dialect.countIf(domain);
        return `coalesce(${dialect.toDouble(present)} / nullif(${rows}, 0), 0)`;
      },
    }),
});
