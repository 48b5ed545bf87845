import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import { checkRows } from '../check-rows.ts';
import { isNumeric } from '../column-type.ts';
import { column, openScope, scan, textOf } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { rowKwargs } from '../kwargs.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import type { Dialect } from '../sql/dialect.ts';
import { countUnreadable, refuseUnreadable } from '../unreadable.ts';

/** No value lies outside a window around the middle of all. */
export const expectColumnValuesToNotBeOutliers = defineExpectation({
  type: 'expect_column_values_to_not_be_outliers',
  summary:
    'Each value lies within `multiplier` (1.5) times the distance of the quartiles from the nearer one (`method` iqr), or is ' +
    'less than `multiplier` sample standard deviations from the mean (std).',
  kwargs: z.strictObject({
    column: z.string(),
    ...rowKwargs,
    method: z.enum(['iqr', 'std']).default('iqr'),
    multiplier: z.number().min(0).default(1.5),
  }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const { dialect } = scope;
    const subject = column(scope, kwargs.column);
    if (!isNumeric(subject.type)) {
      throw new CannotCheck(`column "${subject.name}" is ${subject.type.declared}; outliers need numbers`);
    }
    const domain = domainOf(scope, kwargs);
    const value = dialect.toDouble(subject.value);
    const figures =
      kwargs.method === 'iqr'
        ? [dialect.quantile(value, 0.25), dialect.quantile(value, 0.75)]
        : [`avg(${value})`, dialect.stdev(value)];
    const [first, second, unreadable] = yield* scan(scope, [
      ...figures.map((figure) => dialect.text(dialect.filtered(figure, domain))),
      countUnreadable(subject, domain, dialect),
    ]);
    refuseUnreadable(subject, unreadable);
    const [from, to] = [textOf(first), textOf(second)];
    const isIn = kwargs.method === 'iqr' ? isWithinFences : isNearMean;
    return yield* checkRows(scope, {
      domain,
      isMissing: subject.isMissing,
      expected: from === null || to === null ? 'true' : isIn(value, from, to, kwargs.multiplier, dialect),
      mostly: kwargs.mostly,
      shape: 'value',
      shown: [subject],
    });
  },
});

function isWithinFences(
  value: string,
  low: string,
  high: string,
  multiplier: number,
  dialect: Dialect,
): string {
  const reach = multiplier * (Number(high) - Number(low));
  const [from, to] = [dialect.number(Number(low) - reach), dialect.number(Number(high) + reach)];
  return `${value} >= ${from} and ${value} <= ${to}`;
}

function isNearMean(
  value: string,
  mean: string,
  deviation: string,
  multiplier: number,
  dialect: Dialect,
): string {
  const reach = multiplier * Number(deviation);
  const center = dialect.number(Number(mean));
  return reach === 0 ? `${value} = ${center}` : `abs(${value} - ${center}) < ${dialect.number(reach)}`;
}
