import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { checkType } from '../values/check-type.ts';

/** The column is of a type and its values read as it. */
export const expectColumnTypeToBe = defineExpectation({
  type: 'expect_column_type_to_be',
  summary: 'The column is of type `type_`; in CSV each value reads as it.',
  kwargs: z.strictObject({ column: z.string(), type_: z.string() }),
  check: (kwargs, session) => checkType(session, { ...kwargs, mostly: 1 }, [kwargs.type_]),
});
