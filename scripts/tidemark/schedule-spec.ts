import { ScheduleNotFoundError } from '@temporalio/client';
import { longestGapMs, parseCron } from '../../src/core/cron.ts';
import { listTimes } from '../../src/core/schedule-times.ts';
import type { ingest, watchFreshness } from '../../workflows/index.ts';
import { CommandError, EXIT } from './output.ts';

export const OVERLAPS = [
  'allow_all',
  'skip',
  'buffer_one',
  'buffer_all',
  'cancel_other',
  'terminate_other',
] as const;

/** When runs start, as a person typed it. */
export interface ScheduleWish {
  readonly cron?: string;
  readonly every?: string;
  readonly timeZone?: string;
  readonly overlap: (typeof OVERLAPS)[number];
  readonly catchup?: string;
  readonly jitter?: string;
  readonly audit?: boolean;
}

/** What a schedule remembers of how it was made; its runs carry it as memo. */
export interface ScheduleMemo extends ScheduleWish {
  /** Since when its times are these, ISO-8601 UTC. */
  readonly since: string;
  /** The times that it had before, oldest first; the last `MAX_EARLIER` of them. */
  readonly earlier?: readonly EarlierTimes[];
}

/** Times that a schedule had, `[since, until)`. */
export interface EarlierTimes extends Pick<ScheduleWish, 'cron' | 'every' | 'timeZone'> {
  readonly since: string;
  readonly until: string;
}

/** Every run carries them. */
const MAX_EARLIER = 10;

/** What a schedule remembers when its times change at `until`. */
export function rememberTimes(memo: ScheduleMemo, until: string): readonly EarlierTimes[] {
  const { cron, every, timeZone, since, earlier = [] } = memo;
  return [...earlier, { cron, every, timeZone, since, until }].slice(-MAX_EARLIER);
}

/** The times that a schedule had, in an interval. */
export function listEarlier({ cron, every, timeZone }: EarlierTimes, from: Date, until: Date): string[] {
  const everyMs = every === undefined ? undefined : parseDuration('--every', every);
  return listTimes({ cron, timeZone, everyMs }, from, until);
}

/** A pipeline has one schedule of runs, and one of audits beside it. */
export function scheduleId(pipeline: string, audit = false): string {
  return `ingest/${pipeline}${audit ? '/audit' : ''}`;
}

/** The one that watches how old the pipeline's last publication is. */
export function freshnessScheduleId(pipeline: string): string {
  return `freshness/${pipeline}`;
}

/** Refuses what is wrong with a wish, in one line that says what to write. */
export function checkWish({ cron, every, timeZone, catchup, jitter }: ScheduleWish): void {
  const refuse = (message: string) => {
    throw new CommandError(message, EXIT.usage);
  };
  if ((cron === undefined) === (every === undefined))
    refuse('give just one of --cron "0 2 * * *" and --every 1h');
  if (cron !== undefined) cronOf(cron);
  if (every !== undefined) parseDuration('--every', every);
  if (catchup !== undefined && parseDuration('--catchup', catchup) < 10_000)
    refuse(`--catchup ${catchup} is too short; use 10s or more`);
  if (jitter !== undefined) parseDuration('--jitter', jitter);
  if (timeZone === undefined) return;
  if (every !== undefined) refuse('--time-zone goes with --cron only; intervals count in UTC');
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    refuse(`--time-zone "${timeZone}" is not known; use an IANA name, such as America/New_York`);
  }
}

function cronOf(text: string) {
  try {
    return parseCron(text);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(`--cron "${text}": ${error.message}`, EXIT.usage);
    throw error;
  }
}

/** Milliseconds of a duration such as 30s, 15m, 6h or 1d. */
function parseDuration(option: string, text: string): number {
  const match = /^([1-9]\d{0,5})([smhd])$/.exec(text);
  if (!match)
    throw new CommandError(
      `${option} "${text}" is not an interval; use such as 30s, 15m, 6h or 1d`,
      EXIT.usage,
    );
  return Number(match[1]) * { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as 's'];
}

/** Long enough that the last time before the end of an outage is never lost; of those before it the run of that time reads all. */
function defaultCatchup({ cron, every, timeZone }: ScheduleWish): number {
  if (every !== undefined) return Math.max(parseDuration('--every', every), 10_000);
  // A day may have 25 hours.
  const longer = (timeZone ?? 'UTC') === 'UTC' ? 0 : 3_600_000;
  return longestGapMs(cronOf(cron!))! + longer;
}

/** The schedule as Temporal takes it; each run gets its time appended to the workflow id. */
export function buildSchedule(
  pipeline: string,
  taskQueue: string,
  wish: ScheduleWish,
  since = new Date().toISOString(),
  earlier: readonly EarlierTimes[] = [],
) {
  checkWish(wish);
  const { cron, every, timeZone, overlap, catchup, jitter, audit } = wish;
  const memo: ScheduleMemo = { cron, every, timeZone, overlap, catchup, jitter, since, earlier };
  return {
    scheduleId: scheduleId(pipeline, audit),
    spec: {
      ...(cron === undefined ? {} : { cronExpressions: [cron], timezone: timeZone ?? 'UTC' }),
      ...(every === undefined ? {} : { intervals: [{ every: parseDuration('--every', every) }] }),
      ...(jitter === undefined ? {} : { jitter: parseDuration('--jitter', jitter) }),
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'ingest' as const,
      workflowId: `ingest/${pipeline}/${audit ? 'audit' : 'live'}`,
      taskQueue,
      args: [{ pipeline, kind: 'live' as const, ...(audit && { audit }) }] as Parameters<typeof ingest>,
      memo: { schedule: JSON.parse(JSON.stringify(memo)) as ScheduleMemo },
    },
    policies: {
      overlap: overlap.toUpperCase() as Uppercase<typeof overlap>,
      catchupWindow: catchup === undefined ? defaultCatchup(wish) : parseDuration('--catchup', catchup),
      pauseOnFailure: false,
    },
  };
}

/** Looks about ten times within the deadline, at most once a minute and at least every quarter of an hour. */
export function buildFreshnessSchedule(
  pipeline: string,
  taskQueue: string,
  maxAgeMinutes: number,
  since: string,
) {
  const minutes = Math.min(15, Math.max(1, Math.floor(maxAgeMinutes / 10)));
  const memo: ScheduleMemo = { every: `${minutes}m`, overlap: 'skip', since };
  return {
    scheduleId: freshnessScheduleId(pipeline),
    spec: { intervals: [{ every: minutes * 60_000 }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'watchFreshness' as const,
      workflowId: freshnessScheduleId(pipeline),
      taskQueue,
      args: [{ pipeline, since }] as Parameters<typeof watchFreshness>,
      memo: { schedule: memo },
    },
    policies: { overlap: 'SKIP' as const, catchupWindow: 60_000, pauseOnFailure: false },
  };
}

/** How a schedule was made; null for one that another tool made. */
export function memoOf({ action }: { action: { memo?: Record<string, unknown> } }): ScheduleMemo | null {
  return (action.memo?.schedule as ScheduleMemo | undefined) ?? null;
}

/** Does something with a schedule; one that does not exist is said so. */
export async function withSchedule<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new CommandError(`there is no schedule ${id}; list them: npx tidemark schedule list`);
  }
}
