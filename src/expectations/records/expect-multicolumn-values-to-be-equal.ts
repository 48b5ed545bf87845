import { z } from 'zod';
import { checkRows } from '../check-rows.ts';
import { openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { isSame } from '../sql/compare-columns.ts';
import { columnsOf, isIgnored, recordKwargs } from './record-kwargs.ts';

/** The columns of each row are all equal. */
export const expectMulticolumnValuesToBeEqual = defineExpectation({
  type: 'expect_multicolumn_values_to_be_equal',
  summary: 'In each row the values of `column_list` are all equal, or all missing.',
  kwargs: z.strictObject(recordKwargs),
  *check(kwargs, session) {
    const scope = openScope(session);
    const columns = columnsOf(scope, kwargs.column_list);
    const [first, ...others] = columns;
    const equal = others.map((item) => isSame(first!, item));
    const readable = columns.map((item) => item.isUnreadable).filter((item) => item !== null);
    return yield* checkRows(scope, {
      domain: domainOf(scope, kwargs),
      isMissing: isIgnored(columns, kwargs.ignore_row_if),
      expected: ['true', ...equal, ...readable.map((item) => `not ${item}`)].join(' and '),
      mostly: kwargs.mostly,
      shape: 'record',
      shown: columns,
    });
  },
});
