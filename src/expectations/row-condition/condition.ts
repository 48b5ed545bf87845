/** How a column is compared. */
export type Comparator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A constant of a condition. */
export type Constant = string | number | boolean;

/** A row condition as a tree. It is two-valued: a comparison with a missing value is false, its negation true. */
export type Condition =
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly comparator: Comparator;
      readonly value: Constant;
    }
  | {
      readonly kind: 'compare-columns';
      readonly column: string;
      readonly comparator: Comparator;
      readonly other: string;
    }
  | { readonly kind: 'in'; readonly column: string; readonly values: readonly Constant[] }
  | { readonly kind: 'is-null'; readonly column: string }
  | { readonly kind: 'not'; readonly term: Condition }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Condition[] };

/** A row condition that cannot be read; the message says where and what was expected. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

/** The columns that a condition reads, each once. */
export function conditionColumns(condition: Condition): string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...new Set(condition.terms.flatMap(conditionColumns))];
    case 'not':
      return conditionColumns(condition.term);
    case 'compare-columns':
      return [condition.column, condition.other];
    default:
      return [condition.column];
  }
}
