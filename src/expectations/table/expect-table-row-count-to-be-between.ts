import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { conditionKwargs, countBoundKwargs } from '../kwargs.ts';
import { checkRowCount } from './check-row-count.ts';

/** The table's number of rows lies between two bounds. */
export const expectTableRowCountToBeBetween = defineExpectation({
  type: 'expect_table_row_count_to_be_between',
  summary: 'The table has between `min_value` and `max_value` rows.',
  kwargs: z
    .strictObject({ ...conditionKwargs, ...countBoundKwargs })
    .refine(({ min_value: min, max_value: max }) => (min ?? 0) <= (max ?? Number.POSITIVE_INFINITY), {
      error: 'min_value must be less than or equal to max_value',
    }),
  check: (kwargs, session) =>
    checkRowCount(session, kwargs, (count) => {
      const [min, max] = [kwargs.min_value ?? 0, kwargs.max_value ?? Number.POSITIVE_INFINITY];
      const isAbove = kwargs.strict_min ? count > (kwargs.min_value ?? -1) : count >= min;
      return isAbove && (kwargs.strict_max ? count < max : count <= max);
    }),
});
