import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { conditionKwargs } from '../kwargs.ts';
import { checkRowCount } from './check-row-count.ts';

/** The table has a number of rows. */
export const expectTableRowCountToEqual = defineExpectation({
  type: 'expect_table_row_count_to_equal',
  summary: 'The table has `value` rows.',
  kwargs: z.strictObject({ ...conditionKwargs, value: z.number().int() }),
  check: (kwargs, session) => checkRowCount(session, kwargs, (count) => count === kwargs.value),
});
