import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToEnd } from './run-to-end.ts';

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'sweep.sh');

/** Ends every process that carries the id of a stack, and removes files that they leave. Rejects when one does not go. */
export async function sweep(stackId: string, leftFiles: readonly string[]): Promise<void> {
  try {
    await runToEnd(['/bin/sh', SCRIPT, stackId, ...leftFiles]);
  } catch (error) {
    throw new Error('Some processes of the local stack do not end.', { cause: error });
  }
}

/** Sees to it that a stack ends with the process that started it, even when that is killed by SIGKILL. */
export interface Watchdog {
  /** Lets the stack live on by itself. */
  release(): Promise<void>;
}

/** Starts the watch. It is a shell that reads from a pipe of this process and sweeps when the pipe breaks. */
export function startWatchdog(stackId: string, leftFiles: readonly string[]): Watchdog {
  const child: ChildProcess = spawn('/bin/sh', [SCRIPT, '--watch', stackId, ...leftFiles], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const pipe = child.stdin as Socket;
  // It may end before this process tells it to, which is then no error of this process.
  pipe.on('error', () => undefined);
  child.unref();
  pipe.unref();
  return {
    release: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.ref();
      pipe.end('release\n');
      await ended;
    },
  };
}
