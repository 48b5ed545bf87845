import { z } from 'zod';
import { column, countOf, openScope, query, textOf } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, scalar } from '../kwargs.ts';
import { shownValue } from '../result-value.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { isInSet } from '../sql/in-set.ts';
import { allOf, not } from '../sql/logic.ts';

/** The value that occurs most often is one of a set. */
export const expectColumnMostCommonValueToBeInSet = defineExpectation({
  type: 'expect_column_most_common_value_to_be_in_set',
  summary:
    'The value that occurs most often is one of `value_set`; when several do, one of them is (`ties_okay`), else it fails.',
  kwargs: z.strictObject({
    ...aggregateKwargs,
    value_set: z.array(scalar),
    ties_okay: z.boolean().nullish(),
  }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const { dialect } = scope;
    const subject = column(scope, kwargs.column);
    const judged = allOf(domainOf(scope, kwargs), not(subject.isMissing));
    const inSet = isInSet({ ...subject, value: 'm.v' }, kwargs.value_set, dialect);
    const rows = yield* query(scope, (from) => {
      const counts = `select ${subject.text} as t, min(${subject.value}) as v, count(*) as n from ${from} where ${judged} group by 1`;
      const ranked = `select g.t, g.v, rank() over (order by g.n desc) as place from (${counts}) g`;
      const isIn = `case when coalesce(${inSet}, false) then 1 else 0 end`;
      return (
        `select m.t, count(*) over () as modes, sum(${isIn}) over () as inside from (${ranked}) m ` +
        `where m.place = 1 order by m.v, m.t limit ${Math.max(1, session.evidence.partialCount)}`
      );
    });
    const [, modes, inside] = rows[0] ?? [];
    const isInside = countOf(inside) > 0;
    const success = kwargs.ties_okay ? isInside : countOf(modes) === 1 && isInside;
    if (session.evidence.format === 'BOOLEAN_ONLY') return { success, result: {} };
    const shown = rows.map(([text]) => shownValue(textOf(text), subject));
    return { success, result: { observed_value: shown } };
  },
});
