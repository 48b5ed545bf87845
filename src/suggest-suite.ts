import { resolveData, type TableData } from './adapters/duckdb/data.ts';
import { profileTable } from './adapters/duckdb/profile-table.ts';
import { runSuite } from './adapters/duckdb/run-suite.ts';
import type { RunSuiteOptions, TableFiles } from './adapters/duckdb/types.ts';
import type { ColumnProfile, TableProfile } from './expectations/suggestion/profile.ts';
import { suggestSuite as suggestFromProfile } from './expectations/suggestion/suggest-suite.ts';
import type { Suite } from './expectations/types.ts';

/** What `suggestSuite` takes: the data, and how to read it. */
export interface SuggestSuiteRequest
  extends Pick<RunSuiteOptions, 's3' | 'httpfsPath' | 'memoryLimit' | 'threads' | 'signal'> {
  /** Paths, or files with what is known of their columns. Values of masked columns stay out of the suite. */
  readonly data: string | readonly string[] | TableData;
  /** Name of the suite. Default `suggested`. */
  readonly name?: string;
}

/** The next wider type, by family; others read as text. */
const WIDER: Readonly<Record<string, string>> = { integer: 'double', date: 'timestamp' };

/**
 * Profiles data and returns a suite that it passes, with the reason for each expectation in `meta.notes`, and in those of the
 * suite why others are left out. It reads the data three times, twice more where a guessed type does not hold for all rows. Throws
 * `EngineError` when the data cannot be reached, `QueryRefused` when the files do not hang together, and the signal's reason when it
 * aborts; nothing is left behind then.
 */
export async function suggestSuite(request: SuggestSuiteRequest): Promise<Suite> {
  const { data, name = 'suggested', ...options } = request;
  const batch = await resolveData(data, options);
  const profile = await markGuesses(await profileTable(batch, options), batch, options);
  const suite = suggestFromProfile(name, profile);
  // Each expectation follows from what was counted; this makes the promise hold even where the two count differently.
  const { results } = await runSuite(suite, batch, { ...options, resultFormat: 'BOOLEAN_ONLY' });
  return { ...suite, expectations: suite.expectations.filter((_, index) => results[index]!.success) };
}

/** Tells guessed types from those that are known, and where a guess does not hold, what would. */
async function markGuesses(
  profile: TableProfile,
  batch: TableFiles,
  options: RunSuiteOptions,
): Promise<TableProfile> {
  if (batch.format !== 'csv' || batch.columns !== undefined) return profile;
  const columns = profile.columns.map((column) => ({
    ...column,
    isGuessed: batch.types?.[column.name] === undefined,
  }));
  const broken = columns.filter(({ isGuessed, unreadableCount }) => isGuessed && unreadableCount > 0);
  if (broken.length === 0) return { ...profile, columns };
  const wider = broken.map(({ name, type }) => [name, WIDER[type.family] ?? 'text'] as const);
  const types = { ...batch.types, ...Object.fromEntries(wider) };
  const widened = await profileTable({ ...batch, types }, options);
  const readableAs = (name: string) => {
    const found = widened.columns.find((column) => column.name === name);
    return found?.unreadableCount === 0 && isExact(found) ? types[name]! : 'text';
  };
  return {
    ...profile,
    columns: columns.map((column) =>
      broken.includes(column) ? { ...column, readableAs: readableAs(column.name) } : column,
    ),
  };
}

/** Whether no value is too large for a floating-point number to be told from its neighbours. */
function isExact({ min, max }: ColumnProfile): boolean {
  return [min, max].every((bound) => bound === null || !(Math.abs(Number(bound)) > Number.MAX_SAFE_INTEGER));
}
