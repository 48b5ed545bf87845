import type { z } from 'zod';
import type { Check } from './check.ts';
import type { Session } from './context.ts';

/** What one kind of expectation is: its kwargs and how it is checked. */
export interface ExpectationDefinition<K> {
  /** The name that suites use. */
  readonly type: string;
  /** One sentence: what holds when it passes. */
  readonly summary: string;
  /** Strict object schema of the kwargs, defaults filled in. */
  readonly kwargs: z.ZodType<K> & { readonly shape: Readonly<Record<string, unknown>> };
  /** True when `column` and `column_list` may name columns that the contract does not have. */
  readonly mayNameOtherColumns?: boolean;
  /** True where the table's columns alone are judged, before any row is read. */
  readonly isAboutShape?: boolean;
  /** False for expectations that Great Expectations does not have. */
  readonly isGreatExpectations?: boolean;
  /** True where no other engine than DuckDB can evaluate it as it is meant. */
  readonly needsDuckdb?: boolean;
  readonly check: (kwargs: K, session: Session) => Check;
}

/** An expectation whose kwargs have been hidden behind `unknown`, so that all fit one registry. */
export interface Expectation extends Omit<ExpectationDefinition<unknown>, 'check' | 'kwargs'> {
  readonly kwargs: z.ZodType & { readonly shape: Readonly<Record<string, unknown>> };
  /** Checks with kwargs that `kwargs` has accepted. */
  readonly check: (kwargs: unknown, session: Session) => Check;
}

/** Makes a definition fit the registry. */
export function defineExpectation<K>(definition: ExpectationDefinition<K>): Expectation {
  return {
    ...definition,
    check: (kwargs, session) => definition.check(kwargs as K, session),
  };
}
