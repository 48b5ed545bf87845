import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
} from '@temporalio/client';
import { type Command, Option } from 'commander';
import type { ingest } from '../../workflows/index.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { requirePipeline, withTemporal } from './session.ts';
import { renderTable, toSeconds } from './table.ts';

const OVERLAPS = [
  'allow_all',
  'skip',
  'buffer_one',
  'buffer_all',
  'cancel_other',
  'terminate_other',
] as const;

export interface ScheduleWish {
  readonly cron?: string;
  readonly every?: string;
  readonly timeZone?: string;
  readonly overlap: (typeof OVERLAPS)[number];
  readonly audit?: boolean;
  readonly json?: boolean;
}

/** A pipeline has one schedule of runs, and one of audits beside it. */
function scheduleId(pipeline: string, audit = false): string {
  return `ingest/${pipeline}${audit ? '/audit' : ''}`;
}

export function addSchedule(program: Command, out: Output): void {
  const schedule = program.command('schedule').summary('start runs by the clock');
  schedule
    .command('create')
    .summary('create or update the schedule of a pipeline')
    .argument('<pipeline>', 'name of the pipeline')
    .option('--cron <expression>', 'five fields, such as "0 2 * * *"')
    .option('--every <duration>', 'interval, such as 1h, 30m or 1d')
    .option('--time-zone <zone>', 'of --cron, such as America/New_York; default UTC')
    .addOption(
      new Option(
        '--overlap <policy>',
        'when the last run still goes; allow_all, so that a run that waits for a person does not swallow the next',
      )
        .choices(OVERLAPS)
        .default('allow_all'),
    )
    .option('--audit', 'a schedule of its own, whose runs compare source and lake (tidemark reconcile)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark schedule create ecommerce --cron "0 2 * * *" --time-zone America/New_York\n  npx tidemark schedule create ecommerce --every 1h\n  npx tidemark schedule create ecommerce --cron "0 4 * * 0" --audit\n\nExit: 0 created or updated, 1 failed, 2 wrong usage',
    )
    .action(async (pipeline: string, wish: ScheduleWish) => {
      checkWish(wish);
      await withTemporal(out, async (client, config) => {
        await requirePipeline(config, pipeline);
        const done = await put(client, buildSchedule(pipeline, config.temporal.taskQueue, wish));
        const { info } = await client.schedule.getHandle(scheduleId(pipeline, wish.audit)).describe();
        const next = info.nextActionTimes.slice(0, 3).map((time) => toSeconds(time));
        show(
          out,
          wish.json,
          { schedule: scheduleId(pipeline, wish.audit), done, next },
          () =>
            `${done} schedule ${scheduleId(pipeline, wish.audit)}; next runs ${next.join(', ') || 'none'}`,
        );
      });
    });
  addDelete(schedule, out);
  addList(schedule, out);
}

function addDelete(schedule: Command, out: Output): void {
  schedule
    .command('delete')
    .summary('remove the schedule of a pipeline; runs under way go on')
    .argument('<pipeline>', 'name of the pipeline')
    .option('--audit', 'the one of its audits')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  npx tidemark schedule delete ecommerce\n\nExit: 0 removed, 1 there is none or it failed, 2 wrong usage',
    )
    .action(async (pipeline: string, options: { audit?: boolean; json?: boolean }) => {
      const id = scheduleId(pipeline, options.audit);
      await withTemporal(out, async (client) => {
        try {
          await client.schedule.getHandle(id).delete();
        } catch (error) {
          if (!(error instanceof ScheduleNotFoundError)) throw error;
          throw new CommandError(`there is no schedule ${id}; list them: npx tidemark schedule list`);
        }
        show(out, options.json, { schedule: id, done: 'deleted' }, () => `deleted schedule ${id}`);
      });
    });
}

function addList(schedule: Command, out: Output): void {
  schedule
    .command('list')
    .summary('schedules of all pipelines')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  npx tidemark schedule list\n\nExit: 0 shown, 1 failed, 2 wrong usage',
    )
    .action(async (options: { json?: boolean }) => {
      await withTemporal(out, async (client) => {
        const found: { schedule: string; paused: boolean; next: string | null }[] = [];
        for await (const each of client.schedule.list()) {
          if (!each.scheduleId.startsWith('ingest/')) continue;
          const next = each.info?.nextActionTimes[0];
          found.push({
            schedule: each.scheduleId,
            paused: each.state.paused,
            next: next ? toSeconds(next) : null,
          });
        }
        show(out, options.json, found, () =>
          found.length === 0
            ? 'no schedules; create one: npx tidemark schedule create PIPELINE --cron "0 2 * * *"'
            : renderTable(
                ['SCHEDULE', 'STATE', 'NEXT RUN'],
                found.map((each) => [each.schedule, each.paused ? 'paused' : 'active', each.next ?? '-']),
              ),
        );
      });
    });
}

async function put(client: Client, options: ScheduleOptions): Promise<'created' | 'updated'> {
  try {
    await client.schedule.create(options);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = options;
    await client.schedule
      .getHandle(options.scheduleId)
      // A pause stays: who paused it had a reason.
      .update((previous) => ({ ...previous, spec, action, policies: { ...previous.policies, ...policies } }));
    return 'updated';
  }
}

function checkWish({ cron, every, timeZone }: ScheduleWish): void {
  const refuse = (message: string) => {
    throw new CommandError(message, EXIT.usage);
  };
  if ((cron === undefined) === (every === undefined))
    refuse('give just one of --cron "0 2 * * *" and --every 1h');
  if (cron !== undefined && cron.trim().split(/\s+/).length !== 5)
    refuse(`--cron "${cron}" has not five fields; use minute hour day month weekday, such as "0 2 * * *"`);
  if (every !== undefined && !/^[1-9]\d*[mhd]$/.test(every))
    refuse(`--every "${every}" is not an interval; use such as 30m, 1h or 1d`);
  if (timeZone === undefined) return;
  if (every !== undefined) refuse('--time-zone goes with --cron only; intervals count in UTC');
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    refuse(`--time-zone "${timeZone}" is not known; use an IANA name, such as America/New_York`);
  }
}

/** The schedule as Temporal takes it; each run gets its time appended to the workflow id. */
export function buildSchedule(pipeline: string, taskQueue: string, wish: ScheduleWish) {
  checkWish(wish);
  const { cron, every, timeZone, overlap, audit } = wish;
  const everyMs = every === undefined ? null : parseEvery(every);
  return {
    scheduleId: scheduleId(pipeline, audit),
    spec: {
      ...(cron === undefined ? {} : { cronExpressions: [cron], timezone: timeZone ?? 'UTC' }),
      ...(everyMs === null ? {} : { intervals: [{ every: everyMs }] }),
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'ingest' as const,
      workflowId: `ingest/${pipeline}/${audit ? 'audit' : 'live'}`,
      taskQueue,
      args: [{ pipeline, kind: 'live' as const, ...(audit && { audit }) }] as Parameters<typeof ingest>,
    },
    policies: {
      overlap: overlap.toUpperCase() as Uppercase<typeof overlap>,
      // After an outage one run is enough: it reads everything since the watermark.
      catchupWindow: everyMs ?? '1 day',
      pauseOnFailure: false,
    },
  };
}

function parseEvery(every: string): number {
  const minutes = { m: 1, h: 60, d: 1440 }[every.at(-1) as 'm' | 'h' | 'd'];
  return Number(every.slice(0, -1)) * minutes * 60_000;
}
