import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { checkShape } from './check-shape.ts';

/** The table has exactly these columns, in this order. */
export const expectTableColumnsToMatchOrderedList = defineExpectation({
  type: 'expect_table_columns_to_match_ordered_list',
  summary: 'The columns are `column_list`, in that order.',
  isAboutShape: true,
  mayNameOtherColumns: true,
  kwargs: z.strictObject({ column_list: z.array(z.string()).nullish() }),
  check: ({ column_list: expected }, session) =>
    checkShape(session, (columns) => {
      const result = { observed_value: [...columns] };
      if (expected === null || expected === undefined) return { success: true, result };
      const mismatched = Array.from({ length: Math.max(columns.length, expected.length) }, (_, index) => ({
        'Expected Column Position': index,
        Expected: expected[index] ?? null,
        Found: columns[index] ?? null,
      })).filter((item) => item.Expected !== item.Found);
      if (mismatched.length === 0) return { success: true, result };
      return { success: false, result: { ...result, details: { mismatched } } };
    }),
});
