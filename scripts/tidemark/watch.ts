import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RunStatus } from '../../workflows/messages.ts';
import { openGates } from './gate-text.ts';
import { askStatus, stateOf } from './list-runs.ts';
import { EXIT, type ExitCode } from './output.ts';

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

export function exitCodeOf(state: string): ExitCode {
  if (state === 'published' || state === 'skipped') return EXIT.ok;
  return state === 'waiting' ? EXIT.waiting : EXIT.failed;
}
