import { startAlertOnce } from './alert.ts';
import { patient } from './proxies.ts';

export interface WatchFreshnessInput {
  readonly pipeline: string;
  /** Since when it is watched, ISO-8601 UTC: before the first publication, age counts from then. */
  readonly since: string;
}

/**
 * Looks once how old a pipeline's last publication is, and tells people when it became late or fresh again. Killed
 * between telling and remembering, the next look tells again, and its alert is refused as a duplicate.
 */
export async function watchFreshness({ pipeline, since }: WatchFreshnessInput): Promise<string> {
  const news = await patient.judgeFreshness({ pipeline, since });
  if (!news) return 'nothing new';
  const { change, alert } = news;
  await startAlertOnce(alert, `freshness/${pipeline}/${change.state}-${change.lateAfter}`);
  await patient.rememberFreshness({ pipeline, change });
  return change.state;
}
