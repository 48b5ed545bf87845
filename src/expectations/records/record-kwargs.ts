import { z } from 'zod';
import { column, type Scope } from '../context.ts';
import { rowKwargs } from '../kwargs.ts';
import type { ColumnRef } from '../sql/column-ref.ts';

/** Which rows with missing values are left out. */
export type IgnoreRowIf = 'all_values_are_missing' | 'any_value_is_missing' | 'never';

/** Kwargs of every expectation about several columns of a row. */
export const recordKwargs = {
  column_list: z.array(z.string()).min(1),
  ...rowKwargs,
  ignore_row_if: z
    .enum(['all_values_are_missing', 'any_value_is_missing', 'never'])
    .default('all_values_are_missing'),
};

/** The columns of a list, each once. */
export function columnsOf(scope: Scope, names: readonly string[]): ColumnRef[] {
  return [...new Set(names)].map((name) => column(scope, name));
}

/** Condition that a row is left out. */
export function isIgnored(columns: readonly ColumnRef[], ignoreRowIf: IgnoreRowIf): string {
  if (ignoreRowIf === 'never') return 'false';
  const joint = ignoreRowIf === 'any_value_is_missing' ? ' or ' : ' and ';
  return columns.map((subject) => subject.isMissing).join(joint);
}
