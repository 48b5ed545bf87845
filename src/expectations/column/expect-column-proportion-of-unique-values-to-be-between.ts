import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, numberBoundKwargs } from '../kwargs.ts';
import { checkAggregate } from './check-aggregate.ts';

/** The share of different values lies within the bounds. */
export const expectColumnProportionOfUniqueValuesToBeBetween = defineExpectation({
  type: 'expect_column_proportion_of_unique_values_to_be_between',
  summary:
    'Different values divided by values that are not missing lies within the bounds; 0 where all are missing.',
  kwargs: z.strictObject({ ...aggregateKwargs, ...numberBoundKwargs }),
  check: (kwargs, session) =>
    checkAggregate(session, kwargs, {
      kind: 'count',
      aggregate: (subject, domain, { dialect }) => {
        const values = dialect.filtered(`count(${subject.value})`, domain);
        const distinct = dialect.toDouble(dialect.countDistinct([subject.value], domain));
        return `coalesce(${distinct} / nullif(${values}, 0), 0)`;
      },
    }),
});
