import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import { type Command, Option } from 'commander';
import { taskQueueOf } from '../../src/config.ts';
import { type Output, show } from './output.ts';
import {
  buildFreshnessSchedule,
  buildSchedule,
  checkWish,
  type EarlierTimes,
  freshnessScheduleId,
  memoOf,
  OVERLAPS,
  rememberTimes,
  type ScheduleWish,
  scheduleId,
} from './schedule-spec.ts';
import { requirePipeline, withTemporal } from './session.ts';
import { toSeconds } from './table.ts';

type Schedule = ReturnType<typeof buildSchedule> | ReturnType<typeof buildFreshnessSchedule>;

export function addScheduleCreate(schedule: Command, out: Output): void {
  schedule
    .command('create')
    .summary('create or update the schedule of a pipeline')
    .argument('<pipeline>', 'name of the pipeline')
    .option(
      '--cron <expression>',
      'minute hour day month weekday, such as "0 2 * * *"; a day has to match all of its fields',
    )
    .option('--every <duration>', 'interval, such as 30s, 15m, 1h or 1d; counted from midnight UTC')
    .option('--time-zone <zone>', "of --cron, such as America/New_York; default the pipeline's timeZone")
    .addOption(
      new Option(
        '--overlap <policy>',
        'when the last run still goes; allow_all, so that a run that waits for a person does not swallow the next',
      )
        .choices(OVERLAPS)
        .default('allow_all'),
    )
    .option(
      '--catchup <duration>',
      'after an outage, times that are not older are made up for; default the longest time between two of them, so the last one',
    )
    .option(
      '--jitter <duration>',
      'start each run up to that much later, at a moment that differs by pipeline',
    )
    .option('--audit', 'a schedule of its own, whose runs compare source and lake (tidemark reconcile)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nCreating it again changes it; a pause stays. A pipeline with a freshness deadline gets the schedule that watches it as well.\nLocal times that daylight saving leaves out have no run, those that it repeats have two; 00:00 to 00:59 is safe in most zones.\n\nExamples:\n  npx tidemark schedule create ecommerce --cron "0 2 * * *" --time-zone America/New_York\n  npx tidemark schedule create ecommerce --every 1h --jitter 5m\n  npx tidemark schedule create ecommerce --cron "0 2 * * MON-FRI" --catchup 7d\n  npx tidemark schedule create ecommerce --cron "0 4 * * 0" --audit\n\nExit: 0 created or updated, 1 failed, 2 wrong usage',
    )
    .action(async (pipeline: string, { json, ...wish }: ScheduleWish & { json?: boolean }) => {
      checkWish(wish);
      await withTemporal(out, async (client, config) => {
        const found = await requirePipeline(config, pipeline);
        const { definition } = found;
        const timeZone = wish.timeZone ?? (wish.cron === undefined ? undefined : definition.timeZone);
        const taskQueue = taskQueueOf(config, found);
        const id = scheduleId(pipeline, wish.audit);
        const done = await put(client, (since, earlier) =>
          buildSchedule(pipeline, taskQueue, { ...wish, timeZone }, since, earlier),
        );
        const watched = wish.audit
          ? null
          : await putFreshness(client, pipeline, taskQueue, definition.freshness?.maxAgeMinutes);
        const { info, state } = await client.schedule.getHandle(id).describe();
        const next = info.nextActionTimes.slice(0, 3).map((time) => toSeconds(time));
        show(out, json, { schedule: id, done, paused: state.paused, next, freshness: watched }, () =>
          [
            `${done} schedule ${id}; next runs ${next.join(', ') || 'none'}`,
            ...(state.paused
              ? [
                  `it is paused${state.note ? `: ${state.note}` : ''}; npx tidemark schedule resume ${pipeline}`,
                ]
              : []),
            ...(watched
              ? [
                  `${watched.done} schedule ${watched.schedule}; alerts when nothing is published for ${watched.maxAgeMinutes} minutes`,
                ]
              : []),
          ].join('\n'),
        );
      });
    });
}

/** Creates a schedule or makes it what `build` says; its times count since `since` until they change, and are then `earlier` ones. */
async function put(
  client: Client,
  build: (since: string, earlier?: readonly EarlierTimes[]) => Schedule,
): Promise<'created' | 'updated'> {
  const now = new Date().toISOString();
  const fresh = build(now);
  try {
    await client.schedule.create(fresh);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  await client.schedule.getHandle(fresh.scheduleId).update((previous) => {
    const before = memoOf(previous);
    const isSame = before !== null && timesOf(before) === timesOf(memoOf(fresh));
    const { spec, action, policies } = isSame
      ? build(before.since, before.earlier)
      : build(now, before === null ? [] : rememberTimes(before, now));
    // A pause stays: who paused it had a reason.
    return { ...previous, spec, action, policies: { ...previous.policies, ...policies } };
  });
  return 'updated';
}

function timesOf(memo: ReturnType<typeof memoOf>): string {
  return JSON.stringify([memo?.cron, memo?.every, memo?.timeZone, memo?.jitter]);
}

/** Makes the watch be there just when the definition has a deadline. */
async function putFreshness(
  client: Client,
  pipeline: string,
  taskQueue: string,
  maxAgeMinutes: number | undefined,
) {
  if (maxAgeMinutes === undefined) {
    await deleteIfThere(client, freshnessScheduleId(pipeline));
    return null;
  }
  const done = await put(client, (since) =>
    buildFreshnessSchedule(pipeline, taskQueue, maxAgeMinutes, since),
  );
  return { schedule: freshnessScheduleId(pipeline), done, maxAgeMinutes };
}

/** Deletes a schedule; one that is not there is fine. */
export async function deleteIfThere(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
