import type { Publication } from './publication.ts';

/** What was last told of a pipeline's freshness. */
export interface FreshnessMemory {
  readonly version: 1;
  /** The run that published last before it became late; null while it is fresh. */
  readonly lateAfter: string | null;
  /** ISO-8601 UTC. */
  readonly toldAt: string;
}

/** The name of what comes before the first publication. */
const NOTHING = 'nothing';

/** A change that people are to be told of. */
export interface FreshnessChange {
  readonly state: 'late' | 'fresh';
  /** The run that published last before it became late. */
  readonly lateAfter: string;
  /** Since when nothing was published, or when it was again; ISO-8601 UTC. */
  readonly since: string;
}

/**
 * Compares the age of the last live or full publication with the deadline, and with what was told before: null when
 * that still holds. `publication` is the current one, `read` the newest that is no backfill's, or null where none is
 * young enough; before the first, age counts from `startedAt`.
 */
export function judgeFreshness(facts: {
  readonly publication: Publication | null;
  readonly read: Publication | null;
  readonly memory: FreshnessMemory | null;
  readonly startedAt: string;
  readonly maxAgeMinutes: number;
  readonly nowMs: number;
}): FreshnessChange | null {
  const { publication, read, memory, startedAt, maxAgeMinutes, nowMs } = facts;
  const told = memory?.lateAfter ?? null;
  const since = read?.publishedAt ?? startedAt;
  if (isYoung(since, maxAgeMinutes, nowMs))
    return told === null || read === null ? null : { state: 'fresh', lateAfter: told, since };
  const lateAfter = newestRun(publication);
  return told === lateAfter ? null : { state: 'late', lateAfter, since };
}

/** Whether an instant is within the deadline. */
export function isYoung(at: string, maxAgeMinutes: number, nowMs: number): boolean {
  return nowMs - Date.parse(at) <= maxAgeMinutes * 60_000;
}

/** Backfills move no watermark, so the run that moved one last published last. Keys begin with kind and time. */
function newestRun(publication: Publication | null): string {
  const timeOf = (runKey: string) => runKey.slice(runKey.indexOf('-') + 1);
  const keys = Object.values(publication?.watermarks ?? {}).map(({ runKey }) => runKey);
  return keys.sort((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1) ?? NOTHING;
}
