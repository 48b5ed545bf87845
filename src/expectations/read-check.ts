import { CannotCheck } from './cannot-check.ts';
import type { Expectation } from './expectation.ts';
import { resolveParameters } from './parameters.ts';
import { readKwargs } from './read-kwargs.ts';
import { findExpectation } from './registry.ts';
import type { ExpectationConfig, Kwargs, Severity } from './types.ts';

/** An expectation of a suite, ready to be checked. */
export interface ReadCheck {
  readonly expectation: Expectation;
  /** As the expectation accepted them, defaults filled in. */
  readonly kwargs: unknown;
  /** As the suite has them, with the values of its parameters. */
  readonly resolved: Kwargs;
  readonly severity: Severity;
}

/** Reads an expectation of a suite with the values of its parameters. Throws `CannotCheck` where that cannot be done. */
export function readCheck(
  config: ExpectationConfig,
  parameters: Readonly<Record<string, unknown>>,
): ReadCheck {
  const expectation = findExpectation(config.type);
  if (expectation === undefined) throw new CannotCheck(`unknown expectation ${JSON.stringify(config.type)}`);
  const resolved = resolveParameters(config.kwargs, parameters);
  const { kwargs, problems } = readKwargs(expectation, resolved, 'kwargs');
  if (problems.length > 0) {
    throw new CannotCheck(problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
  }
  return { expectation, kwargs, resolved, severity: config.severity ?? 'critical' };
}
