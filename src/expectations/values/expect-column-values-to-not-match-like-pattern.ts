import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues, textValue } from './check-values.ts';

/** No value matches the SQL pattern `like_pattern`. */
export const expectColumnValuesToNotMatchLikePattern = defineExpectation({
  type: 'expect_column_values_to_not_match_like_pattern',
  summary: 'No value matches the SQL pattern `like_pattern`.',
  kwargs: z.strictObject({
    ...valueKwargs,
    like_pattern: z.string(),
    escape: z.string().length(1).nullish(),
  }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      const text = textValue(subject, 'LIKE');
      return `not (${scope.dialect.matchesLike(text, kwargs.like_pattern, kwargs.escape ?? null)})`;
    }),
});
