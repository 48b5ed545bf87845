import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import { checkRows } from '../check-rows.ts';
import { isNumeric } from '../column-type.ts';
import { column, openScope, scan, textOf } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { valueKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { countUnreadable, refuseUnreadable } from '../unreadable.ts';

/** No value is far from the mean. */
export const expectColumnValueZScoresToBeLessThan = defineExpectation({
  type: 'expect_column_value_z_scores_to_be_less_than',
  summary:
    'Each value is less than `threshold` sample standard deviations above the mean (`double_sided`: or below it). ' +
    'Where all values are equal, each passes.',
  kwargs: z.strictObject({ ...valueKwargs, threshold: z.number(), double_sided: z.boolean().default(true) }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const { dialect } = scope;
    const subject = column(scope, kwargs.column);
    if (!isNumeric(subject.type)) {
      throw new CannotCheck(`column "${subject.name}" is ${subject.type.declared}; z scores need numbers`);
    }
    const domain = domainOf(scope, kwargs);
    const value = dialect.toDouble(subject.value);
    const [mean, deviation, unreadable] = yield* scan(scope, [
      dialect.filtered(`avg(${value})`, domain),
      dialect.filtered(dialect.stdev(value), domain),
      countUnreadable(subject, domain, dialect),
    ]);
    refuseUnreadable(subject, unreadable);
    const isUniform = textOf(deviation) === null || Number(textOf(deviation)) === 0;
    const constant = (text: string | null) => dialect.toDouble(dialect.string(text ?? '0'));
    const score = `(${value} - ${constant(textOf(mean))}) / ${constant(textOf(deviation))}`;
    const expected = kwargs.double_sided
      ? `abs(${score}) < ${dialect.number(Math.abs(kwargs.threshold))}`
      : `${score} < ${dialect.number(kwargs.threshold)}`;
    return yield* checkRows(scope, {
      domain,
      isMissing: subject.isMissing,
      expected: isUniform ? 'true' : expected,
      mostly: kwargs.mostly,
      shape: 'value',
      shown: [subject],
    });
  },
});
