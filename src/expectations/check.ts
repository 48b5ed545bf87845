import type { RelationUse } from './sql/relation.ts';
import type { ExceptionInfo, ResultDetail } from './types.ts';

/** A cell of an answer: every scalar comes as text, lists as lists. */
export type Cell = string | null | readonly Cell[];

/** Wants aggregates over a source. All such wants of a round are answered by one SELECT per source. */
export interface ScanRequest {
  readonly kind: 'scan';
  readonly of: RelationScope;
  readonly select: readonly string[];
  /**
   * The aggregates look at no other rows than these. Such wants share a SELECT of their own, over the rows that any of them
   * looks at, so each aggregate has to be limited to its own.
   */
  readonly where?: string;
}

/** Wants a whole query over a source; `sql` gets the source's FROM clause. */
export interface QueryRequest {
  readonly kind: 'query';
  readonly of: RelationScope;
  readonly sql: (from: string) => string;
}

/**
 * Wants the first `limit` rows, in the data's order, that fulfil a condition. All such wants on a source share one reading,
 * which ends as soon as each has its rows.
 */
export interface SampleRequest {
  readonly kind: 'sample';
  readonly of: RelationScope;
  readonly condition: string;
  readonly items: readonly string[];
  readonly limit: number;
  /** How many of the source's first rows are likely to hold them; null where it may take all. */
  readonly reach: number | null;
}

/** Wants the rows of an SQL text that the suite brought itself; at most `limit`, and their exact number. */
interface UntrustedRequest {
  readonly kind: 'untrusted';
  readonly sql: string;
  readonly limit: number;
}

export type Request = ScanRequest | QueryRequest | SampleRequest | UntrustedRequest;

/** Which source a request reads, and which of its columns; filled in by the context. */
export interface RelationScope {
  readonly table: string | null;
  readonly use: RelationUse;
}

/** What a request is answered with: one row for a scan, the rows for a sample or a query. `columns` and `ownColumns` only for untrusted ones. */
export interface Answer {
  readonly rows: readonly (readonly Cell[])[];
  readonly columns?: readonly string[];
  /** Those of `columns` that a query of the suite's own did not name anew. */
  readonly ownColumns?: readonly string[];
}

/** The verdict of one check before severity and configuration are added. */
export interface Outcome {
  readonly success: boolean;
  readonly result: ResultDetail;
  readonly exception?: ExceptionInfo;
}

/**
 * One expectation at work: asks for what it needs, round by round, and returns its verdict. It asks with `yield`, so
 * the engine can answer the questions of all expectations with one scan.
 */
export type Check = Generator<Request, Outcome, Answer>;
