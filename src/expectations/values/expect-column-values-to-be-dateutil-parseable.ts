import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { judgedText } from '../judge.ts';
import { valueKwargs } from '../kwargs.ts';
import { isReadableDate } from '../readable-date.ts';
import { checkValues, textValue } from './check-values.ts';

/** Each value reads as a date. */
export const expectColumnValuesToBeDateutilParseable = defineExpectation({
  type: 'expect_column_values_to_be_dateutil_parseable',
  needsDuckdb: true,
  summary: 'Each value is text that a person would read as a date, with or without a time of day.',
  kwargs: z.strictObject(valueKwargs),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) =>
      judgedText(scope, textValue(subject, 'a date'), isReadableDate),
    ),
});
