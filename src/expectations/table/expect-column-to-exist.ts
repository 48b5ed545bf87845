import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { checkShape } from './check-shape.ts';

/** The table has a column. */
export const expectColumnToExist = defineExpectation({
  type: 'expect_column_to_exist',
  summary: 'The table has `column`, at position `column_index` (from 0) if that is given.',
  isAboutShape: true,
  mayNameOtherColumns: true,
  kwargs: z.strictObject({ column: z.string(), column_index: z.number().int().nullish() }),
  check: ({ column, column_index: index }, session) =>
    checkShape(session, (columns) => ({
      success: index === null || index === undefined ? columns.includes(column) : columns[index] === column,
      result: {},
    })),
});
