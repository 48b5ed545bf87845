import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { checkLoad } from '../../activities/plan-load.ts';
import { taskQueueOf } from '../../src/config.ts';
import { backfillName, type InitialLoadInput } from '../../src/core/backfill.ts';
import { TidemarkError } from '../../src/core/errors.ts';
import type { backfill } from '../../workflows/index.ts';
import { type RangeOptions, requireEntities, toInput, withRange } from './backfill-range.ts';
import { followBackfill } from './backfill-status.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { scheduleId } from './schedule-spec.ts';
import { requirePipeline, withDeps, withTemporal } from './session.ts';

interface StartOptions extends RangeOptions {
  readonly plan?: string;
  readonly parallel: string;
  readonly batch: string;
  readonly maxWaiting: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addBackfillStart(command: Command, out: Output): void {
  withRange(
    command
      .command('start')
      .summary('start a backfill, or go on with one that stopped')
      .argument('<pipeline>', 'name of the pipeline'),
  )
    .option('--plan <digest>', 'refuse when the plan is no longer the one that `backfill plan` showed')
    .option('--parallel <n>', 'chunks that are extracted and checked side by side', '2')
    .option(
      '--batch <n>',
      'chunks that one Spark step cleans and models, and that are published together',
      '31',
    )
    .option('--max-waiting <n>', 'chunks that wait for a person before no further one starts', '3')
    .option('--wait', 'follow it until it ends or something waits at a gate')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark backfill start ecommerce --from 2023-01-01 --to 2024-01-01\n  npx tidemark backfill start ecommerce --from 2023-01-01 --to 2023-02-01 --chunk P1D --mode all --wait\n  npx tidemark backfill start ecommerce --initial --parallel 4\n\nBy dates it never moves the watermark. With --initial live runs go on from its oldest snapshot once all ranges are published. Rows that a newer snapshot brought stay.\n\nExit: 0 started, or with --wait done; 1 failed; 2 wrong usage; 3 a chunk waits at a gate',
    )
    .action(async (pipeline: string, options: StartOptions) => {
      const input = {
        ...toInput(pipeline, options),
        parallel: toCount(options.parallel, '--parallel', 32),
        batch: toCount(options.batch, '--batch', 400),
        maxWaiting: toCount(options.maxWaiting, '--max-waiting', 1000),
        ...(options.plan ? { planDigest: options.plan } : {}),
      };
      await withTemporal(out, async (client, config) => {
        const found = await requirePipeline(config, pipeline);
        requireEntities(found, '--entities', input.entities);
        if ('isInitial' in input) await requireLoadable(out, input);
        const workflowId = `backfill/${pipeline}/${backfillName(input)}`;
        await client.workflow.start<typeof backfill>('backfill', {
          workflowId,
          taskQueue: taskQueueOf(config, found),
          args: [input],
        });
        if ('isInitial' in input) await warnOfSchedule(out, client, pipeline);
        if (options.wait) {
          if (!options.json) out.print(`started ${workflowId}`);
          return await followBackfill(out, client, workflowId, options.json, true);
        }
        show(out, options.json, { backfill: workflowId }, () =>
          [`started ${workflowId}`, `watch it: npx tidemark backfill status ${workflowId} --watch`].join(
            '\n',
          ),
        );
      });
    });
}

/** Refuses a load that its workflow would refuse. Where the data is out of reach from here, the workflow alone can tell. */
async function requireLoadable(out: Output, input: InitialLoadInput): Promise<void> {
  try {
    await withDeps(out, (deps) => checkLoad(deps, input));
  } catch (error) {
    const isRefusal = error instanceof TidemarkError && ['LOAD_REFUSED', 'PLAN_CHANGED'].includes(error.code);
    if (isRefusal) throw error;
  }
}

/** Until the load is done a live run finds no watermark, and reads the table whole beside it. */
async function warnOfSchedule(out: Output, client: Client, pipeline: string): Promise<void> {
  const { state } = await client.schedule
    .getHandle(scheduleId(pipeline))
    .describe()
    .catch(() => ({ state: null }));
  if (state === null || state.paused) return;
  out.complain(
    `note: the schedule of ${pipeline} fires meanwhile, and its runs would read the same tables whole; pause it until the load is done: npx tidemark schedule pause ${pipeline} --note "first load"`,
  );
}

/** A whole number from 1 to `max`. */
export function toCount(text: string, option: string, max: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw new CommandError(`${option} "${text}" is not a whole number from 1 to ${max}`, EXIT.usage);
}
