import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { checkShape } from './check-shape.ts';

/** The table has these columns, in any order. */
export const expectTableColumnsToMatchSet = defineExpectation({
  type: 'expect_table_columns_to_match_set',
  summary: 'The columns are those of `column_set`, in any order; more are allowed if `exact_match` is false.',
  isAboutShape: true,
  mayNameOtherColumns: true,
  kwargs: z.strictObject({
    column_set: z.array(z.string()).nullish(),
    exact_match: z.boolean().nullish().default(true),
  }),
  check: ({ column_set: expected, exact_match: isExact }, session) =>
    checkShape(session, (columns) => {
      const observed = { observed_value: [...columns].sort() };
      const unexpected = columns.filter((name) => !(expected ?? []).includes(name)).sort();
      const missing = (expected ?? []).filter((name) => !columns.includes(name)).sort();
      if (unexpected.length === 0 && missing.length === 0) return { success: true, result: observed };
      const mismatched = {
        ...(unexpected.length > 0 ? { unexpected } : {}),
        ...(missing.length > 0 ? { missing } : {}),
      };
      const success = isExact !== true && missing.length === 0;
      return { success, result: { ...observed, details: { mismatched } } };
    }),
});
