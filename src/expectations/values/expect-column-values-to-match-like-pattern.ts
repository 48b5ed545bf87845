import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues, textValue } from './check-values.ts';

/** Each value matches the SQL pattern `like_pattern`. */
export const expectColumnValuesToMatchLikePattern = defineExpectation({
  type: 'expect_column_values_to_match_like_pattern',
  summary: 'Each value matches the SQL pattern `like_pattern`.',
  kwargs: z.strictObject({
    ...valueKwargs,
    like_pattern: z.string(),
    escape: z.string().length(1).nullish(),
  }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) => {
      const text = textValue(subject, 'LIKE');
      return scope.dialect.matchesLike(text, kwargs.like_pattern, kwargs.escape ?? null);
    }),
});
