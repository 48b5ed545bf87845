/** How much a failed expectation matters: `critical` holds a run, `warning` goes on and tells, `info` is recorded. */
export type Severity = 'critical' | 'warning' | 'info';

/** How much evidence a result carries, as in Great Expectations. Default SUMMARY. */
export type ResultFormat = 'BOOLEAN_ONLY' | 'BASIC' | 'SUMMARY' | 'COMPLETE';

/** Arguments of one expectation, in the names that Great Expectations gives them. */
export type Kwargs = Record<string, unknown>;

/** One expectation of a suite, in the form of Great Expectations 1.x. */
export interface ExpectationConfig {
  readonly type: string;
  readonly kwargs: Kwargs;
  readonly meta?: Record<string, unknown>;
  readonly severity?: Severity;
  readonly id?: string;
  readonly notes?: unknown;
  readonly description?: string;
}

/** A named list of expectations, in the form of Great Expectations 1.x. */
export interface Suite {
  readonly name: string;
  readonly expectations: readonly ExpectationConfig[];
  readonly meta?: Record<string, unknown>;
  readonly id?: string;
  readonly notes?: unknown;
}

/** A column of a table as its contract declares it. `type` is an SQL type name such as `numeric(10,2)`. */
export interface ColumnContract {
  readonly name: string;
  readonly type: string;
}

/** A value of a result: what JSON can carry exactly. Decimals and integers beyond 2^53 are strings. */
export type ResultValue = string | number | boolean | null;

/** A value that occurred and how often it did among the sampled unexpected values. */
export interface ValueCount {
  readonly value: unknown;
  readonly count: number;
}

/** What was found, in the keys of Great Expectations; which keys are present depends on the result format. */
export interface ResultDetail {
  observed_value?: unknown;
  element_count?: number;
  unexpected_count?: number;
  /** Per cent of the rows that were judged, that is, without missing ones. Null when there were none. */
  unexpected_percent?: number | null;
  partial_unexpected_list?: unknown[];
  unexpected_index_column_names?: string[];
  missing_count?: number;
  /** Members of a set of different values that do not occur. */
  partial_missing_list?: unknown[];
  missing_percent?: number | null;
  unexpected_percent_total?: number | null;
  unexpected_percent_nonmissing?: number | null;
  partial_unexpected_counts?: ValueCount[];
  /** Index columns and judged columns of each sampled row; bare row positions when no index columns are known. */
  partial_unexpected_index_list?: unknown[];
  unexpected_list?: unknown[];
  unexpected_index_list?: unknown[];
  details?: Record<string, unknown>;
  unexpected_rows?: Record<string, unknown>[];
}

/** Why an expectation could not be evaluated; all null and false when it could. */
export interface ExceptionInfo {
  readonly raised_exception: boolean;
  readonly exception_message: string | null;
  readonly exception_traceback: string | null;
}

/** The verdict on one expectation. `expectation_config.severity` is always filled in. */
export interface ExpectationResult {
  readonly success: boolean;
  readonly expectation_config: ExpectationConfig;
  readonly result: ResultDetail;
  readonly meta: Record<string, unknown>;
  readonly exception_info: ExceptionInfo;
}

/** Counts over a whole suite. `success_percent` is null for an empty suite. */
export interface SuiteStatistics {
  readonly evaluated_expectations: number;
  readonly successful_expectations: number;
  readonly unsuccessful_expectations: number;
  readonly success_percent: number | null;
}

/** The verdict on a batch: one result for each expectation, in the suite's order. */
export interface ValidationResult {
  readonly success: boolean;
  readonly results: readonly ExpectationResult[];
  readonly suite_name: string;
  readonly suite_parameters: Record<string, unknown>;
  readonly statistics: SuiteStatistics;
  readonly meta: Record<string, unknown>;
}
