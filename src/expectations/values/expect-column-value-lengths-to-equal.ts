import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues, textValue } from './check-values.ts';

/** Each value has one length. */
export const expectColumnValueLengthsToEqual = defineExpectation({
  type: 'expect_column_value_lengths_to_equal',
  summary: 'Each value has `value` characters.',
  kwargs: z.strictObject({ ...valueKwargs, value: z.number() }),
  check: (kwargs, session) =>
    checkValues(
      session,
      kwargs,
      (subject, scope) =>
        `${scope.dialect.length(textValue(subject, 'a length'))} = ${scope.dialect.number(kwargs.value)}`,
    ),
});
