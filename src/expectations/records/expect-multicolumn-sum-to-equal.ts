import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import { checkRows } from '../check-rows.ts';
import { isNumeric } from '../column-type.ts';
import { openScope } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { columnsOf, isIgnored, recordKwargs } from './record-kwargs.ts';

/** The columns of each row add up to a total. */
export const expectMulticolumnSumToEqual = defineExpectation({
  type: 'expect_multicolumn_sum_to_equal',
  summary:
    'In each row the values of `column_list` add up to `sum_total`; a missing part makes the row unexpected.',
  kwargs: z.strictObject({ ...recordKwargs, sum_total: z.number() }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const columns = columnsOf(scope, kwargs.column_list);
    const other = columns.find((subject) => !isNumeric(subject.type));
    if (other !== undefined)
      throw new CannotCheck(`column "${other.name}" is ${other.type.declared}; a sum needs numbers`);
    const sum = columns.map((subject) => subject.value).join(' + ');
    return yield* checkRows(scope, {
      domain: domainOf(scope, kwargs),
      isMissing: isIgnored(columns, kwargs.ignore_row_if),
      expected: `${sum} = ${scope.dialect.number(kwargs.sum_total)}`,
      mostly: kwargs.mostly,
      shape: 'record',
      shown: columns,
    });
  },
});
