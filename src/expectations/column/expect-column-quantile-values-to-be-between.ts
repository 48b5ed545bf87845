import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import { isNumeric } from '../column-type.ts';
import { column, countOf, openScope, scan, textOf } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs } from '../kwargs.ts';
import { exactNumber, MASK } from '../result-value.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { countUnreadable, refuseUnreadable } from '../unreadable.ts';

const INTERPOLATIONS = ['linear', 'lower', 'higher', 'midpoint', 'nearest'] as const;
type Interpolation = (typeof INTERPOLATIONS)[number];

const bound = z.number().nullable();

/** Quantiles of the values lie within bounds. */
export const expectColumnQuantileValuesToBeBetween = defineExpectation({
  type: 'expect_column_quantile_values_to_be_between',
  summary:
    'The `quantiles` of the values lie within their `value_ranges` (null for open), to within a ten-thousandth. ' +
    '`allow_relative_error` names how to choose between two values: nearest (false), linear, lower, higher, midpoint.',
  kwargs: z.strictObject({
    ...aggregateKwargs,
    quantile_ranges: z
      .strictObject({
        quantiles: z.array(z.number().min(0).max(1)).min(1),
        value_ranges: z.array(z.tuple([bound, bound])),
      })
      .refine((ranges) => ranges.quantiles.length === ranges.value_ranges.length, {
        error: 'quantiles and value_ranges must have the same length',
      }),
    allow_relative_error: z.union([z.boolean(), z.enum(INTERPOLATIONS)]).default(false),
  }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const { dialect } = scope;
    const subject = column(scope, kwargs.column);
    if (!isNumeric(subject.type)) {
      throw new CannotCheck(`column "${subject.name}" is ${subject.type.declared}; quantiles need numbers`);
    }
    const domain = domainOf(scope, kwargs);
    const [values, unreadable] = yield* scan(scope, [
      dialect.filtered(`count(${subject.value})`, domain),
      countUnreadable(subject, domain, dialect),
    ]);
    refuseUnreadable(subject, unreadable);
    const { quantiles, value_ranges: ranges } = kwargs.quantile_ranges;
    const how = typeof kwargs.allow_relative_error === 'string' ? kwargs.allow_relative_error : 'nearest';
    const count = countOf(values);
    const cells = yield* scan(
      scope,
      quantiles.map((at) => {
        const parts = weightedPositions(at, count, how).map(
          ([position, weight]) =>
            `${weight} * ${dialect.filtered(dialect.nthSmallest(dialect.toDouble(subject.value), position, count), domain)}`,
        );
        return scope.dialect.text(parts.join(' + '));
      }),
    );
    const found = cells.map((cell) => textOf(cell));
    const details = ranges.map((range, index) => isWithin(found[index] ?? null, range));
    const success = details.every(Boolean);
    if (session.evidence.format === 'BOOLEAN_ONLY') return { success, result: {} };
    const shown = found.map((text) => (text === null ? null : subject.isMasked ? MASK : exactNumber(text)));
    return {
      success,
      result: { observed_value: { quantiles, values: shown }, details: { success_details: details } },
    };
  },
});

/** Which of the sorted values (from 0) make up a quantile, and how much each counts. */
function weightedPositions(at: number, count: number, how: Interpolation): [number, number][] {
  const exact = at * Math.max(0, count - 1);
  const [low, high] = [Math.floor(exact), Math.ceil(exact)];
  const share = exact - low;
  if (low === high || how === 'lower') return [[low, 1]];
  if (how === 'higher') return [[high, 1]];
  if (how === 'midpoint')
    return [
      [low, 0.5],
      [high, 0.5],
    ];
  if (how === 'linear')
    return [
      [low, 1 - share],
      [high, share],
    ];
  const isLow = share < 0.5 || (share === 0.5 && low % 2 === 0);
  return [[isLow ? low : high, 1]];
}

function isWithin(text: string | null, [low, high]: readonly [number | null, number | null]): boolean {
  if (text === null) return false;
  const value = Number(text);
  const isNear = (limit: number | null) =>
    limit !== null && Math.abs(value - limit) <= 1e-8 + 1e-4 * Math.abs(limit);
  const isInside = value >= (low ?? Number.NEGATIVE_INFINITY) && value <= (high ?? Number.POSITIVE_INFINITY);
  return isInside || isNear(low) || isNear(high);
}
