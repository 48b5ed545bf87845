import { CannotCheck } from './cannot-check.ts';
import type { Session } from './context.ts';
import { namedColumns } from './named-columns.ts';
import { type ReadCheck, readCheck } from './read-check.ts';
import type { ExpectationConfig, Suite } from './types.ts';

/**
 * Why no row of the batch is worth reading: it is not the table that the suite is about. That is so when a critical check
 * of the columns failed and each of the checks that name columns names one that is not there; then a number of rows, or
 * what the suite's own SQL finds, would be of something else. Null where there is anything to judge.
 */
export function whyForeign(
  suite: Suite,
  parameters: Readonly<Record<string, unknown>>,
  session: Session,
): string | null {
  const checks = suite.expectations.flatMap((config) => readIfSound(config, parameters) ?? []);
  const failed = checks.find((check) => check.expectation.isAboutShape && failsCritically(check, session));
  if (failed === undefined) return null;
  const others = checks.filter(({ expectation }) => expectation.isAboutShape !== true);
  const naming = others.map(({ resolved }) => namedColumns(resolved)).filter((named) => named.length > 0);
  const present = new Set(session.batch.columns.map(({ name }) => name));
  const isForeign =
    naming.length > 0 && naming.every((named) => named.some(({ name }) => !present.has(name)));
  if (!isForeign) return null;
  return `no row was read: ${failed.expectation.type} failed, and every check that names columns names one that does not exist`;
}

/** A check of the columns asks for no data, so it ends at its first step. */
function failsCritically({ expectation, kwargs, severity }: ReadCheck, session: Session): boolean {
  const { done, value } = expectation.check(kwargs, session).next();
  if (!done) throw new Error(`${expectation.type} asks for rows`);
  return severity === 'critical' && !value.success;
}

/** What cannot be checked at all says nothing about the table. */
function readIfSound(
  config: ExpectationConfig,
  parameters: Readonly<Record<string, unknown>>,
): ReadCheck | null {
  try {
    return readCheck(config, parameters);
  } catch (error) {
    if (error instanceof CannotCheck) return null;
    throw error;
  }
}
