import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues, textValue } from './check-values.ts';

/** Each value is text that reads as JSON. */
export const expectColumnValuesToBeJsonParseable = defineExpectation({
  type: 'expect_column_values_to_be_json_parseable',
  summary: 'Each value is text that reads as JSON.',
  kwargs: z.strictObject({ ...valueKwargs }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      return scope.dialect.isJson(textValue(subject, 'JSON'));
    }),
});
