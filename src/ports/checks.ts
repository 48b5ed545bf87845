import type { SparkAnswer, SparkInput, SparkStatement } from '../core/spark-plan.ts';
import type { ValidationResult } from '../expectations/types.ts';

/** Runs suites over files, and sums them up. */
export interface CheckRunner {
  /** One scan over the batch; a check that cannot be executed fails with its reason, it never throws. */
  check(suite: unknown, batch: CheckBatch, options: CheckOptions): Promise<ValidationResult>;
  /**
   * Runs suites together on an engine elsewhere, round by round: what one round asks for does not hang on itself, and
   * most suites take one or two. What Spark has no way to say is checked in this process. Results are as those of `check`.
   */
  checkInSpark(
    checks: readonly SparkCheck[],
    execute: (job: SparkJob, round: number) => Promise<readonly SparkAnswer[]>,
  ): Promise<ValidationResult[]>;
  /** Row count and exact sums as decimal text, null where no row has a value. */
  totals(batch: CheckBatch, measures: readonly string[], hidden?: HiddenRows): Promise<Totals>;
}

export interface CheckBatch {
  /** `csv`: gzipped, in COPY's dialect with a header line. */
  readonly format: 'csv' | 'parquet';
  /** `s3://` URIs or local paths; none means no rows. */
  readonly files: readonly string[];
  /** Contract columns; types in PostgreSQL's words. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** One of the suites that Spark runs together. */
export interface SparkCheck {
  /** Lower snake case and unique among them. */
  readonly name: string;
  readonly suite: unknown;
  readonly batch: CheckBatch;
  /** `now` is the instant that freshness is measured against: the same when the work is tried again. */
  readonly options: CheckOptions & { readonly now: string };
}

/** What Spark is asked in one round: the views that queries read, and the queries, answered in order. */
export interface SparkJob {
  readonly inputs: readonly SparkInput[];
  readonly statements: readonly SparkStatement[];
  readonly queries: readonly string[];
}

export interface CheckOptions {
  /** Other batches that the suite may name, by entity or model. */
  readonly tables: Readonly<Record<string, CheckBatch>>;
  /** Columns that tell where a failing row is; its key. */
  readonly indexColumns: readonly string[];
  /** Columns whose values never appear in results. */
  readonly maskedColumns: readonly string[];
  /** Rows of the batches of earlier runs, oldest first; default none. */
  readonly rowCountHistory?: readonly number[];
  readonly signal?: AbortSignal;
}

/** Rows that do not count: those whose text column holds the value. Files without the column hide none. */
export interface HiddenRows {
  readonly column: string;
  readonly value: string;
}

export interface Totals {
  readonly rowCount: number;
  readonly sums: Readonly<Record<string, string | null>>;
}
