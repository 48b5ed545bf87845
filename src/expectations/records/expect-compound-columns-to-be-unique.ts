import { z } from 'zod';
import { checkUnique } from '../check-unique.ts';
import { openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { columnsOf, isIgnored, recordKwargs } from './record-kwargs.ts';

/** No combination of values occurs twice. */
export const expectCompoundColumnsToBeUnique = defineExpectation({
  type: 'expect_compound_columns_to_be_unique',
  summary: 'No combination of the values of `column_list` occurs twice.',
  kwargs: z.strictObject(recordKwargs),
  *check(kwargs, session) {
    const scope = openScope(session);
    const keys = columnsOf(scope, kwargs.column_list);
    return yield* checkUnique(scope, {
      domain: domainOf(scope, kwargs),
      isMissing: isIgnored(keys, kwargs.ignore_row_if),
      keys,
      mostly: kwargs.mostly,
      shape: 'record',
    });
  },
});
