import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { scalar, valueKwargs } from '../kwargs.ts';
import { isInSet } from '../sql/in-set.ts';
import { checkValues } from './check-values.ts';

/** Each value is one of a set. */
export const expectColumnValuesToBeInSet = defineExpectation({
  type: 'expect_column_values_to_be_in_set',
  summary: 'Each value is one of `value_set`.',
  kwargs: z.strictObject({ ...valueKwargs, value_set: z.array(scalar) }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => isInSet(subject, kwargs.value_set, scope.dialect)),
});
