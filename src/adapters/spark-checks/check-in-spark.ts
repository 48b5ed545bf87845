import type { SparkAnswer } from '../../core/spark-plan.ts';
import type { Answer } from '../../expectations/check.ts';
import type { Session } from '../../expectations/context.ts';
import { whyForeign } from '../../expectations/foreign-table.ts';
import { findExpectation } from '../../expectations/registry.ts';
import { QueryRefused } from '../../expectations/run-checks.ts';
import { sparkDialect } from '../../expectations/sql/spark.ts';
import type { ExpectationConfig, Suite, ValidationResult } from '../../expectations/types.ts';
import { summarizeResults, validateSuite } from '../../expectations/validate-suite.ts';
import type { CheckBatch, SparkCheck, SparkJob } from '../../ports/checks.ts';
import { runLanes } from './query-lanes.ts';
import { type SparkTable, sparkTable } from './spark-table.ts';

/** Rows in the partial lists, as everywhere. */
const PARTIAL_COUNT = 20;
const COMPLETE_COUNT = 10_000;

/** A check whose suite has been read. */
export interface ParsedSparkCheck extends Omit<SparkCheck, 'suite'> {
  readonly suite: Suite;
}

/**
 * Evaluates suites in Spark, all of them round by round together, and gives results as those of one process. Expectations
 * that need DuckDB are left to `checkHere`, and so are CSV files of one column, whose missing values Spark does not see.
 */
export async function checkInSpark(
  checks: readonly ParsedSparkCheck[],
  execute: (job: SparkJob, round: number) => Promise<readonly SparkAnswer[]>,
  checkHere: (check: ParsedSparkCheck) => Promise<ValidationResult>,
): Promise<ValidationResult[]> {
  const tables = new Map<string, SparkTable>();
  const opened = checks.map((check) => {
    const session = openSession(check, tables);
    // Nothing of a foreign table is read, and to see that takes the whole suite.
    const foreign = whyForeign(check.suite, {}, session);
    const here = foreign === null ? check.suite.expectations.filter((each) => isForDuckdb(each, check)) : [];
    return { check, session, foreign, here: new Set(here) };
  });
  const lanes = opened.map(({ check: { suite }, session, foreign, here }) => {
    const expectations = suite.expectations.filter((each) => !here.has(each));
    return (ask: (queries: readonly string[]) => Promise<readonly (Answer | QueryRefused)[]>) => {
      const runner = {
        run: ask,
        sample: () => Promise.reject(new QueryRefused('Spark finds samples by queries')),
        runUntrusted: () => Promise.reject(new QueryRefused("a suite's own SQL runs in DuckDB only")),
      };
      return validateSuite({ ...suite, expectations }, {}, session, runner, foreign);
    };
  });
  const views = {
    inputs: [...tables.values()].map(({ input }) => input),
    statements: [...tables.values()].flatMap(({ statements }) => statements),
  };
  const remote = await runLanes(lanes, async (queries, round) =>
    (await execute({ ...views, queries }, round)).map(answerOf),
  );
  const results: ValidationResult[] = [];
  for (const [index, { check, here }] of opened.entries())
    results.push(await withOwn(check, here, remote[index]!, checkHere));
  return results;
}

function isForDuckdb({ type }: ExpectationConfig, { batch }: ParsedSparkCheck): boolean {
  return findExpectation(type)?.needsDuckdb === true || hasOneColumn(batch);
}

function hasOneColumn({ format, columns }: CheckBatch): boolean {
  return format === 'csv' && columns.length < 2;
}

/** Adds what is checked in this process, each in its place. */
async function withOwn(
  check: ParsedSparkCheck,
  own: ReadonlySet<ExpectationConfig>,
  remote: ValidationResult,
  checkHere: (check: ParsedSparkCheck) => Promise<ValidationResult>,
): Promise<ValidationResult> {
  if (own.size === 0) return remote;
  const here = await checkHere({ ...check, suite: { ...check.suite, expectations: [...own] } });
  const [far, near] = [[...remote.results], [...here.results]];
  const results = check.suite.expectations.map((each) => (own.has(each) ? near : far).shift()!);
  return summarizeResults(check.suite, {}, results);
}

function answerOf({ rows, error }: SparkAnswer): Answer | QueryRefused {
  if (rows !== undefined) return { rows };
  return new QueryRefused(error?.message ?? 'Spark gave no answer');
}

/** The session of one suite; the views that it needs join `tables`. */
function openSession(
  { name, suite, batch, options }: ParsedSparkCheck,
  tables: Map<string, SparkTable>,
): Session {
  const masked = new Set(options.maskedColumns);
  const open = (view: string, files: CheckBatch) => {
    // A table is masked by the suite that reads it, so each has views of its own.
    const table = sparkTable(view, files, masked);
    if (!hasOneColumn(files)) tables.set(view, table);
    return table.source;
  };
  const text = JSON.stringify(suite.expectations.map(({ kwargs }) => kwargs));
  const named = Object.entries(options.tables).filter(([table]) => text.includes(JSON.stringify(table)));
  const isBroken = ([, files]: readonly [string, CheckBatch]) => hasOneColumn(files);
  return {
    dialect: sparkDialect,
    batch: open(`batch_${name}`, batch),
    tables: new Map(
      named
        .filter((each) => !isBroken(each))
        .map(([table, files]) => [table, open(`${name}_reads_${table}`, files)]),
    ),
    brokenTables: new Map(
      named.filter(isBroken).map(([table]) => [table, 'Spark cannot read CSV files of one column']),
    ),
    tableNames: Object.keys(options.tables),
    evidence: {
      format: 'SUMMARY',
      partialCount: PARTIAL_COUNT,
      completeCount: COMPLETE_COUNT,
      indexColumns: options.indexColumns,
    },
    rowCountHistory: options.rowCountHistory ?? [],
    now: options.now,
    judges: [],
    joins: new Map(),
  };
}
