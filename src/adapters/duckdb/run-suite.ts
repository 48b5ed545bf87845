import type { DuckDBConnection } from '@duckdb/node-api';
import type { Answer } from '../../expectations/check.ts';
import type { Session } from '../../expectations/context.ts';
import { QueryRefused, type QueryRunner } from '../../expectations/run-checks.ts';
import { columnRef } from '../../expectations/sql/column-ref.ts';
import { duckdbDialect } from '../../expectations/sql/duckdb.ts';
import { fromClause } from '../../expectations/sql/relation.ts';
import type { Source } from '../../expectations/sql/schema.ts';
import type { Suite, ValidationResult } from '../../expectations/types.ts';
import { refusedResult, validateSuite } from '../../expectations/validate-suite.ts';
import { openEngine } from './connection.ts';
import { EngineError } from './engine-error.ts';
import { registerJudges } from './judges.ts';
import { tablesNamedBy } from './named-tables.ts';
import { withAbsolutePaths } from './paths.ts';
import { pickRows, runQuery } from './query.ts';
import { openSource } from './source.ts';
import type { Batch, RunSuiteOptions } from './types.ts';
import { runUntrusted } from './untrusted.ts';

/**
 * Runs a suite on a batch in DuckDB, inside this process, and returns one result for each expectation. Files that do not
 * hang together fail every expectation that reads them, with the reason. Throws `EngineError` when the data cannot be
 * reached or a limit on memory or time is met, and the signal's reason when it aborts; nothing is left behind then.
 */
export async function runSuite(
  suite: Suite,
  data: Batch,
  options: RunSuiteOptions = {},
): Promise<ValidationResult> {
  const parameters = options.parameters ?? {};
  const batch = withNeededTables(suite, data, parameters);
  const files = [batch, ...Object.values(batch.tables ?? {})].flatMap((table) => table.files);
  const limit = AbortSignal.timeout(options.timeoutMs ?? 600_000);
  const stop = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
  const engine = await openEngine([...new Set(files)], options);
  const interrupt = () => engine.connection.interrupt();
  stop.addEventListener('abort', interrupt);
  try {
    stop.throwIfAborted();
    const names = Object.keys(data.tables ?? {});
    const session = await openSession(engine.connection, batch, names, options);
    const runner = queryRunner(engine.connection, [...session.tables.keys()], stop, options);
    return await validateSuite(suite, parameters, session, runner);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (stop.aborted) throw new EngineError('stopped', `the checks of suite "${suite.name}" took too long`);
    if (error instanceof QueryRefused) return refusedResult(suite, parameters, error.message);
    throw error;
  } finally {
    stop.removeEventListener('abort', interrupt);
    await engine.close();
  }
}

/** The data with those other tables alone that the suite names, so that no file is opened for nothing. */
function withNeededTables(suite: Suite, data: Batch, parameters: Readonly<Record<string, unknown>>): Batch {
  const isNamed = tablesNamedBy(suite, parameters);
  const needed = Object.entries(data.tables ?? {}).filter(([name]) => isNamed(name));
  const tables = needed.map(([name, table]) => [name, withAbsolutePaths(table)] as const);
  return { ...withAbsolutePaths(data), tables: Object.fromEntries(tables) };
}

async function openSession(
  connection: DuckDBConnection,
  batch: Batch,
  tableNames: readonly string[],
  options: RunSuiteOptions,
): Promise<Session> {
  const unmasked = options.unmasked ?? false;
  const source = await openSource(connection, batch, unmasked);
  await createView(connection, 'batch', source);
  const tables = new Map<string, Source>();
  const brokenTables = new Map<string, string>();
  for (const [name, files] of Object.entries(batch.tables ?? {})) {
    try {
      const other = await openSource(connection, files, unmasked);
      tables.set(name, other);
      if (name !== 'batch') await createView(connection, name, other);
    } catch (error) {
      if (!(error instanceof QueryRefused)) throw error;
      brokenTables.set(name, error.message);
    }
  }
  const judges: ((text: string) => boolean)[] = [];
  registerJudges(connection, judges);
  return {
    dialect: duckdbDialect,
    judges,
    batch: source,
    tables,
    brokenTables,
    tableNames,
    joins: new Map(),
    rowCountHistory: options.rowCountHistory ?? [],
    now: options.now ?? new Date().toISOString(),
    evidence: {
      format: options.resultFormat ?? 'SUMMARY',
      partialCount: options.partialUnexpectedCount ?? 20,
      completeCount: options.maxUnexpectedRows ?? 10_000,
      indexColumns: options.indexColumns ?? [],
    },
  };
}

/** The table as the suite's own SQL sees it: typed columns under their own names. */
async function createView(connection: DuckDBConnection, name: string, source: Source): Promise<void> {
  const use = { columns: new Set(source.columns.keys()), joins: new Set<string>(), needsRowNumber: false };
  const columns = source.columns.map((column, index) => {
    const { value } = columnRef(column, index, duckdbDialect);
    return `${value} as ${duckdbDialect.identifier(column.name)}`;
  });
  const select = columns.length === 0 ? '1 as "nothing"' : columns.join(', ');
  const from = fromClause(source, use, duckdbDialect);
  await runQuery(
    connection,
    `create view ${duckdbDialect.identifier(name)} as select ${select} from ${from}`,
  );
}

function queryRunner(
  connection: DuckDBConnection,
  tables: readonly string[],
  stop: AbortSignal,
  options: RunSuiteOptions,
): QueryRunner {
  return {
    run: async (queries) => {
      const answers: (Answer | QueryRefused)[] = [];
      for (const sql of queries) {
        stop.throwIfAborted();
        answers.push(await runOrRefuse(connection, sql));
      }
      return answers;
    },
    sample: async (sql, limits) => {
      stop.throwIfAborted();
      return await pickRows(connection, sql, limits);
    },
    runUntrusted: async (sql, limit) => {
      stop.throwIfAborted();
      const visible = ['batch', ...tables];
      return await blamelessWhenStopped(stop, () =>
        runUntrusted(connection, sql, visible, limit, options.queryTimeoutMs ?? 60_000),
      );
    },
  };
}

async function runOrRefuse(connection: DuckDBConnection, sql: string): Promise<Answer | QueryRefused> {
  try {
    return await runQuery(connection, sql);
  } catch (error) {
    if (error instanceof QueryRefused) return error;
    throw error;
  }
}

/** A query of the suite's own that is stopped together with the run is not at fault. */
async function blamelessWhenStopped<T>(stop: AbortSignal, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    stop.throwIfAborted();
    throw error;
  }
}
