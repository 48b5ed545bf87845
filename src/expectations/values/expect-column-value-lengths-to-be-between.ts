import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { countBoundKwargs, valueKwargs } from '../kwargs.ts';
import { isWithinBounds } from '../sql/bounds.ts';
import { checkValues, textValue } from './check-values.ts';

/** Each value's length lies between two bounds. */
export const expectColumnValueLengthsToBeBetween = defineExpectation({
  type: 'expect_column_value_lengths_to_be_between',
  summary: 'Each value has between `min_value` and `max_value` characters.',
  kwargs: z
    .strictObject({ ...valueKwargs, ...countBoundKwargs })
    .refine((kwargs) => (kwargs.min_value ?? null) !== null || (kwargs.max_value ?? null) !== null, {
      error: 'min_value and max_value cannot both be None',
    }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) =>
      isWithinBounds(scope.dialect.length(textValue(subject, 'a length')), kwargs, (value) =>
        scope.dialect.number(Number(value)),
      ),
    ),
});
