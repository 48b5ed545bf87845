import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues } from './check-values.ts';

/** Each value contains a match of a pattern. */
export const expectColumnValuesToMatchRegex = defineExpectation({
  type: 'expect_column_values_to_match_regex',
  summary: 'Each value contains a match of `regex` (anchor it with `^` and `$` to match whole values).',
  kwargs: z.strictObject({ ...valueKwargs, regex: z.string().default('(?s).*') }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => scope.dialect.matchesRegex(subject.text, kwargs.regex)),
});
