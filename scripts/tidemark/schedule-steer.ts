import { setTimeout } from 'node:timers/promises';
import type { Client, ScheduleHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { deleteIfThere } from './schedule-create.ts';
import { freshnessScheduleId, scheduleId, withSchedule } from './schedule-spec.ts';
import { userOf, withTemporal } from './session.ts';
import { toSeconds } from './table.ts';

interface SteerOptions {
  readonly note?: string;
  readonly audit?: boolean;
  readonly json?: boolean;
}

const NO_SCHEDULE = '1 there is none or it failed, 2 wrong usage';

/** Adds pause, resume, trigger and delete. */
export function addScheduleSteering(schedule: Command, out: Output): void {
  steer(schedule, out, {
    name: 'pause',
    summary: 'start no more runs until it is resumed; runs under way go on',
    note: 'why, for who finds it paused',
    examples: ['npx tidemark schedule pause ecommerce --note "source migrates until Monday"'],
    after: 'The freshness deadline is watched all the same: a forgotten pause is told of.',
    done: 'paused',
    work: async ({ handle, note }) => {
      if (!note?.trim())
        throw new CommandError('--note is empty; say why, for who finds it paused', EXIT.usage);
      await handle.pause(`${note.trim()} (${userOf(out)}, ${toSeconds(new Date())})`);
      return {};
    },
  });
  steer(schedule, out, {
    name: 'resume',
    summary:
      'go on after a pause; times that passed meanwhile are not made up for, the next run reads their changes',
    examples: ['npx tidemark schedule resume ecommerce'],
    done: 'resumed',
    work: async ({ handle }) => {
      await handle.unpause(`resumed by ${userOf(out)}, ${toSeconds(new Date())}`);
      const { info } = await handle.describe();
      return { next: info.nextActionTimes.slice(0, 3).map((time) => toSeconds(time)) };
    },
  });
  steer(schedule, out, {
    name: 'trigger',
    summary: 'start a run now, as the schedule would',
    examples: ['npx tidemark schedule trigger ecommerce'],
    done: 'triggered',
    work: async ({ handle }) => ({ run: await trigger(handle) }),
  });
  steer(schedule, out, {
    name: 'delete',
    summary: 'remove the schedule of a pipeline and the watch of its freshness; runs under way go on',
    examples: ['npx tidemark schedule delete ecommerce'],
    done: 'deleted',
    work: async ({ client, handle, pipeline, audit }) => {
      await handle.delete();
      if (!audit) await deleteIfThere(client, freshnessScheduleId(pipeline));
      return {};
    },
  });
}

interface Steering {
  readonly name: string;
  readonly summary: string;
  /** What the note is for, where there is one. */
  readonly note?: string;
  readonly examples: readonly string[];
  readonly after?: string;
  readonly done: string;
  readonly work: (request: {
    readonly client: Client;
    readonly handle: ScheduleHandle;
    readonly pipeline: string;
    readonly note: string | undefined;
    readonly audit: boolean | undefined;
  }) => Promise<{ next?: string[]; run?: string | null }>;
}

function steer(
  schedule: Command,
  out: Output,
  { name, summary, note, examples, after, done, work }: Steering,
): void {
  const command = schedule.command(name).summary(summary).argument('<pipeline>', 'name of the pipeline');
  if (note !== undefined) command.requiredOption('--note <text>', note);
  command
    .option('--audit', 'the schedule of its audits')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\n${after ? `${after}\n\n` : ''}Examples:\n${examples.map((each) => `  ${each}`).join('\n')}\n\nExit: 0 ${done}, ${NO_SCHEDULE}`,
    )
    .action(async (pipeline: string, options: SteerOptions) => {
      const id = scheduleId(pipeline, options.audit);
      await withTemporal(out, async (client) => {
        const handle = client.schedule.getHandle(id);
        const result = await withSchedule(id, () =>
          work({ client, handle, pipeline, note: options.note, audit: options.audit }),
        );
        show(out, options.json, { schedule: id, done, ...result }, () =>
          [
            `${done} schedule ${id}`,
            ...(result.next ? [`next runs ${result.next.join(', ') || 'none'}`] : []),
            ...(result.run === undefined ? [] : [describeTriggered(result.run, pipeline)]),
          ].join('\n'),
        );
      });
    });
}

function describeTriggered(run: string | null, pipeline: string): string {
  return run === null
    ? `no run is seen yet; look: npx tidemark status --pipeline ${pipeline}`
    : `started ${run}; follow it: npx tidemark status ${run} --watch`;
}

/** Triggers, and waits a moment for the id of the run; null when the schedule shows none by then. */
async function trigger(handle: ScheduleHandle): Promise<string | null> {
  const taken = async () => {
    const { info } = await handle.describe();
    return { count: info.numActionsTaken, last: info.recentActions.at(-1) };
  };
  const { count } = await taken();
  await handle.trigger();
  for (let tries = 0; tries < 20; tries++) {
    const now = await taken();
    if (now.count > count && now.last?.action.type === 'startWorkflow')
      return now.last.action.workflow.workflowId;
    await setTimeout(250);
  }
  return null;
}
