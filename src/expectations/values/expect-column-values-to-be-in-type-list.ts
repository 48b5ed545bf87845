import { z } from 'zod';
import { column, openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkType } from './check-type.ts';

/** The column is of one of several types and its values read as it. */
export const expectColumnValuesToBeInTypeList = defineExpectation({
  type: 'expect_column_values_to_be_in_type_list',
  summary: 'The column is of a type of `type_list`; in CSV each value reads as it.',
  kwargs: z.strictObject({ ...valueKwargs, type_list: z.array(z.string()).nullish() }),
  *check(kwargs, session) {
    const declared = column(openScope(session), kwargs.column).type.declared;
    return yield* checkType(session, kwargs, kwargs.type_list ?? [declared]);
  },
});
