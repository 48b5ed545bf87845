import { z } from 'zod';
import { findMismatches } from './dry-run.ts';
import type { Expectation } from './expectation.ts';
import { namedColumns } from './named-columns.ts';
import { hasParameter } from './parameters.ts';
import { joinPath, readKwargs, type SuiteProblem, valueAt } from './read-kwargs.ts';
import { expectationTypes, findExpectation } from './registry.ts';
import { parseRowCondition } from './row-condition/compile-condition.ts';
import { ConditionError } from './row-condition/condition.ts';
import { duckdbDialect } from './sql/duckdb.ts';
import { sparkDialect } from './sql/spark.ts';
import { didYouMean, nearest } from './suggest.ts';
import type { ColumnContract, ExpectationConfig, Kwargs, Suite } from './types.ts';

/** A suite that cannot be used. The message lists every problem, one a line. */
export class SuiteError extends Error {
  override readonly name = 'SuiteError';
  readonly problems: readonly SuiteProblem[];

  constructor(problems: readonly SuiteProblem[]) {
    const lines = problems.map(({ path, value, message }) => `  ${path}: ${message} (is ${shorten(value)})`);
    super(
      `the suite has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`,
    );
    this.problems = problems;
  }
}

/** What is known of where a suite is used. */
export interface SuiteContext {
  /** The table's contract. */
  readonly columns?: readonly ColumnContract[];
  /** The suite's pipeline checks batches of more rows in Spark, and gives suite parameters no values. */
  readonly sparkAboveRows?: number;
}

const suiteShape = z.object({
  name: z.string().optional(),
  expectation_suite_name: z.string().optional(),
  expectations: z.array(z.record(z.string(), z.unknown())),
  meta: z.record(z.string(), z.unknown()).nullish(),
  id: z.string().nullish(),
  notes: z.unknown().optional(),
});
const entryShape = z.object({
  type: z.string(),
  kwargs: z.record(z.string(), z.unknown()).default({}),
  meta: z.record(z.string(), z.unknown()).nullish(),
  severity: z.enum(['critical', 'warning', 'info']).nullish(),
  id: z.string().nullish(),
  description: z.string().nullish(),
  notes: z.unknown().optional(),
});

/**
 * Reads a suite in the form of Great Expectations (1.x, or the older `expectation_type`) and checks every expectation:
 * its type, the names and types of its kwargs, its row condition and, when the contract's columns are given, that the
 * columns exist and are of types that it can be evaluated on, in Spark too where a pipeline checks there. Throws
 * `SuiteError` with all problems at once. Severity defaults to critical.
 */
export function parseSuite(json: unknown, options: SuiteContext = {}): Suite {
  const parsed = suiteShape.safeParse(json);
  const problems: SuiteProblem[] = (parsed.error?.issues ?? []).map((issue) => ({
    path: joinPath('$', issue.path),
    value: valueAt(json, issue.path),
    message: issue.message,
  }));
  // What is no entry has been told of by the shape; the entries beside it are read all the same.
  const read = entriesOf(json).flatMap((entry, index) =>
    isRecord(entry) ? [readEntry(entry, `$.expectations[${index}]`, options, problems)] : [],
  );
  if (!parsed.success || problems.length > 0) throw new SuiteError(problems);
  const { name, expectation_suite_name, meta, id, notes } = parsed.data;
  return {
    name: name ?? expectation_suite_name ?? 'suite',
    expectations: read.filter((entry) => entry !== null),
    ...(meta ? { meta } : {}),
    ...(id ? { id } : {}),
    ...(notes === undefined ? {} : { notes }),
  };
}

function entriesOf(json: unknown): readonly unknown[] {
  const expectations = isRecord(json) ? json.expectations : undefined;
  return Array.isArray(expectations) ? expectations : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readEntry(
  entry: Record<string, unknown>,
  path: string,
  context: SuiteContext,
  problems: SuiteProblem[],
): ExpectationConfig | null {
  const parsed = entryShape.safeParse({ type: entry.expectation_type, ...entry });
  for (const issue of parsed.error?.issues ?? []) {
    const where = [path, ...issue.path.map(String)].join('.');
    problems.push({ path: where, value: entry[String(issue.path[0])], message: issue.message });
  }
  problems.push(...findProblems(entry, path, context));
  if (!parsed.success) return null;
  const { type, kwargs, meta, severity, id, description, notes } = parsed.data;
  return {
    type,
    kwargs,
    severity: severity ?? 'critical',
    ...(meta ? { meta } : {}),
    ...(id ? { id } : {}),
    ...(description ? { description } : {}),
    ...(notes === undefined || notes === null ? {} : { notes }),
  };
}

/** What is wrong with an entry's type and kwargs. The kwargs of a misspelled type are read as those of the one that was meant. */
function findProblems(
  { type: newer, expectation_type, kwargs = {} }: Record<string, unknown>,
  path: string,
  context: SuiteContext,
): SuiteProblem[] {
  const type = newer ?? expectation_type;
  if (typeof type !== 'string') return [];
  const meant = findExpectation(type) ?? findExpectation(nearest(type, expectationTypes()) ?? '');
  const found = isRecord(kwargs) && meant ? allKwargProblems(meant, kwargs, `${path}.kwargs`, context) : [];
  if (findExpectation(type) !== undefined) return found;
  const hint = didYouMean(type, expectationTypes()) || '; docs/expectations.md has all';
  return [{ path: `${path}.type`, value: type, message: `unknown expectation${hint}` }, ...found];
}

function allKwargProblems(
  expectation: Expectation,
  kwargs: Kwargs,
  path: string,
  context: SuiteContext,
): SuiteProblem[] {
  const found = kwargProblems(expectation, kwargs, path);
  if (context.columns === undefined) return found;
  found.push(...columnProblems(expectation, kwargs, path, context.columns));
  const isWrong = (key: string) => found.some((problem) => isWithin(problem.path, `${path}.${key}`));
  const sound = Object.fromEntries(Object.entries(kwargs).filter(([key]) => !isWrong(key)));
  return [...found, ...useProblems(expectation, sound, path, context)];
}

/** Why kwargs that are sound in themselves could not be evaluated where the suite is used. */
function useProblems(
  expectation: Expectation,
  kwargs: Kwargs,
  path: string,
  { columns = [], sparkAboveRows }: SuiteContext,
): SuiteProblem[] {
  const isInPipeline = sparkAboveRows !== undefined;
  if (hasParameter(kwargs)) {
    const message = 'a suite parameter has no value in a pipeline; write the value itself';
    return isInPipeline ? [{ path, value: kwargs, message }] : [];
  }
  const here = findMismatches(expectation, kwargs, columns, duckdbDialect);
  const inDuckdb = here.map((message) => ({ path, value: kwargs, message }));
  if (!isInPipeline || expectation.needsDuckdb === true) return inDuckdb;
  const limit = sparkAboveRows.toLocaleString('en-US');
  const inSpark = findMismatches(expectation, kwargs, columns, sparkDialect)
    .filter((there) => !here.includes(there))
    .map((there) => ({
      path,
      value: kwargs,
      message: `${there}. Spark checks batches of more than ${limit} rows: change this, or raise checks.sparkAboveRows of the pipeline above any batch`,
    }));
  return [...inDuckdb, ...inSpark];
}

/** Problems of kwargs; those that hang on a suite parameter show only when the suite runs. */
function kwargProblems(expectation: Expectation, kwargs: Kwargs, path: string): SuiteProblem[] {
  const open = Object.keys(kwargs).filter((key) => hasParameter(kwargs[key]));
  const { problems } = readKwargs(expectation, kwargs, path);
  const kept = problems.filter(
    (problem) =>
      open.length === 0 ||
      (problem.path !== path && !open.some((key) => isWithin(problem.path, `${path}.${key}`))),
  );
  if (open.includes('row_condition')) return kept;
  try {
    parseRowCondition(kwargs.row_condition as string | Record<string, unknown> | null | undefined);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    kept.push({ path: `${path}.row_condition`, value: kwargs.row_condition, message: error.message });
  }
  return kept;
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}

function columnProblems(
  expectation: Expectation,
  kwargs: Kwargs,
  path: string,
  columns: readonly ColumnContract[],
): SuiteProblem[] {
  if (expectation.mayNameOtherColumns === true) return [];
  const known = columns.map((column) => column.name);
  const unknown = namedColumns(kwargs).filter(({ name }) => !known.includes(name));
  return unknown.map(({ name, path: where }) => ({
    path: `${path}.${where}`,
    value: name,
    message: `unknown column "${name}"${didYouMean(name, known)}`,
  }));
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
