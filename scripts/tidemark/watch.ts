import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RunStatus } from '../../workflows/messages.ts';
import { openGates, renderGate } from './gate-text.ts';
import { askStatus, stateOf } from './list-runs.ts';
import { EXIT, type ExitCode, type Output, show } from './output.ts';
import { describeQuarantined, readQuarantined } from './quarantined.ts';
import { toSeconds } from './table.ts';

const POLL_MS = 1_000;

export interface Watched {
  readonly state: string;
  /** Null when no worker answered at the end. */
  readonly status: RunStatus | null;
  /** Why the run failed, when it did. */
  readonly failure: string | null;
}

/** Follows a run until it ends or waits at a gate; tells each change of stage. */
export async function watchRun(
  client: Client,
  workflowId: string,
  tell: (line: string) => void,
): Promise<Watched> {
  const handle = client.workflow.getHandle(workflowId);
  let last = '';
  const say = (line: string) => {
    if (line !== last) tell(line);
    last = line;
  };
  for (;;) {
    const run = await handle.describe();
    const status = await askStatus(client, workflowId);
    if (run.status.name !== 'RUNNING') {
      const failure = await handle.result().then(
        () => null,
        (error: Error) => (error.cause instanceof Error ? error.cause.message : error.message),
      );
      return { state: stateOf(run), status, failure };
    }
    if (status && openGates(status).length > 0) return { state: 'waiting', status, failure: null };
    say(
      status ? `${status.since}  ${status.stage}` : 'no worker answers; is one running? npx tidemark worker',
    );
    await setTimeout(POLL_MS);
  }
}

/** Follows a run, prints how it ended or the gate that it waits at, and sets the exit code. */
export async function followRun(
  out: Output,
  client: Client,
  workflowId: string,
  json: boolean | undefined,
): Promise<Watched> {
  const watched = await watchRun(client, workflowId, (line) => (json ? out.complain(line) : out.print(line)));
  const { status } = watched;
  const quarantined = status ? await readQuarantined(out, workflowId, status) : null;
  show(out, json, { run: workflowId, ...watched, quarantined }, () =>
    [
      renderEnd(workflowId, watched, Date.now()),
      ...(quarantined === null ? [] : [describeQuarantined(quarantined)]),
    ].join('; '),
  );
  out.exitCode = exitCodeOf(watched.state);
  return watched;
}

function renderEnd(workflowId: string, { state, status, failure }: Watched, nowMs: number): string {
  const open = status ? openGates(status) : [];
  if (state === 'waiting') return open.map((gate) => renderGate(workflowId, gate, nowMs)).join('\n\n');
  const published = status?.sequence === null || status === null ? '' : ` as publication ${status.sequence}`;
  return `${state}${published}${failure ? `: ${failure}` : ''}`;
}

const LIST_POLL_MS = 3_000;

/** Prints a list, and again each time it has changed, until the command is stopped (Ctrl-C). */
export async function watchList<T>(
  out: Output,
  json: boolean | undefined,
  look: () => Promise<T>,
  render: (found: T) => string,
): Promise<never> {
  for (let last: string | null = null; ; ) {
    const found = await look();
    const text = JSON.stringify(found);
    if (text !== last)
      out.print(json ? text : `${last === null ? '' : '\n'}${toSeconds(new Date())}\n${render(found)}`);
    last = text;
    await setTimeout(LIST_POLL_MS);
  }
}

export function exitCodeOf(state: string): ExitCode {
  if (state === 'published' || state === 'skipped') return EXIT.ok;
  return state === 'waiting' ? EXIT.waiting : EXIT.failed;
}
