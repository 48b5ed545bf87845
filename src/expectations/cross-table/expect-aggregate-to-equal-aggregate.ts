import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import type { Answer, Request } from '../check.ts';
import { isNumeric } from '../column-type.ts';
import { column, countOf, openScope, type Scope, scan, textOf } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { type ConditionKwargs, conditionKwargs } from '../kwargs.ts';
import { exactNumber, MASK, resultValue } from '../result-value.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { countUnreadable, refuseUnreadable } from '../unreadable.ts';

const AGGREGATES = ['sum', 'count', 'count_distinct', 'min', 'max', 'mean'] as const;
type Aggregate = (typeof AGGREGATES)[number];

/** A figure of this table equals a figure of another. */
export const expectAggregateToEqualAggregate = defineExpectation({
  type: 'expect_aggregate_to_equal_aggregate',
  summary:
    '`aggregate` (sum, count, count_distinct, min, max, mean) of `column` equals `other_aggregate` (default the same) of ' +
    '`other_column` in `table`, to within `tolerance` (default 0, exact for decimals). `column` may be left out for count.',
  isGreatExpectations: false,
  kwargs: z.strictObject({
    ...conditionKwargs,
    aggregate: z.enum(AGGREGATES),
    column: z.string().optional(),
    table: z.string(),
    other_aggregate: z.enum(AGGREGATES).optional(),
    other_column: z.string().optional(),
    other_row_condition: conditionKwargs.row_condition,
    tolerance: z.number().min(0).default(0),
  }),
  *check(kwargs, session) {
    const own = openScope(session);
    const other = openScope(session, kwargs.table);
    const left = yield* figureOf(own, kwargs.aggregate, kwargs.column, kwargs);
    const right = yield* figureOf(
      other,
      kwargs.other_aggregate ?? kwargs.aggregate,
      kwargs.other_column ?? kwargs.column,
      {
        row_condition: kwargs.other_row_condition,
      },
    );
    const success = isEqual(left.text, right.text, kwargs.tolerance);
    const result =
      session.evidence.format === 'BOOLEAN_ONLY'
        ? {}
        : { observed_value: { self: left.shown, other: right.shown } };
    return { success, result };
  },
});

interface FigureFound {
  readonly text: string | null;
  readonly shown: unknown;
}

function* figureOf(
  scope: Scope,
  aggregate: Aggregate,
  name: string | undefined,
  condition: ConditionKwargs,
): Generator<Request, FigureFound, Answer> {
  const domain = domainOf(scope, condition);
  if (name === undefined) {
    if (aggregate !== 'count') throw new CannotCheck(`${aggregate} needs a column`);
    const [rows] = yield* scan(scope, [scope.dialect.countIf(domain)]);
    return { text: textOf(rows), shown: countOf(rows) };
  }
  const subject = column(scope, name);
  const isNumber = aggregate === 'sum' || aggregate === 'mean';
  if (isNumber && !isNumeric(subject.type)) {
    throw new CannotCheck(`column "${name}" is ${subject.type.declared}; ${aggregate} needs numbers`);
  }
  const sql =
    aggregate === 'count_distinct'
      ? scope.dialect.countDistinct([subject.value], domain)
      : scope.dialect.filtered(`${aggregate === 'mean' ? 'avg' : aggregate}(${subject.value})`, domain);
  const isValue = aggregate === 'min' || aggregate === 'max';
  const [found, unreadable] = yield* scan(scope, [
    isValue ? scope.dialect.toText(sql, subject.type) : scope.dialect.text(sql),
    countUnreadable(subject, domain, scope.dialect),
  ]);
  refuseUnreadable(subject, unreadable);
  const text = textOf(found);
  const isHidden = subject.isMasked && !aggregate.startsWith('count');
  const shown =
    text === null ? null : isHidden ? MASK : isValue ? resultValue(text, subject.type) : exactNumber(text);
  return { text, shown };
}

/** Equality of two figures as text: exact for plain decimals, whatever their trailing zeros. Two empty sums are equal. */
function isEqual(left: string | null, right: string | null, tolerance: number): boolean {
  if (left === null || right === null) return left === right;
  if (plain(left) === plain(right)) return true;
  const difference = Math.abs(Number(left) - Number(right));
  return tolerance > 0 && difference <= tolerance;
}

function plain(text: string): string {
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
}
