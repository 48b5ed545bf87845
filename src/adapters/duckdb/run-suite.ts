import type { DuckDBConnection } from '@duckdb/node-api';
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
import { withAbsolutePaths } from './paths.ts';
import { runQuery } from './query.ts';
import { openSource } from './source.ts';
import type { Batch, RunSuiteOptions } from './types.ts';
import { runUntrusted } from './untrusted.ts';

/**
 * Runs a suite on a batch in DuckDB, inside this process, and returns one result for each expectation. Files that do not
 * hang together fail every expectation with the reason. Throws `EngineError` when the data cannot be reached, when a
 * limit on memory or time is met, or when `signal` aborts; nothing is left behind then.
 */
export async function runSuite(
  suite: Suite,
  data: Batch,
  options: RunSuiteOptions = {},
): Promise<ValidationResult> {
  const tables = Object.entries(data.tables ?? {}).map(
    ([name, table]) => [name, withAbsolutePaths(table)] as const,
  );
  const batch: Batch = { ...withAbsolutePaths(data), tables: Object.fromEntries(tables) };
  const files = [batch, ...Object.values(batch.tables ?? {})].flatMap((table) => table.files);
  const engine = await openEngine([...new Set(files)], options);
  const stop = () => engine.connection.interrupt();
  const timer = setTimeout(stop, options.timeoutMs ?? 600_000);
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    options.signal?.throwIfAborted();
    const session = await openSession(engine.connection, batch, options);
    const runner = queryRunner(engine.connection, [...session.tables.keys()], options);
    return await validateSuite(suite, options.parameters ?? {}, session, runner);
  } catch (error) {
    if (error instanceof QueryRefused) return refusedResult(suite, options.parameters ?? {}, error.message);
    if (error instanceof EngineError && error.failure === 'stopped') {
      throw new EngineError(
        'stopped',
        `the checks of suite "${suite.name}" were stopped before they were done`,
      );
    }
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
    await engine.close();
  }
}

async function openSession(
  connection: DuckDBConnection,
  batch: Batch,
  options: RunSuiteOptions,
): Promise<Session> {
  const unmasked = options.unmasked ?? false;
  const source = await openSource(connection, batch, unmasked);
  await createView(connection, 'batch', source);
  const tables = new Map<string, Source>();
  for (const [name, files] of Object.entries(batch.tables ?? {})) {
    const other = await openSource(connection, files, unmasked);
    tables.set(name, other);
    if (name !== 'batch') await createView(connection, name, other);
  }
  const judges: ((text: string) => boolean)[] = [];
  registerJudges(connection, judges);
  return {
    dialect: duckdbDialect,
    judges,
    batch: source,
    tables,
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
  options: RunSuiteOptions,
): QueryRunner {
  return {
    run: (sql) => runQuery(connection, sql),
    runUntrusted: (sql, limit) =>
      runUntrusted(connection, sql, ['batch', ...tables], limit, options.queryTimeoutMs ?? 60_000),
  };
}
