import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import {
  type BackfillStatus,
  pauseUpdate,
  resumeUpdate,
  setParallelUpdate,
} from '../../workflows/messages.ts';
import { pipelineKey } from '../../workflows/search-attributes.ts';
import { parseBackfillId } from './backfill-range.ts';
import { toCount } from './backfill-start.ts';
import { renderBackfill } from './backfill-status.ts';
import { stateOf } from './list-runs.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { withAnswer, withTemporal } from './session.ts';
import { renderTable, toSeconds } from './table.ts';

type Handle = ReturnType<Client['workflow']['getHandle']>;

/** Commands that steer a backfill while it runs. */
export function addBackfillSteering(command: Command, out: Output): void {
  const steer = (
    name: string,
    summary: string,
    send: (handle: Handle, n: string) => Promise<BackfillStatus>,
  ) =>
    command
      .command(name)
      .summary(summary)
      .argument('<backfill>', 'PIPELINE/FROM..TO, with or without backfill/')
      .option('--json', 'as JSON')
      .addHelpText('after', '\nExit: 0 done, 1 it does not run or no worker answers, 2 wrong usage')
      .action(async (text: string, options: { json?: boolean; parallel?: string }) => {
        const id = parseBackfillId(text);
        await withTemporal(out, async (client) => {
          const handle = client.workflow.getHandle(id);
          const status = await withAnswer(client, () => send(handle, options.parallel ?? ''));
          show(out, options.json, { backfill: id, ...status }, () =>
            renderBackfill(id, 'running', status, Date.now()),
          );
        });
      });
  steer('pause', 'start nothing more; what is under way goes on', (handle) =>
    handle.executeUpdate(pauseUpdate),
  );
  steer('resume', 'go on after a pause', (handle) => handle.executeUpdate(resumeUpdate));
  steer('set', 'change how many chunks are extracted side by side', (handle, parallel) =>
    handle.executeUpdate(setParallelUpdate, { args: [toCount(parallel, '--parallel', 32)] }),
  ).requiredOption('--parallel <n>', '1 to 32');
  addCancel(command, out);
  addList(command, out);
}

function addCancel(command: Command, out: Output): void {
  command
    .command('cancel')
    .summary('stop a backfill; what it has published stays')
    .argument('<backfill>', 'PIPELINE/FROM..TO, with or without backfill/')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  npx tidemark backfill cancel ecommerce/2023-01-01..2024-01-01\n\nChunks under way are aborted and their EMR step cancelled. Start it again to go on with what is missing.\n\nExit: 0 asked for, 1 it does not run, 2 wrong usage',
    )
    .action(async (text: string, options: { json?: boolean }) => {
      const id = parseBackfillId(text);
      await withTemporal(out, async (client) => {
        const handle = client.workflow.getHandle(id);
        const run = await handle.describe();
        if (run.status.name !== 'RUNNING')
          throw new CommandError(
            `${id} has ended as ${stateOf(run)}; there is nothing to stop: npx tidemark backfill status ${id}`,
            EXIT.failed,
          );
        await handle.cancel();
        show(
          out,
          options.json,
          { backfill: id, cancelled: true },
          () => `${id} is being stopped; see: npx tidemark backfill status ${id}`,
        );
      });
    });
}

function addList(command: Command, out: Output): void {
  command
    .command('list')
    .summary('backfills, newest first')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit: 0 shown, 1 failed, 2 wrong usage')
    .action(async (options: { json?: boolean }) => {
      await withTemporal(out, async (client) => {
        const found: { backfill: string; pipeline: string; state: string; started: string }[] = [];
        for await (const run of client.workflow.list({ query: "WorkflowType = 'backfill'" })) {
          if (run.status.name === 'CONTINUED_AS_NEW') continue;
          found.push({
            backfill: run.workflowId,
            pipeline: run.typedSearchAttributes.get(pipelineKey) ?? '',
            state: stateOf(run),
            started: toSeconds(run.startTime),
          });
        }
        show(out, options.json, found, () =>
          found.length === 0
            ? 'no backfills'
            : renderTable(
                ['BACKFILL', 'STATE', 'STARTED'],
                found.map((each) => [each.backfill, each.state, each.started]),
              ),
        );
      });
    });
}
