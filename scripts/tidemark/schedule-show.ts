import type { Client, ScheduleDescription } from '@temporalio/client';
import type { Command } from 'commander';
import { stateOf } from './list-runs.ts';
import { type Output, show } from './output.ts';
import { memoOf, type ScheduleMemo, scheduleId, withSchedule } from './schedule-spec.ts';
import { withTemporal } from './session.ts';
import { renderTable, toSeconds } from './table.ts';

/** A schedule as `describe` prints it. */
interface ScheduleView {
  readonly schedule: string;
  readonly paused: boolean;
  /** Why it is paused, or what was last said of it. */
  readonly note: string | null;
  /** As it was typed; null for a schedule that another tool made. */
  readonly wish: ScheduleMemo | null;
  readonly overlap: string;
  readonly catchupSeconds: number;
  readonly next: readonly string[];
  /** Newest last. */
  readonly recent: readonly { readonly run: string; readonly at: string; readonly state: string }[];
  readonly taken: number;
  /** Times that were not made up for after an outage, and that another run kept from starting. */
  readonly missed: number;
  readonly swallowed: number;
}

export function addScheduleList(schedule: Command, out: Output): void {
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
        const found: { schedule: string; paused: boolean; note: string | null; next: string | null }[] = [];
        for await (const { scheduleId: id, state, info } of client.schedule.list()) {
          if (!/^(ingest|freshness)\//.test(id)) continue;
          const next = state.paused ? undefined : info?.nextActionTimes[0];
          found.push({
            schedule: id,
            paused: state.paused,
            note: state.note || null,
            next: next ? toSeconds(next) : null,
          });
        }
        found.sort((a, b) => a.schedule.localeCompare(b.schedule));
        show(out, options.json, found, () =>
          found.length === 0
            ? 'no schedules; create one: npx tidemark schedule create PIPELINE --cron "0 2 * * *"'
            : renderTable(
                ['SCHEDULE', 'STATE', 'NEXT RUN', 'NOTE'],
                found.map((each) => [
                  each.schedule,
                  each.paused ? 'paused' : 'active',
                  each.next ?? '-',
                  each.note ?? '-',
                ]),
              ),
        );
      });
    });
}

export function addScheduleDescribe(schedule: Command, out: Output): void {
  schedule
    .command('describe')
    .summary('next times, recent runs, policies and note of a schedule')
    .argument('<pipeline>', 'name of the pipeline')
    .option('--audit', 'the schedule of its audits')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark schedule describe ecommerce\n  npx tidemark schedule describe ecommerce --json\n\nExit: 0 shown, 1 there is none or it failed, 2 wrong usage',
    )
    .action(async (pipeline: string, options: { audit?: boolean; json?: boolean }) => {
      const id = scheduleId(pipeline, options.audit);
      await withTemporal(out, async (client) => {
        const described = await withSchedule(id, () => client.schedule.getHandle(id).describe());
        const view = await viewOf(client, described);
        show(out, options.json, view, () => renderSchedule(view, pipeline));
      });
    });
}

async function viewOf(client: Client, described: ScheduleDescription): Promise<ScheduleView> {
  const { info, state, policies } = described;
  const recent = await Promise.all(
    info.recentActions.slice(-5).map(async ({ action, scheduledAt }) => {
      const run = action.workflow.workflowId;
      // An ended run may be forgotten by now.
      const found = await client.workflow
        .getHandle(run)
        .describe()
        .catch(() => null);
      return { run, at: toSeconds(scheduledAt), state: found ? stateOf(found) : 'forgotten' };
    }),
  );
  return {
    schedule: described.scheduleId,
    paused: state.paused,
    note: state.note || null,
    wish: memoOf(described),
    overlap: (policies.overlap ?? 'SKIP').toLowerCase(),
    catchupSeconds: Math.round(policies.catchupWindow / 1000),
    next: info.nextActionTimes.slice(0, 5).map((time) => toSeconds(time)),
    recent,
    taken: info.numActionsTaken,
    missed: info.numActionsMissedCatchupWindow,
    swallowed: info.numActionsSkippedOverlap,
  };
}

/** A schedule in a few lines, the state first. */
function renderSchedule(view: ScheduleView, pipeline: string): string {
  const { wish, paused, note } = view;
  const lines: [string, string][] = [
    ['schedule', view.schedule],
    ['state', paused ? `paused; go on: npx tidemark schedule resume ${pipeline}` : 'active'],
    ['note', note ?? ''],
    ['times', wish ? describeTimes(wish) : 'made by another tool'],
    ['since', wish ? toSeconds(wish.since) : ''],
    ['overlap', view.overlap],
    ['catch-up', `${view.catchupSeconds} s after an outage`],
    ['next', paused ? '' : view.next.join(', ') || 'none'],
    [
      'counts',
      `${view.taken} started, ${view.missed} beyond the catch-up, ${view.swallowed} swallowed by overlap`,
    ],
    ...view.recent.map(({ run, state }): [string, string] => ['recent', `${run} ${state}`]),
  ];
  return lines
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.padEnd(10)}${value}`)
    .join('\n');
}

function describeTimes({ cron, every, timeZone, jitter }: ScheduleMemo): string {
  const times = cron === undefined ? `every ${every}` : `${cron} (${timeZone ?? 'UTC'})`;
  return jitter === undefined ? times : `${times}, up to ${jitter} later`;
}
