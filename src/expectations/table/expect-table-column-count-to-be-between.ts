import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { checkShape } from './check-shape.ts';

/** The table's number of columns lies between two bounds. */
export const expectTableColumnCountToBeBetween = defineExpectation({
  type: 'expect_table_column_count_to_be_between',
  summary: 'The table has between `min_value` and `max_value` columns.',
  isAboutShape: true,
  kwargs: z.strictObject({
    min_value: z.number().int('must be integers').nullish(),
    max_value: z.number().int('must be integers').nullish(),
  }),
  check: ({ min_value: min, max_value: max }, session) =>
    checkShape(session, (columns) => ({
      success: columns.length >= (min ?? 0) && columns.length <= (max ?? Number.POSITIVE_INFINITY),
      result: { observed_value: columns.length },
    })),
});
