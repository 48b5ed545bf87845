import { CannotCheck } from './cannot-check.ts';
import type { Check, Outcome } from './check.ts';
import type { Session } from './context.ts';
import { whyForeign } from './foreign-table.ts';
import { namedColumns } from './named-columns.ts';
import { readCheck } from './read-check.ts';
import { type QueryRunner, runChecks } from './run-checks.ts';
import type { ExpectationConfig, ExpectationResult, Severity, Suite, ValidationResult } from './types.ts';

const NO_EXCEPTION = { raised_exception: false, exception_message: null, exception_traceback: null } as const;
const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];

/**
 * Evaluates a suite on the session's data and returns one result for each expectation. Checks of the columns come first, so
 * that no row of a table is read that the suite is not about; `foreign` says why, where this is part of a suite. An expectation that cannot be evaluated fails
 * at its severity with the reason. Throws only when the data or the engine is out of reach.
 */
export async function validateSuite(
  suite: Suite,
  parameters: Readonly<Record<string, unknown>>,
  session: Session,
  runner: QueryRunner,
  foreign = whyForeign(suite, parameters, session),
): Promise<ValidationResult> {
  const checks = suite.expectations.map((config) => () => startCheck(config, parameters, session, foreign));
  const outcomes = await runChecks(checks, session, runner);
  return summarize(suite, parameters, outcomes);
}

/** The result of a suite whose data could not be read as a table: every expectation fails with the reason. */
export function refusedResult(
  suite: Suite,
  parameters: Readonly<Record<string, unknown>>,
  reason: string,
): ValidationResult {
  const exception = { raised_exception: true, exception_message: reason, exception_traceback: null };
  return summarize(
    suite,
    parameters,
    suite.expectations.map(() => ({ success: false, result: {}, exception })),
  );
}

function summarize(
  suite: Suite,
  parameters: Readonly<Record<string, unknown>>,
  outcomes: readonly Outcome[],
): ValidationResult {
  const results = suite.expectations.map((config, index) => resultOf(config, outcomes[index]!));
  return summarizeResults(suite, parameters, results);
}

/** The validation result of a suite whose expectations have been evaluated, one result for each. */
export function summarizeResults(
  suite: Suite,
  parameters: Readonly<Record<string, unknown>>,
  results: readonly ExpectationResult[],
): ValidationResult {
  const successful = results.filter((result) => result.success).length;
  return {
    success: successful === results.length,
    results,
    suite_name: suite.name,
    suite_parameters: { ...parameters },
    statistics: {
      evaluated_expectations: results.length,
      successful_expectations: successful,
      unsuccessful_expectations: results.length - successful,
      success_percent: results.length === 0 ? null : (successful / results.length) * 100,
    },
    meta: { ...suite.meta, max_severity_failure: maxSeverityFailure(results) },
  };
}

/** The gravest severity among failed expectations; null when all passed. */
function maxSeverityFailure(results: readonly ExpectationResult[]): Severity | null {
  const failed = results.filter((result) => !result.success);
  const ranks = failed.map((result) => SEVERITIES.indexOf(result.expectation_config.severity ?? 'critical'));
  return ranks.length === 0 ? null : SEVERITIES[Math.max(...ranks)]!;
}

/** Starts a check; on a table that the suite is not about, those alone that tell so. */
function startCheck(
  config: ExpectationConfig,
  parameters: Readonly<Record<string, unknown>>,
  session: Session,
  foreign: string | null,
): Check {
  const { expectation, kwargs, resolved } = readCheck(config, parameters);
  if (foreign !== null && expectation.isAboutShape !== true && namedColumns(resolved).length === 0) {
    throw new CannotCheck(foreign);
  }
  return expectation.check(kwargs, session);
}

function resultOf(config: ExpectationConfig, outcome: Outcome): ExpectationResult {
  return {
    success: outcome.success,
    expectation_config: { ...config, severity: config.severity ?? 'critical' },
    result: outcome.result,
    meta: {},
    exception_info: outcome.exception ?? NO_EXCEPTION,
  };
}
