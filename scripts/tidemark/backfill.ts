import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type Command, Option } from 'commander';
import { splitRange } from '../../src/core/backfill.ts';
import type { backfill } from '../../workflows/index.ts';
import { type BackfillStatus, backfillStatusQuery } from '../../workflows/messages.ts';
import { openGates, renderGate } from './gate-text.ts';
import { askStatus, stateOf } from './list-runs.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { requirePipeline, withAnswer, withTemporal } from './session.ts';

interface StartOptions {
  readonly from: string;
  readonly to: string;
  readonly chunk: string;
  readonly mode: 'missing' | 'all';
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addBackfill(program: Command, out: Output): void {
  const command = program.command('backfill').summary('re-read a range of business dates, chunk by chunk');
  command
    .command('start')
    .summary('start a backfill, or go on with one that stopped')
    .argument('<pipeline>', 'name of the pipeline')
    .requiredOption('--from <date>', 'first business date, YYYY-MM-DD')
    .requiredOption('--to <date>', 'business date after the last, YYYY-MM-DD')
    .option('--chunk <duration>', 'P1D, P1W, P1M or P1Y', 'P1M')
    .addOption(
      new Option('--mode <mode>', 'missing: chunks that are not published; all: every chunk again')
        .choices(['missing', 'all'])
        .default('missing'),
    )
    .option('--wait', 'follow it until it ends or a chunk waits at a gate')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark backfill start ecommerce --from 2023-01-01 --to 2024-01-01\n  npx tidemark backfill start ecommerce --from 2023-01-01 --to 2023-02-01 --chunk P1D --mode all --wait\n\nExit: 0 started, or with --wait done; 1 failed; 2 wrong usage; 3 a chunk waits at a gate',
    )
    .action(async (pipeline: string, options: StartOptions) => {
      const { from, to, chunk, mode } = options;
      const chunkCount = countChunks(from, to, chunk);
      await withTemporal(out, async (client, config) => {
        await requirePipeline(config, pipeline);
        const workflowId = `backfill/${pipeline}/${from}..${to}`;
        await client.workflow.start<typeof backfill>('backfill', {
          workflowId,
          taskQueue: config.temporal.taskQueue,
          args: [{ pipeline, from, to, chunk, mode }],
        });
        if (options.wait) {
          if (!options.json) out.print(`started ${workflowId}, ${chunkCount} chunks`);
          return await followBackfill(out, client, pipeline, workflowId, options.json);
        }
        show(out, options.json, { backfill: workflowId, chunkCount }, () =>
          [
            `started ${workflowId}, ${chunkCount} chunks`,
            `watch it: npx tidemark backfill status ${workflowId}`,
          ].join('\n'),
        );
      });
    });
  addBackfillStatus(command, out);
  addBackfillCancel(command, out);
}

function addBackfillStatus(command: Command, out: Output): void {
  command
    .command('status')
    .summary('how far a backfill is')
    .argument('<backfill>', 'PIPELINE/FROM..TO, with or without backfill/')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  npx tidemark backfill status ecommerce/2023-01-01..2024-01-01\n\nExit: 0 shown, 1 there is none or no worker answers, 2 wrong usage',
    )
    .action(async (text: string, options: { json?: boolean }) => {
      const id = parseBackfillId(text);
      await withTemporal(out, async (client) => {
        const handle = client.workflow.getHandle(id);
        const run = await handle.describe();
        const status = await withAnswer(client, () => handle.query(backfillStatusQuery));
        show(out, options.json, { backfill: id, state: stateOf(run), ...status }, () =>
          renderBackfill(id, stateOf(run), status),
        );
      });
    });
}

function addBackfillCancel(command: Command, out: Output): void {
  command
    .command('cancel')
    .summary('stop a backfill; what it has published stays')
    .argument('<backfill>', 'PIPELINE/FROM..TO, with or without backfill/')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  npx tidemark backfill cancel ecommerce/2023-01-01..2024-01-01\n\nThe chunk under way is aborted and its EMR step cancelled. Start it again to go on with what is missing.\n\nExit: 0 asked for, 1 it does not run, 2 wrong usage',
    )
    .action(async (text: string, options: { json?: boolean }) => {
      const id = parseBackfillId(text);
      await withTemporal(out, async (client) => {
        await client.workflow.getHandle(id).cancel();
        show(
          out,
          options.json,
          { backfill: id, cancelled: true },
          () => `${id} is being stopped; see: npx tidemark backfill status ${id}`,
        );
      });
    });
}

/** Number of chunks; a range or chunk that is wrong is wrong usage. */
function countChunks(from: string, to: string, chunk: string): number {
  try {
    return splitRange(from, to, chunk).length;
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(error.message, EXIT.usage);
    throw error;
  }
}

function parseBackfillId(text: string): string {
  const id = text.startsWith('backfill/') ? text : `backfill/${text}`;
  if (/^backfill\/[^/\s]+\/\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/.test(id)) return id;
  throw new CommandError(
    `"${text}" is not a backfill; use PIPELINE/FROM..TO, such as ecommerce/2023-01-01..2024-01-01`,
    EXIT.usage,
  );
}

export function renderBackfill(id: string, state: string, status: BackfillStatus): string {
  return [
    `backfill  ${id}`,
    `state     ${state}`,
    `done      ${status.done.length} of ${status.total} chunks`,
    ...(status.current ? [`current   ${status.current}`] : []),
    ...(status.failed.length > 0 ? [`failed    ${status.failed.join(', ')}`] : []),
  ].join('\n');
}

async function followBackfill(
  out: Output,
  client: Client,
  pipeline: string,
  workflowId: string,
  json: boolean | undefined,
): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  let last = '';
  for (;;) {
    const run = await handle.describe();
    if (run.status.name !== 'RUNNING') {
      const outcome: { result: unknown; failure: string | null } = await handle.result().then(
        (result) => ({ result, failure: null }),
        (error: Error) => ({
          result: null,
          failure: error.cause instanceof Error ? error.cause.message : error.message,
        }),
      );
      const state = stateOf(run);
      show(out, json, { backfill: workflowId, state, ...outcome }, () =>
        outcome.failure ? `${state}: ${outcome.failure}` : `done: ${JSON.stringify(outcome.result)}`,
      );
      out.exitCode = outcome.failure === null ? EXIT.ok : EXIT.failed;
      return;
    }
    const status = await askBackfill(client, workflowId);
    const line = status?.current
      ? `${status.done.length} of ${status.total} done, now ${status.current}`
      : 'planning';
    if (line !== last) (json ? out.complain : out.print)(line);
    last = line;
    if (status?.current) {
      const child = `ingest/${pipeline}/backfill-${status.current}`;
      const chunk = await askStatus(client, child);
      const gates = chunk ? openGates(chunk) : [];
      if (gates.length > 0) {
        show(out, json, { backfill: workflowId, state: 'waiting', run: child, gates }, () =>
          gates.map((gate) => renderGate(child, gate, Date.now())).join('\n\n'),
        );
        out.exitCode = EXIT.waiting;
        return;
      }
    }
    await setTimeout(1_000);
  }
}

async function askBackfill(client: Client, workflowId: string): Promise<BackfillStatus | null> {
  try {
    return await withAnswer(
      client,
      () => client.workflow.getHandle(workflowId).query(backfillStatusQuery),
      5_000,
    );
  } catch {
    return null;
  }
}
