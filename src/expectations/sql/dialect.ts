import type { ColumnType } from '../column-type.ts';

/** An expression and its type. */
export interface TypedSql {
  readonly sql: string;
  readonly type: ColumnType;
}

/**
 * How one SQL engine spells what the expectations need. Everything that reaches the engine from a suite or a contract
 * passes through `identifier`, `string` or a literal of this object, so no name and no value can change a query.
 */
export interface Dialect {
  readonly name: string;
  identifier(name: string): string;
  string(value: string): string;
  number(value: number): string;
  /** A literal of the given type from its text form (dates and instants in ISO form). */
  typed(text: string, type: ColumnType): string;
  /** The typed value of a text expression; NULL where the text does not read as the type. */
  tryCast(text: string, type: ColumnType): string;
  /** A figure as text. */
  text(value: string): string;
  /** The text that a result shows for a value of the type. */
  toText(value: string, type: ColumnType): string;
  toDouble(value: string): string;
  isNaN(value: string): string;
  filtered(aggregate: string, condition: string | null): string;
  /** Number of rows that fulfil the condition, or of all. */
  countIf(condition: string | null): string;
  countDistinct(values: readonly string[], condition: string | null): string;
  /**
   * A list of at most `limit` rows that fulfil the condition, each a list of its items as text, in the order of `order`.
   * NULL when there are none. Null for an engine that cannot keep such a list short while it scans.
   */
  firstRows(
    items: readonly TypedSql[],
    order: readonly string[],
    limit: number,
    condition: string,
  ): string | null;
  matchesRegex(text: string, pattern: string): string;
  matchesLike(text: string, pattern: string, escapeCharacter: string | null): string;
  length(text: string): string;
  /** Sample standard deviation; NULL for fewer than two values. */
  stdev(value: string): string;
  /** Linearly interpolated quantile, `at` between 0 and 1. */
  quantile(value: string, at: number): string;
  /** The value at a position (from 0) of `count` sorted values. */
  nthSmallest(value: string, position: number, count: number): string;
  /** Milliseconds of a date or instant since 1970-01-01 UTC. */
  epochMs(value: string): string;
  /** Condition that the n-th judge of the session accepts a text; null where the engine cannot call one. */
  judged(judge: number, text: string): string | null;
  /** Condition that a text reads as JSON. */
  isJson(text: string): string;
  /** The instant that a text holds in a strptime format; NULL where it does not. */
  tryParseTime(text: string, format: string): string;
  /** The first rows of a relation, in the files' order; with none of them a query only shows whether it could run at all. */
  firstOf(relation: string, rowCount: number): string;
  /** Position of each row in the files' order, from 0. */
  rowNumber(): string;
  /** The value of the row before, in the files' order, which `position` tells. */
  previous(value: string, position: string): string;
}
