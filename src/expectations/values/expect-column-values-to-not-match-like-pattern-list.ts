import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues, textValue } from './check-values.ts';

/** No value matches any of the SQL patterns of `like_pattern_list`. */
export const expectColumnValuesToNotMatchLikePatternList = defineExpectation({
  type: 'expect_column_values_to_not_match_like_pattern_list',
  summary: 'No value matches any of the SQL patterns of `like_pattern_list`.',
  kwargs: z.strictObject({
    ...valueKwargs,
    like_pattern_list: z.array(z.string()).min(1),
    escape: z.string().length(1).nullish(),
  }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      const text = textValue(subject, 'LIKE');
      const matches = kwargs.like_pattern_list.map((pattern) =>
        scope.dialect.matchesLike(text, pattern, kwargs.escape ?? null),
      );
      return `not (${matches.join(' or ')})`;
    }),
});
