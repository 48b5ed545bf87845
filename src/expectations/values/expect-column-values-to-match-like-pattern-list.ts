import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues, textValue } from './check-values.ts';

/** Each value matches any (`match_on`, or all) of the SQL patterns of `like_pattern_list`. */
export const expectColumnValuesToMatchLikePatternList = defineExpectation({
  type: 'expect_column_values_to_match_like_pattern_list',
  summary: 'Each value matches any (`match_on`, or all) of the SQL patterns of `like_pattern_list`.',
  kwargs: z.strictObject({
    ...valueKwargs,
    like_pattern_list: z.array(z.string()).min(1),
    match_on: z.enum(['any', 'all']).default('any'),
    escape: z.string().length(1).nullish(),
  }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      const text = textValue(subject, 'LIKE');
      const matches = kwargs.like_pattern_list.map((pattern) =>
        scope.dialect.matchesLike(text, pattern, kwargs.escape ?? null),
      );
      return `(${matches.join(kwargs.match_on === 'all' ? ' and ' : ' or ')})`;
    }),
});
