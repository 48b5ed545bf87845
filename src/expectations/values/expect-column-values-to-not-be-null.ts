import { z } from 'zod';
import { checkRows } from '../check-rows.ts';
import { column, openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';

/** No value of the column is missing. */
export const expectColumnValuesToNotBeNull = defineExpectation({
  type: 'expect_column_values_to_not_be_null',
  summary: 'No value of the column is missing. `mostly` counts over all rows.',
  kwargs: z.strictObject(valueKwargs),
  *check(kwargs, session) {
    const scope = openScope(session);
    const subject = column(scope, kwargs.column);
    return yield* checkRows(scope, {
      domain: domainOf(scope, kwargs),
      isMissing: null,
      expected: `not (${subject.isMissing})`,
      mostly: kwargs.mostly,
      shape: 'value',
      shown: [subject],
    });
  },
});
