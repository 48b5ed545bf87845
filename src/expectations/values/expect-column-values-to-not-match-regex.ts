import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues } from './check-values.ts';

/** No value contains a match of a pattern. */
export const expectColumnValuesToNotMatchRegex = defineExpectation({
  type: 'expect_column_values_to_not_match_regex',
  summary: 'No value contains a match of `regex`.',
  kwargs: z.strictObject({ ...valueKwargs, regex: z.string() }),
  check: (kwargs, session) =>
    checkValues(
      session,
      kwargs,
      (subject, scope) => `not ${scope.dialect.matchesRegex(subject.text, kwargs.regex)}`,
    ),
});
