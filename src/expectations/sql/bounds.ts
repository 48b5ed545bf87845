import { CannotCheck } from '../cannot-check.ts';
import type { Bounds } from '../kwargs.ts';

/**
 * Condition that an expression lies within bounds; each is inclusive unless strict, and open when absent. Without any
 * bound the expression only has to have a value.
 */
export function isWithinBounds(
  expression: string,
  bounds: Bounds,
  literal: (value: number | string, kwarg: string) => string,
): string {
  const conditions: string[] = [];
  const { min_value: min, max_value: max } = bounds;
  if (min !== null && min !== undefined) {
    conditions.push(`${expression} ${bounds.strict_min ? '>' : '>='} ${literal(min, 'min_value')}`);
  }
  if (max !== null && max !== undefined) {
    conditions.push(`${expression} ${bounds.strict_max ? '<' : '<='} ${literal(max, 'max_value')}`);
  }
  return conditions.length === 0 ? `${expression} is not null` : conditions.join(' and ');
}

/** Throws `CannotCheck` for bounds that no value can lie between. */
export function refuseEmptyRange(bounds: Bounds): void {
  const { min_value: min, max_value: max } = bounds;
  if (typeof min === typeof max && min !== null && max !== null && min !== undefined && max !== undefined) {
    if (min > max) throw new CannotCheck('min_value cannot be greater than max_value');
  }
}
