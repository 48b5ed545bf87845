import { CannotCheck } from '../cannot-check.ts';
import type { Check } from '../check.ts';
import { isNumeric } from '../column-type.ts';
import { column, countOf, openScope, type Scope, type Session, scan, textOf } from '../context.ts';
import type { Bounds, ConditionKwargs } from '../kwargs.ts';
import { exactNumber, MASK, resultValue } from '../result-value.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import { isWithinBounds } from '../sql/bounds.ts';
import type { ColumnRef } from '../sql/column-ref.ts';
import { boundFor } from '../sql/literal.ts';
import { allOf, not } from '../sql/logic.ts';
import { countUnreadable, refuseUnreadable } from '../unreadable.ts';

/** Kwargs of an expectation about one figure of one column. */
export interface AggregateKwargs extends ConditionKwargs, Bounds {
  readonly column: string;
}

/** A figure of a column. */
export interface Figure {
  /** The aggregate over the rows of `domain` (null for all). */
  readonly aggregate: (subject: ColumnRef, domain: string | null, scope: Scope) => string;
  /** `value` figures are values of the column, and compare and show as such; others are numbers. */
  readonly kind: 'value' | 'number' | 'count';
  /** Figures of numeric columns only. */
  readonly needsNumbers?: boolean;
  /** The figure is right even where stored text does not read as the column's type. */
  readonly toleratesUnreadable?: boolean;
}

/**
 * Judges whether a figure of a column lies within bounds; a column without values fails. Figures of a masked column
 * that could give a value away are masked.
 */
export function* checkAggregate(session: Session, kwargs: AggregateKwargs, figure: Figure): Check {
  const scope = openScope(session);
  const subject = column(scope, kwargs.column);
  const domain = domainOf(scope, kwargs);
  if (figure.needsNumbers === true && !isNumeric(subject.type))
    return yield* refuseValues(scope, subject, domain);
  const aggregate = figure.aggregate(subject, domain, scope);
  const within = isWithinBounds(aggregate, kwargs, (value, kwarg) => {
    if (figure.kind === 'value') return boundFor(subject, value, kwarg, scope.dialect);
    if (typeof value === 'number') return scope.dialect.number(value);
    throw new CannotCheck(`${kwarg} ${JSON.stringify(value)} is not a number`);
  });
  const [observed, success, unreadable] = yield* scan(scope, [
    figure.kind === 'value' ? scope.dialect.toText(aggregate, subject.type) : scope.dialect.text(aggregate),
    scope.dialect.text(`coalesce(${within}, false)`),
    countUnreadable(subject, domain, scope.dialect),
  ]);
  if (figure.toleratesUnreadable !== true) refuseUnreadable(subject, unreadable);
  const result =
    session.evidence.format === 'BOOLEAN_ONLY'
      ? {}
      : { observed_value: observedValue(textOf(observed), subject, figure) };
  return { success: textOf(success) === 'true', result };
}

/** A column of another type has no such figure, unless it has no values either. */
function* refuseValues(scope: Scope, subject: ColumnRef, domain: string | null): Check {
  const [present] = yield* scan(scope, [scope.dialect.countIf(allOf(domain, not(subject.isMissing)))]);
  if (countOf(present) > 0) {
    throw new CannotCheck(`column "${subject.name}" is ${subject.type.declared}; this figure needs numbers`);
  }
  const isBrief = scope.session.evidence.format === 'BOOLEAN_ONLY';
  return { success: false, result: isBrief ? {} : { observed_value: null } };
}

function observedValue(text: string | null, subject: ColumnRef, figure: Figure): unknown {
  if (text === null) return null;
  if (subject.isMasked && figure.kind !== 'count') return MASK;
  return figure.kind === 'value' ? resultValue(text, subject.type) : exactNumber(text);
}
