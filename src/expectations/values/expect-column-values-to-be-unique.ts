import { z } from 'zod';
import { checkUnique } from '../check-unique.ts';
import { column, openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';

/** No value occurs twice. */
export const expectColumnValuesToBeUnique = defineExpectation({
  type: 'expect_column_values_to_be_unique',
  summary: 'No value occurs twice; every row of a repeated value is unexpected.',
  kwargs: z.strictObject(valueKwargs),
  *check(kwargs, session) {
    const scope = openScope(session);
    const subject = column(scope, kwargs.column);
    return yield* checkUnique(scope, {
      domain: domainOf(scope, kwargs),
      isMissing: subject.isMissing,
      keys: [subject],
      mostly: kwargs.mostly,
      shape: 'value',
    });
  },
});
