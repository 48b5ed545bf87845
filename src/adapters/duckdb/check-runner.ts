import { TidemarkError } from '../../core/errors.ts';
import { parseSuite, SuiteError } from '../../expectations/parse-suite.ts';
import type { Suite } from '../../expectations/types.ts';
import type { CheckBatch, CheckOptions, CheckRunner } from '../../ports/checks.ts';
import { checkInSpark } from '../spark-checks/check-in-spark.ts';
import { EngineError, type EngineFailure } from './engine-error.ts';
import { runSuite } from './run-suite.ts';
import { sumTable } from './totals.ts';
import type { RunSuiteOptions, S3Access, TableFiles } from './types.ts';

/** Limits and access that all checks of a worker share. */
export interface CheckRunnerOptions extends Pick<RunSuiteOptions, 'memoryLimit' | 'threads' | 'httpfsPath'> {
  /** Access to S3 as it is now; asked for each run, since keys change. Default: none, local files only. */
  readonly s3?: () => Promise<S3Access>;
}

const CODES: Readonly<Record<EngineFailure, TidemarkError['code']>> = {
  access: 'STORE_ACCESS_DENIED',
  missing: 'OBJECT_MISSING',
  network: 'STORE_UNREACHABLE',
  memory: 'CHECK_FAILED_TO_RUN',
  stopped: 'CHECK_FAILED_TO_RUN',
  internal: 'CHECK_FAILED_TO_RUN',
};

/** Checks that run in this process, in DuckDB. Each run has its own engine and leaves nothing behind. */
export function createCheckRunner(options: CheckRunnerOptions): CheckRunner {
  const { s3: access, ...limits } = options;
  const shared = async () => ({ ...limits, ...(access === undefined ? {} : { s3: await access() }) });
  const check = async (
    suite: Suite,
    batch: CheckBatch,
    options: CheckOptions & { readonly now?: string },
  ) => {
    const { tables, maskedColumns, ...own } = options;
    const masked = new Set(maskedColumns);
    const others = Object.entries(tables).map(([name, table]) => [name, filesOf(table, masked)] as const);
    const data = { ...filesOf(batch, masked), tables: Object.fromEntries(others) };
    return await runSuite(suite, data, { ...(await shared()), ...own });
  };
  return {
    check: (suite, batch, own) => translatingErrors(() => check(parseSuite(suite), batch, own), own.signal),
    checkInSpark: (checks, execute) =>
      translatingErrors(() => {
        const parsed = checks.map((each) => ({ ...each, suite: parseSuite(each.suite) }));
        return checkInSpark(parsed, execute, ({ suite, batch, options: own }) => check(suite, batch, own));
      }),
    totals: (batch, measures, hidden) =>
      translatingErrors(async () => sumTable(filesOf(batch, new Set()), measures, await shared(), hidden)),
  };
}

function filesOf(batch: CheckBatch, masked: ReadonlySet<string>): TableFiles {
  const columns = batch.columns.map((column) => ({ ...column, isMasked: masked.has(column.name) }));
  return { format: batch.format, files: batch.files, columns };
}

/** The engine's errors as those of the product; an abort is passed on as it was asked for. */
export async function translatingErrors<T>(run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await run();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SuiteError) throw new TidemarkError('DEFINITION_INVALID', error.message);
    if (error instanceof EngineError) throw new TidemarkError(CODES[error.failure], error.message);
    throw error;
  }
}
