import { runSuite as runParsedSuite } from './adapters/duckdb/run-suite.ts';
import type { Batch, RunSuiteOptions } from './adapters/duckdb/types.ts';
import { parseSuite } from './expectations/parse-suite.ts';
import type { ValidationResult } from './expectations/types.ts';

export { EngineError, type EngineFailure } from './adapters/duckdb/engine-error.ts';
export type {
  Batch,
  BatchColumn,
  RunSuiteOptions,
  S3Access,
  TableFiles,
} from './adapters/duckdb/types.ts';
export { parseSuite, SuiteError } from './expectations/parse-suite.ts';
export type { SuiteProblem } from './expectations/read-kwargs.ts';
export type {
  ColumnContract,
  ExceptionInfo,
  ExpectationConfig,
  ExpectationResult,
  ResultDetail,
  ResultFormat,
  Severity,
  Suite,
  SuiteStatistics,
  ValidationResult,
} from './expectations/types.ts';

/** What `runSuite` takes: a suite, the data, and how to run. */
export interface RunSuiteRequest extends RunSuiteOptions {
  /** A suite in Great Expectations' JSON form. */
  readonly suite: unknown;
  readonly data: Batch;
}

/**
 * Checks data against a suite of expectations and returns Great Expectations' validation result.
 *
 * ```ts
 * const result = await runSuite({
 *   suite: { name: 'orders', expectations: [{ type: 'expect_column_values_to_be_unique', kwargs: { column: 'order_id' } }] },
 *   data: { format: 'parquet', files: ['orders.parquet'] },
 * });
 * ```
 *
 * Throws `SuiteError` for a suite that is wrong, with every problem, and `EngineError` when the data cannot be reached.
 */
export async function runSuite(request: RunSuiteRequest): Promise<ValidationResult> {
  const { suite, data, ...options } = request;
  return await runParsedSuite(parseSuite(suite), data, options);
}
