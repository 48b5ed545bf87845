import { z } from 'zod';
import { checkRows } from '../check-rows.ts';
import { column, joinKeySet, openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { rowKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';

/** Each key exists in another table. */
export const expectColumnValuesToExistInTable = defineExpectation({
  type: 'expect_column_values_to_exist_in_table',
  summary:
    'Each value of `column` (or of `column_list` together) is a key of `table`, in `other_column` (`other_column_list`; ' +
    'default the same names). Rows with a missing part are left out.',
  isGreatExpectations: false,
  kwargs: z
    .strictObject({
      ...rowKwargs,
      column: z.string().optional(),
      column_list: z.array(z.string()).min(1).optional(),
      table: z.string(),
      other_column: z.string().optional(),
      other_column_list: z.array(z.string()).min(1).optional(),
    })
    .refine((kwargs) => (kwargs.column === undefined) !== (kwargs.column_list === undefined), {
      error: 'give either column or column_list',
    })
    .refine(
      ({ column_list: own, other_column_list: other }) =>
        other === undefined || other.length === (own?.length ?? 1),
      { error: 'other_column_list must be as long as column_list' },
    ),
  *check(kwargs, session) {
    const scope = openScope(session);
    const names = kwargs.column_list ?? [kwargs.column ?? ''];
    const otherNames = kwargs.other_column_list ?? (kwargs.other_column ? [kwargs.other_column] : names);
    const keys = names.map((name) => column(scope, name));
    return yield* checkRows(scope, {
      domain: domainOf(scope, kwargs),
      isMissing: keys.map((key) => key.isMissing).join(' or '),
      expected: joinKeySet(scope, keys, openScope(session, kwargs.table), otherNames),
      mostly: kwargs.mostly,
      shape: keys.length === 1 ? 'value' : 'record',
      shown: keys,
    });
  },
});
