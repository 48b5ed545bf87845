import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { checkShape } from './check-shape.ts';

/** The table has a number of columns. */
export const expectTableColumnCountToEqual = defineExpectation({
  type: 'expect_table_column_count_to_equal',
  summary: 'The table has `value` columns.',
  isAboutShape: true,
  kwargs: z.strictObject({ value: z.number().int() }),
  check: ({ value }, session) =>
    checkShape(session, (columns) => ({
      success: columns.length === value,
      result: { observed_value: columns.length },
    })),
});
