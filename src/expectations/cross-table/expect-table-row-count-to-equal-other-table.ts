import { z } from 'zod';
import { countOf, openScope, scan } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { conditionKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';

/** The table has as many rows as another. */
export const expectTableRowCountToEqualOtherTable = defineExpectation({
  type: 'expect_table_row_count_to_equal_other_table',
  summary: 'The table has as many rows as `other_table_name`; `row_condition` limits this table only.',
  kwargs: z.strictObject({ ...conditionKwargs, other_table_name: z.string() }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const other = openScope(session, kwargs.other_table_name);
    const domain = domainOf(scope, kwargs);
    const [own] = yield* scan(scope, [scope.dialect.countIf(domain)]);
    const [others] = yield* scan(other, ['count(*)']);
    const counts = { self: countOf(own), other: countOf(others) };
    const result = session.evidence.format === 'BOOLEAN_ONLY' ? {} : { observed_value: counts };
    return { success: counts.self === counts.other, result };
  },
});
