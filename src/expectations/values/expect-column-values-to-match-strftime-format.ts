import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues, textValue } from './check-values.ts';

/** Each value is text that reads as a time in `strftime_format`. */
export const expectColumnValuesToMatchStrftimeFormat = defineExpectation({
  type: 'expect_column_values_to_match_strftime_format',
  summary: 'Each value is text that reads as a time in `strftime_format`.',
  kwargs: z.strictObject({ ...valueKwargs, strftime_format: z.string().min(1) }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      const text = textValue(subject, 'a time format');
      return `${scope.dialect.tryParseTime(text, kwargs.strftime_format)} is not null`;
    }),
});
