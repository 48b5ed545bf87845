import { type Data, resolveData } from './adapters/duckdb/data.ts';
import { maskEveryTable } from './adapters/duckdb/mask-tables.ts';
import { tablesNamedBy } from './adapters/duckdb/named-tables.ts';
import { runSuite as runParsedSuite } from './adapters/duckdb/run-suite.ts';
import type { RunSuiteOptions } from './adapters/duckdb/types.ts';
import { parseSuite } from './expectations/parse-suite.ts';
import type { ValidationResult } from './expectations/types.ts';

export type { Data, TableData } from './adapters/duckdb/data.ts';
export { EngineError, type EngineFailure } from './adapters/duckdb/engine-error.ts';
export { findS3Access } from './adapters/duckdb/s3-access.ts';
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

export { type SuggestSuiteRequest, suggestSuite } from './suggest-suite.ts';

/** What `runSuite` takes: a suite, the data, and how to run. */
export interface RunSuiteRequest extends RunSuiteOptions {
  /** A suite in Great Expectations' JSON form. */
  readonly suite: unknown;
  /** Paths, or files with their columns and other tables: `'orders.csv'`, `['a.parquet', 'b.parquet']`, `{ files, columns, tables }`. */
  readonly data: Data;
}

/**
 * Checks data against a suite of expectations and returns Great Expectations' validation result.
 *
 * ```ts
 * const result = await runSuite({
 *   suite: { name: 'orders', expectations: [{ type: 'expect_column_values_to_be_unique', kwargs: { column: 'order_id' } }] },
 *   data: 'orders/*.csv.gz',
 * });
 * ```
 *
 * Throws `SuiteError` for a suite that is wrong, with every problem, `EngineError` when the data cannot be reached, and
 * `TypeError` where the files do not tell their format. Nothing is left behind.
 */
export async function runSuite(request: RunSuiteRequest): Promise<ValidationResult> {
  const { suite, data, ...options } = request;
  const parsed = parseSuite(suite);
  const isNeeded = tablesNamedBy(parsed, options.parameters ?? {});
  const batch = await maskEveryTable(await resolveData(data, options, isNeeded), options);
  return await runParsedSuite(parsed, batch, options);
}
