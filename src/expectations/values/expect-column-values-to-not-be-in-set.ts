import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { scalar, valueKwargs } from '../kwargs.ts';
import { isOutsideSet } from '../sql/in-set.ts';
import { checkValues } from './check-values.ts';

/** No value is one of a set. */
export const expectColumnValuesToNotBeInSet = defineExpectation({
  type: 'expect_column_values_to_not_be_in_set',
  summary: 'No value is one of `value_set`.',
  kwargs: z.strictObject({ ...valueKwargs, value_set: z.array(scalar) }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => isOutsideSet(subject, kwargs.value_set, scope.dialect)),
});
