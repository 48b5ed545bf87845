import { z } from 'zod';
import { rowKwargs } from '../kwargs.ts';

/** Kwargs of every expectation about two columns of a row. */
export const pairKwargs = {
  column_A: z.string(),
  column_B: z.string(),
  ...rowKwargs,
  ignore_row_if: z
    .enum(['both_values_are_missing', 'either_value_is_missing', 'neither'])
    .default('both_values_are_missing'),
};
