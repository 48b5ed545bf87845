import { type Client, ScheduleNotFoundError, type WorkflowExecutionInfo } from '@temporalio/client';
import { optionalDateToTs, requiredTsToDate } from '@temporalio/common/lib/time.js';
import type { OperatorConfig } from '../../src/config.ts';
import { type Interval, type IntervalRun, judgeIntervals, type RunState } from '../../src/core/intervals.ts';
import type { RunKind } from '../../src/core/publication.ts';
import {
  intervalKey,
  runKindKey,
  scheduledStartTimeKey,
  waitingForKey,
  waitingSinceKey,
} from '../../workflows/search-attributes.ts';
import { stateOf } from './list-runs.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { parseAt } from './run-id.ts';
import { type EarlierTimes, listEarlier, memoOf, scheduleId } from './schedule-spec.ts';
import { requirePipeline } from './session.ts';
import { renderTable, toSeconds } from './table.ts';

/** A pipeline's calendar beside what became of each time. */
interface PipelineGaps {
  readonly pipeline: string;
  /** Times before it are not looked at; ISO-8601 UTC. */
  readonly since: string;
  /** When the schedule got other times, since then. */
  readonly changedAt: readonly string[];
  readonly paused: boolean;
  readonly note: string | null;
  readonly intervals: readonly Interval[];
  readonly gapCount: number;
}

/** Lists every time of the schedules since `since`, and ends with 1 when one of them is a gap. */
export async function showGaps(
  out: Output,
  client: Client,
  config: OperatorConfig,
  options: { pipeline: string | undefined; since: string | undefined; json: boolean | undefined },
): Promise<void> {
  const given = options.since === undefined ? null : parseSince(options.since);
  if (options.pipeline !== undefined) await requirePipeline(config, options.pipeline);
  const names = options.pipeline === undefined ? await scheduledPipelines(client) : [options.pipeline];
  if (names.length === 0)
    throw new CommandError(
      'there are no schedules; create one: npx tidemark schedule create PIPELINE --cron "0 2 * * *"',
    );
  const found: PipelineGaps[] = [];
  for (const name of names) found.push(await findGaps(client, name, given));
  if (found.some(({ gapCount }) => gapCount > 0)) out.exitCode = EXIT.failed;
  show(out, options.json, found, () => found.map(renderGaps).join('\n\n'));
}

/** A date counts from its midnight UTC. */
function parseSince(text: string): string {
  try {
    return parseAt(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text, 0);
  } catch {
    throw new CommandError(
      `--since "${text}" is not an instant; use a date or ISO-8601 with a zone, such as 2026-01-31T02:00:00Z`,
      EXIT.usage,
    );
  }
}

async function scheduledPipelines(client: Client): Promise<string[]> {
  const found: string[] = [];
  for await (const each of client.schedule.list()) {
    const name = /^ingest\/([^/]+)$/.exec(each.scheduleId)?.[1];
    if (name !== undefined) found.push(name);
  }
  return found.sort();
}

async function findGaps(client: Client, pipeline: string, given: string | null): Promise<PipelineGaps> {
  const id = scheduleId(pipeline);
  const schedule = await client.schedule
    .getHandle(id)
    .describe()
    .catch((error: unknown) => {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new CommandError(
        `${pipeline} has no schedule to compare with; create one: npx tidemark schedule create ${pipeline} --cron "0 2 * * *"`,
      );
    });
  const now = new Date();
  const knownFrom = new Date(now.getTime() - (await readRetentionMs(client)));
  const memo = memoOf(schedule);
  const earlier = memo?.earlier ?? [];
  // Of a schedule that another tool made nobody knows which times it had before it was changed.
  const unchanged = new Date(memo?.since ?? schedule.info.lastUpdatedAt ?? schedule.info.createdAt);
  const begin = new Date(earlier[0]?.since ?? unchanged);
  const since = given === null ? new Date(Math.max(begin.getTime(), knownFrom.getTime())) : new Date(given);
  const isChanged = earlier.length > 0 && since < unchanged;
  const [times, runs] = await Promise.all([
    listTimes(client, id, isChanged ? unchanged : since, now),
    listIntervalRuns(client, pipeline, since),
  ]);
  const known = { knownFrom: toSeconds(knownFrom) };
  const intervals = [
    // Their jitter is the server's secret; their runs name the times without it.
    ...judgeIntervals(listEarlierTimes(earlier, since), runs, known),
    ...judgeIntervals(times, runs, { ...known, toleranceMs: schedule.spec.jitter ?? 0 }),
  ];
  return {
    pipeline,
    since: toSeconds(since),
    changedAt: earlier.filter(({ until }) => new Date(until) > since).map(({ until }) => toSeconds(until)),
    paused: schedule.state.paused,
    note: schedule.state.note || null,
    intervals,
    gapCount: intervals.filter(({ isGap }) => isGap).length,
  };
}

/** The times that a schedule had until they changed; before the first change that is known, those before it. */
function listEarlierTimes(earlier: readonly EarlierTimes[], since: Date): string[] {
  return earlier.flatMap((each, index) => {
    const begin = new Date(each.since);
    const from = index === 0 || begin < since ? since : begin;
    return listEarlier(each, from, new Date(each.until));
  });
}

/** How long the server tells of ended runs. */
async function readRetentionMs(client: Client): Promise<number> {
  const { config } = await client.workflowService.describeNamespace({ namespace: client.options.namespace });
  const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  return seconds > 0 ? seconds * 1000 : Number.MAX_SAFE_INTEGER / 1000;
}

/** The server's own calendar, daylight saving and jitter included; it gives at most 1,000 times at once. */
async function listTimes(client: Client, id: string, since: Date, until: Date): Promise<string[]> {
  const times: string[] = [];
  // The server leaves the start itself out.
  for (let from = new Date(since.getTime() - 1); ; ) {
    const answer: { startTime?: Parameters<typeof requiredTsToDate>[0][] | null } =
      await client.workflowService.listScheduleMatchingTimes({
        namespace: client.options.namespace,
        scheduleId: id,
        startTime: optionalDateToTs(from),
        endTime: optionalDateToTs(until),
      });
    const found = (answer.startTime ?? []).map((each) => requiredTsToDate(each, 'startTime'));
    times.push(...found.map((each) => each.toISOString()));
    if (found.length < 1_000) return times;
    from = found.at(-1)!;
  }
}

/** Live and full runs that may be those of a time since then, or cover one. */
async function listIntervalRuns(client: Client, pipeline: string, since: Date): Promise<IntervalRun[]> {
  const after = new Date(since.getTime() - 86_400_000).toISOString();
  const runs: IntervalRun[] = [];
  // A run that no worker has taken yet has only what the server gave it.
  const query = `WorkflowType = 'ingest' AND StartTime >= '${after}' AND (TidemarkPipeline = '${pipeline}' OR TemporalScheduledById = '${scheduleId(pipeline)}')`;
  for await (const run of client.workflow.list({ query })) runs.push(toIntervalRun(run));
  return runs;
}

function toIntervalRun(run: WorkflowExecutionInfo): IntervalRun {
  const attributes = run.typedSearchAttributes;
  const at = attributes.get(intervalKey) ?? attributes.get(scheduledStartTimeKey) ?? run.startTime;
  const isOpen = run.status.name === 'RUNNING';
  const waitingFor = isOpen ? attributes.get(waitingForKey) : undefined;
  const waitingSince = isOpen ? attributes.get(waitingSinceKey) : undefined;
  return {
    run: run.workflowId,
    kind: (attributes.get(runKindKey) ?? 'live') as RunKind,
    state: toRunState(stateOf(run)),
    at: at.toISOString(),
    startedAt: run.startTime.toISOString(),
    ...(waitingFor ? { waitingFor } : {}),
    ...(waitingSince ? { waitingSince: waitingSince.toISOString() } : {}),
  };
}

function toRunState(state: string): RunState {
  const known: readonly RunState[] = ['published', 'running', 'waiting', 'skipped', 'aborted'];
  // Terminated and timed out, beside what says so itself.
  return known.find((each) => each === state) ?? 'failed';
}

/** One line for each time, oldest first, and what is missing in all. */
function renderGaps({ pipeline, since, changedAt, paused, note, intervals, gapCount }: PipelineGaps): string {
  const changed = changedAt.length === 0 ? '' : `, with other times since ${changedAt.join(', ')}`;
  const head = `${pipeline} since ${since}${changed}${paused ? `, paused${note ? `: ${note}` : ''}` : ''}`;
  if (intervals.length === 0) return `${head}: no time of its schedule has come yet`;
  const table = renderTable(
    ['INTERVAL', 'STATE', 'RUN', 'BY'],
    intervals.map((each) => [
      toSeconds(each.at),
      each.isGap ? `${each.state} GAP` : each.state,
      describeOwn(each),
      describeCover(each),
    ]),
  );
  const end =
    gapCount === 0
      ? `${intervals.length} intervals, no gap`
      : `${intervals.length} intervals, ${gapCount} without data; the next run reads all of it: npx tidemark run ${pipeline}`;
  return `${head}\n${table}\n${end}`;
}

function describeOwn({ run }: Interval): string {
  if (!run) return '-';
  return run.waitingFor
    ? `${run.run} at gate ${run.waitingFor}${run.waitingSince ? ` since ${toSeconds(run.waitingSince)}` : ''}`
    : run.run;
}

function describeCover({ coveredBy }: Interval): string {
  if (!coveredBy) return '-';
  return coveredBy.state === 'published'
    ? `covered by ${coveredBy.run}`
    : `awaits ${coveredBy.run}, ${coveredBy.state}`;
}
