import { CannotCheck } from './cannot-check.ts';
import { didYouMean } from './suggest.ts';
import type { Kwargs } from './types.ts';

/** The name that a `{"$PARAMETER": name}` stands for; null for anything else. */
function parameterName(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const name = (value as Record<string, unknown>).$PARAMETER;
  return typeof name === 'string' ? name : null;
}

/** Whether a suite parameter stands anywhere inside the value. */
export function hasParameter(value: unknown): boolean {
  if (parameterName(value) !== null) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasParameter);
}

/** The kwargs with every suite parameter replaced by its value. Throws `CannotCheck` for one that has no value. */
export function resolveParameters(kwargs: Kwargs, parameters: Readonly<Record<string, unknown>>): Kwargs {
  return resolve(kwargs, parameters) as Kwargs;
}

function resolve(value: unknown, parameters: Readonly<Record<string, unknown>>): unknown {
  const name = parameterName(value);
  if (name !== null) {
    if (Object.hasOwn(parameters, name)) return parameters[name];
    throw new CannotCheck(
      `suite parameter "${name}" has no value${didYouMean(name, Object.keys(parameters))}; pass it in \`parameters\``,
    );
  }
  if (Array.isArray(value)) return value.map((item) => resolve(item, parameters));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, parameters)]));
}
