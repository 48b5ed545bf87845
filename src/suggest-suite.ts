import { resolveData, type TableData } from './adapters/duckdb/data.ts';
import { profileTable } from './adapters/duckdb/profile-table.ts';
import { runSuite } from './adapters/duckdb/run-suite.ts';
import type { RunSuiteOptions } from './adapters/duckdb/types.ts';
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

/**
 * Profiles data and returns a suite that it passes, with the reason for each expectation in `meta.notes`. It reads the data three
 * times. Throws `EngineError` when the data cannot be reached, and `QueryRefused` when the files do not hang together.
 */
export async function suggestSuite(request: SuggestSuiteRequest): Promise<Suite> {
  const { data, name = 'suggested', ...options } = request;
  const batch = await resolveData(data, options);
  const suite = suggestFromProfile(name, await profileTable(batch, options));
  // Each expectation follows from what was counted; this makes the promise hold even where the two count differently.
  const { results } = await runSuite(suite, batch, { ...options, resultFormat: 'BOOLEAN_ONLY' });
  return { ...suite, expectations: suite.expectations.filter((_, index) => results[index]!.success) };
}
