import { z } from 'zod';
import { checkRows } from '../check-rows.ts';
import { openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { isSame } from '../sql/compare-columns.ts';
import { columnsOf, isIgnored, recordKwargs } from './record-kwargs.ts';

/** The columns of each row differ from one another. */
export const expectSelectColumnValuesToBeUniqueWithinRecord = defineExpectation({
  type: 'expect_select_column_values_to_be_unique_within_record',
  summary: 'In each row the values of `column_list` differ from one another; two missing ones do not.',
  kwargs: z.strictObject(recordKwargs),
  *check(kwargs, session) {
    const scope = openScope(session);
    const columns = columnsOf(scope, kwargs.column_list);
    const pairs = columns.flatMap((left, index) =>
      columns.slice(index + 1).map((right) => [left, right] as const),
    );
    const differs = pairs.map(([left, right]) => `not (${isSame(left, right)})`);
    const readable = columns.map((item) => item.isUnreadable).filter((item) => item !== null);
    return yield* checkRows(scope, {
      domain: domainOf(scope, kwargs),
      isMissing: isIgnored(columns, kwargs.ignore_row_if),
      expected: ['true', ...differs, ...readable.map((item) => `not ${item}`)].join(' and '),
      mostly: kwargs.mostly,
      shape: 'record',
      shown: columns,
    });
  },
});
