import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import { defineExpectation } from '../expectation.ts';
import { boundKwargs, valueKwargs } from '../kwargs.ts';
import { isWithinBounds, refuseEmptyRange } from '../sql/bounds.ts';
import { boundFor } from '../sql/literal.ts';
import { checkValues } from './check-values.ts';

/** Each value lies between two bounds. */
export const expectColumnValuesToBeBetween = defineExpectation({
  type: 'expect_column_values_to_be_between',
  summary: 'Each value lies between `min_value` and `max_value`, of which one may be left out.',
  kwargs: z
    .strictObject({ ...valueKwargs, ...boundKwargs })
    .refine((kwargs) => (kwargs.min_value ?? null) !== null || (kwargs.max_value ?? null) !== null, {
      error: 'min_value and max_value cannot both be None',
    }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      refuseEmptyRange(kwargs);
      if (subject.type.family === 'boolean') {
        throw new CannotCheck(`column "${subject.name}" is ${subject.type.declared}, which has no order`);
      }
      return isWithinBounds(subject.value, kwargs, (value, kwarg) =>
        boundFor(subject, value, kwarg, scope.dialect),
      );
    }),
});
