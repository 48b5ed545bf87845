import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkType } from './check-type.ts';

/** The column is of a type and its values read as it. */
export const expectColumnValuesToBeOfType = defineExpectation({
  type: 'expect_column_values_to_be_of_type',
  summary: 'The column is of type `type_` (an SQL, pandas or Spark name); in CSV each value reads as it.',
  kwargs: z.strictObject({ ...valueKwargs, type_: z.string() }),
  check: (kwargs, session) => checkType(session, kwargs, [kwargs.type_]),
});
