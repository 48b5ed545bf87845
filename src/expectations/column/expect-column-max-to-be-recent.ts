import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import { column, openScope, scan, textOf } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs } from '../kwargs.ts';
import { shownValue } from '../result-value.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { countUnreadable, refuseUnreadable } from '../unreadable.ts';

const HOUR_MS = 3_600_000;

/** The newest value of a date or time column is not too old. */
export const expectColumnMaxToBeRecent = defineExpectation({
  type: 'expect_column_max_to_be_recent',
  summary:
    'The newest value of a date or timestamp column is at most `max_age_hours` old when the suite runs, and not more than ' +
    '`max_ahead_hours` in the future if that is given. Times without a zone are UTC; a date counts from its midnight.',
  isGreatExpectations: false,
  kwargs: z.strictObject({
    ...aggregateKwargs,
    max_age_hours: z.number().positive(),
    max_ahead_hours: z.number().min(0).nullish(),
  }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const subject = column(scope, kwargs.column);
    if (!['date', 'timestamp', 'timestamptz'].includes(subject.type.family)) {
      throw new CannotCheck(
        `column "${subject.name}" is ${subject.type.declared}; freshness needs dates or timestamps`,
      );
    }
    const domain = domainOf(scope, kwargs);
    const newest = scope.dialect.filtered(`max(${subject.value})`, domain);
    const [shown, milliseconds, unreadable] = yield* scan(scope, [
      scope.dialect.toText(newest, subject.type),
      scope.dialect.text(scope.dialect.epochMs(newest)),
      countUnreadable(subject, domain, scope.dialect),
    ]);
    refuseUnreadable(subject, unreadable);
    const at = textOf(milliseconds);
    const ageHours = at === null ? null : (Date.parse(session.now) - Number(at)) / HOUR_MS;
    const isAhead = ageHours !== null && -ageHours > (kwargs.max_ahead_hours ?? Number.POSITIVE_INFINITY);
    const success = ageHours !== null && ageHours <= kwargs.max_age_hours && !isAhead;
    if (session.evidence.format === 'BOOLEAN_ONLY') return { success, result: {} };
    const result = { observed_value: shownValue(textOf(shown), subject), details: { age_hours: ageHours } };
    return { success, result };
  },
});
