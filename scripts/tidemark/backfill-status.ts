import { setTimeout } from 'node:timers/promises';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure } from '@temporalio/common';
import type { Command } from 'commander';
import type { backfill } from '../../workflows/index.ts';
import { type BackfillStatus, backfillStatusQuery } from '../../workflows/messages.ts';
import { parseBackfillId } from './backfill-range.ts';
import { openGates, renderGate } from './gate-text.ts';
import { askStatus, stateOf } from './list-runs.ts';
import { EXIT, type Output, show } from './output.ts';
import { withAnswer, withTemporal } from './session.ts';

export function addBackfillStatus(command: Command, out: Output): void {
  command
    .command('status')
    .summary('how far a backfill is, how fast, and what waits')
    .argument('<backfill>', 'PIPELINE/FROM..TO, with or without backfill/')
    .option('--watch', 'follow it until it ends')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark backfill status ecommerce/2023-01-01..2024-01-01\n  npx tidemark backfill status ecommerce/2023-01-01..2024-01-01 --watch\n\nExit: 0 shown, or with --watch done; 1 there is none, no worker answers, or it failed; 2 wrong usage',
    )
    .action(async (text: string, options: { watch?: boolean; json?: boolean }) => {
      const id = parseBackfillId(text);
      await withTemporal(out, async (client) => {
        if (options.watch) return await followBackfill(out, client, id, options.json, false);
        const handle = client.workflow.getHandle<typeof backfill>(id);
        const run = await handle.describe();
        const state = stateOf(run);
        const status = await withAnswer(client, () => handle.query(backfillStatusQuery));
        const failure = run.status.name === 'FAILED' ? await failureOf(handle) : null;
        show(out, options.json, { backfill: id, state, ...status, failure }, () =>
          [
            renderBackfill(id, state, status, Date.now()),
            ...(failure === null ? [] : [`why        ${failure}`]),
          ].join('\n'),
        );
      });
    });
}

/** Progress of a backfill in a few lines; chunks that need a person come with the command to type. */
export function renderBackfill(id: string, state: string, status: BackfillStatus, nowMs: number): string {
  const names = (chunks: readonly string[]) =>
    chunks.length > 5 ? `${chunks.length} (${chunks.slice(0, 5).join(', ')}, ...)` : chunks.join(', ');
  const lines: [string, string][] = [
    ['backfill', id],
    ['state', status.isPaused && state === 'running' ? 'paused' : state],
    ['done', `${status.done.length} of ${status.total} chunks${describePace(status, nowMs)}`],
    ['extracting', names(status.extracting)],
    ['ready', names(status.ready)],
    ['building', names(status.building)],
    ['skipped', names(status.skipped)],
    ...status.failed.map(({ chunk, reason }): [string, string] => ['failed', `${chunk}: ${reason}`]),
    ...status.waiting.map((run): [string, string] => ['waiting', `${run}: npx tidemark gates`]),
  ];
  return lines
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.padEnd(11)}${value}`)
    .join('\n');
}

/** Chunks an hour and the time that the rest takes at that pace; nothing before the first is done. */
function describePace({ done, skipped, failed, total, startedAt }: BackfillStatus, nowMs: number): string {
  const hours = (nowMs - Date.parse(startedAt)) / 3_600_000;
  const left = total - done.length - skipped.length - failed.length;
  if (done.length === 0 || hours <= 0 || left <= 0) return '';
  const pace = done.length / hours;
  const minutes = Math.ceil((left / pace) * 60);
  const eta = minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
  return `, ${pace < 10 ? pace.toFixed(1) : Math.round(pace)} an hour, about ${eta} left`;
}

/** Follows a backfill, telling each change, until it ends; with `stopsAtGate`, also when something waits for a person. */
export async function followBackfill(
  out: Output,
  client: Client,
  id: string,
  json: boolean | undefined,
  stopsAtGate: boolean,
): Promise<void> {
  const handle = client.workflow.getHandle<typeof backfill>(id);
  const tell = json ? out.complain : out.print;
  let last = '';
  for (;;) {
    const run = await handle.describe();
    if (run.status.name !== 'RUNNING') return await showEnd(out, handle, id, stateOf(run), json);
    const status = await askBackfill(client, id);
    const line = status ? renderBackfill(id, 'running', status, Date.now()) : 'no worker answers';
    const seen = line.replace(/, [\d.]+ an hour.*/, '');
    if (seen !== last) tell(`${line}\n`);
    last = seen;
    if (stopsAtGate && status && status.waiting.length > 0) {
      const runs = await Promise.all(
        status.waiting.map(async (child) => ({ child, status: await askStatus(client, child) })),
      );
      const gates = runs.flatMap((each) =>
        each.status ? openGates(each.status).map((gate) => ({ run: each.child, gate })) : [],
      );
      if (gates.length > 0) {
        show(out, json, { backfill: id, state: 'waiting', gates }, () =>
          gates.map((each) => renderGate(each.run, each.gate, Date.now())).join('\n\n'),
        );
        out.exitCode = EXIT.waiting;
        return;
      }
    }
    await setTimeout(1_000);
  }
}

async function showEnd(
  out: Output,
  handle: { result(): Promise<{ published: number; skipped: number }> },
  id: string,
  state: string,
  json: boolean | undefined,
): Promise<void> {
  const ended = await handle.result().then(
    (result) => ({ ...result, failure: null }),
    (error: Error) => ({ failure: reasonOf(error) }),
  );
  show(out, json, { backfill: id, state, ...ended }, () =>
    ended.failure === null
      ? `done: ${ended.published} published, ${ended.skipped} skipped`
      : `${state}: ${ended.failure}`,
  );
  out.exitCode = ended.failure === null ? EXIT.ok : EXIT.failed;
}

/** Why a backfill that has failed did so. */
async function failureOf(handle: { result(): Promise<unknown> }): Promise<string | null> {
  return await handle.result().then(() => null, reasonOf);
}

/** What a backfill failed of; Temporal's own wrappings say only that something did. */
export function reasonOf(error: Error): string {
  const isWrapping = error instanceof WorkflowFailedError || error instanceof ActivityFailure;
  return isWrapping && error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

async function askBackfill(client: Client, id: string): Promise<BackfillStatus | null> {
  try {
    return await withAnswer(client, () => client.workflow.getHandle(id).query(backfillStatusQuery), 5_000);
  } catch {
    return null;
  }
}
