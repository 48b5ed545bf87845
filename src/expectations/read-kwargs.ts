import type { z } from 'zod';
import type { Expectation } from './expectation.ts';
import { didYouMean } from './suggest.ts';
import type { Kwargs } from './types.ts';

/** Something wrong in a suite: where, the value that offends, and what to do. */
export interface SuiteProblem {
  /** JSON path, such as `$.expectations[3].kwargs.colum`. */
  readonly path: string;
  readonly value: unknown;
  readonly message: string;
}

/** Kwargs that Great Expectations writes beside an expectation's own and that say nothing about the data. */
const BOOKKEEPING = new Set([
  'batch_id',
  'result_format',
  'catch_exceptions',
  'include_config',
  'auto',
  'profiler_config',
  'windows',
]);

/** The kwargs that an expectation accepts, defaults filled in, or what is wrong with them. */
export function readKwargs(
  expectation: Expectation,
  kwargs: Kwargs,
  path: string,
): { readonly kwargs: unknown; readonly problems: readonly SuiteProblem[] } {
  const own = Object.fromEntries(Object.entries(kwargs).filter(([name]) => !BOOKKEEPING.has(name)));
  const parsed = expectation.kwargs.safeParse(own);
  if (parsed.success) return { kwargs: parsed.data, problems: [] };
  const problems = parsed.error.issues.flatMap((issue) => describe(issue, own, expectation, path));
  return { kwargs: null, problems };
}

function describe(
  issue: z.core.$ZodIssue,
  kwargs: Kwargs,
  expectation: Expectation,
  path: string,
): SuiteProblem[] {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    const known = Object.keys(expectation.kwargs.shape);
    return issue.keys.map((key) => ({
      path: `${path}.${key}`,
      value: kwargs[key],
      message: `unknown kwarg "${key}" of ${expectation.type}${didYouMean(key, known)}; known are ${known.join(', ')}`,
    }));
  }
  const value = valueAt(kwargs, issue.path);
  const where = joinPath(path, issue.path);
  if (issue.code === 'invalid_union') {
    const wanted = issue.errors
      .flat()
      .flatMap((inner) => ('expected' in inner ? [String(inner.expected)] : []));
    const expected = wanted.length > 0 ? `expected ${[...new Set(wanted)].join(' or ')}` : issue.message;
    return [{ path: where, value, message: `${expected}, found ${typeName(value)}` }];
  }
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    const options = issue.values.map(String);
    return [
      { path: where, value, message: `expected one of ${options.join(', ')}${didYouMean(value, options)}` },
    ];
  }
  if (value === undefined && issue.code === 'invalid_type') {
    return [{ path: where, value, message: `required, expected ${issue.expected}` }];
  }
  const message = issue.message.replace(/^Invalid input: /, '');
  return [{ path: where, value, message }];
}

/** Path of a part of what is at `path`, such as `$.expectations[0].kwargs.column`. */
export function joinPath(path: string, keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(
    (prefix, key) => (typeof key === 'number' ? `${prefix}[${key}]` : `${prefix}.${String(key)}`),
    path,
  );
}

/** What is at a path within parsed JSON, undefined where there is nothing. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value;
}
