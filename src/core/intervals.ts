import type { RunKind } from './publication.ts';

/** A run as Temporal tells of it. */
export interface IntervalRun {
  /** Workflow id. */
  readonly run: string;
  readonly kind: RunKind;
  readonly state: RunState;
  /** End of its data interval, ISO-8601 UTC. */
  readonly at: string;
  /** ISO-8601 UTC. */
  readonly startedAt: string;
  /** While it waits: gate and since when. */
  readonly waitingFor?: string;
  readonly waitingSince?: string;
}

export type RunState = 'published' | 'running' | 'waiting' | 'skipped' | 'aborted' | 'failed';

/** One time of a schedule and what became of it. */
export interface Interval {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** `missed`: no run was started for it. `forgotten`: so old that the server no longer tells. */
  readonly state: RunState | 'missed' | 'forgotten';
  readonly run: IntervalRun | null;
  /** A later run that read everything up to it, published or under way; null for an interval that needs none. */
  readonly coveredBy: IntervalRun | null;
  /** Nothing has brought its changes, nothing is on the way, and nobody decided to leave them out. */
  readonly isGap: boolean;
}

/** Best first: of several runs of an interval the one that got furthest speaks for it. */
const RANK: readonly RunState[] = ['published', 'waiting', 'running', 'skipped', 'aborted', 'failed'];

/**
 * Says of each time of a schedule what became of it. A run of kind `live` or `full` reads everything up to its own
 * start, so one that started at or after an interval's end covers it, once published, whatever its own interval. `toleranceMs` is the jitter:
 * a time is at most that much later than the `at` of its run. Times before `knownFrom` may have had a run that the
 * server has forgotten.
 */
export function judgeIntervals(
  times: readonly string[],
  runs: readonly IntervalRun[],
  { toleranceMs = 0, knownFrom = '' }: { toleranceMs?: number; knownFrom?: string } = {},
): Interval[] {
  const readers = runs.filter(({ kind }) => kind !== 'backfill');
  return times.map((at) => {
    const end = Date.parse(at);
    const own = bestOf(
      readers.filter((each) => {
        const time = Date.parse(each.at);
        return time === end || (time > end - toleranceMs && time < end);
      }),
    );
    const isForgotten = own === null && at < knownFrom;
    const state = own?.state ?? (isForgotten ? 'forgotten' : 'missed');
    const needsCover = ['missed', 'forgotten', 'failed', 'aborted', 'skipped'].includes(state);
    const later = readers.filter((each) => each.run !== own?.run && Date.parse(each.startedAt) >= end);
    const coveredBy = needsCover ? findCover(later) : null;
    const isGap = coveredBy === null && ['missed', 'failed', 'aborted'].includes(state);
    return { at, state, run: own, coveredBy, isGap };
  });
}

/** The first that published; else the first that is under way. */
function findCover(later: readonly IntervalRun[]): IntervalRun | null {
  const inOrder = [...later].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  return (
    inOrder.find((each) => each.state === 'published') ??
    inOrder.find((each) => each.state === 'running' || each.state === 'waiting') ??
    null
  );
}

function bestOf(runs: readonly IntervalRun[]): IntervalRun | null {
  return [...runs].sort((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state))[0] ?? null;
}
