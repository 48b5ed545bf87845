import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues } from './check-values.ts';

/** No value contains a match of any pattern of `regex_list`. */
export const expectColumnValuesToNotMatchRegexList = defineExpectation({
  type: 'expect_column_values_to_not_match_regex_list',
  summary: 'No value contains a match of any pattern of `regex_list`.',
  kwargs: z.strictObject({ ...valueKwargs, regex_list: z.array(z.string()).min(1) }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      const matches = kwargs.regex_list.map((regex) => scope.dialect.matchesRegex(subject.text, regex));
      return `not (${matches.join(' or ')})`;
    }),
});
