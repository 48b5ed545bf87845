import { z } from 'zod';
import { checkRows } from '../check-rows.ts';
import { column, openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';

/** Every value of the column is missing. */
export const expectColumnValuesToBeNull = defineExpectation({
  type: 'expect_column_values_to_be_null',
  summary: 'Every value of the column is missing. `mostly` counts over all rows.',
  kwargs: z.strictObject(valueKwargs),
  *check(kwargs, session) {
    const scope = openScope(session);
    const subject = column(scope, kwargs.column);
    return yield* checkRows(scope, {
      domain: domainOf(scope, kwargs),
      isMissing: null,
      expected: subject.isMissing,
      mostly: kwargs.mostly,
      shape: 'value',
      shown: [subject],
    });
  },
});
