import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues } from './check-values.ts';

/** Each value contains a match of any (`match_on`, or all) of the patterns of `regex_list`. */
export const expectColumnValuesToMatchRegexList = defineExpectation({
  type: 'expect_column_values_to_match_regex_list',
  summary: 'Each value contains a match of any (`match_on`, or all) of the patterns of `regex_list`.',
  kwargs: z.strictObject({
    ...valueKwargs,
    regex_list: z.array(z.string()).min(1),
    match_on: z.enum(['any', 'all']).default('any'),
  }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      const matches = kwargs.regex_list.map((regex) => scope.dialect.matchesRegex(subject.text, regex));
      return `(${matches.join(kwargs.match_on === 'all' ? ' and ' : ' or ')})`;
    }),
});
