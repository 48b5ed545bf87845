import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkOrder } from './check-order.ts';

/** No value is less than the one before it. */
export const expectColumnValuesToBeIncreasing = defineExpectation({
  type: 'expect_column_values_to_be_increasing',
  needsDuckdb: true,
  summary: 'No value is less than the one before it, nor equal if `strictly`; the files give the order.',
  kwargs: z.strictObject({ ...valueKwargs, strictly: z.boolean().nullish() }),
  check: (kwargs, session) => checkOrder(session, kwargs, '>'),
});
