import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../setup/paths.mjs';

/** A worker as a person would start it, in a process of its own with its output in a file. */
export interface WorkerProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Text that the worker has written so far. */
  log(): string;
  kill(signal: NodeJS.Signals): void;
  /** Ends it and waits; a kill takes effect at once. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `tidemark worker` and waits until it polls. */
export async function startWorkerProcess(
  env: Readonly<Record<string, string>>,
  logFile: string,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [join(CHECKOUT, 'scripts', 'tidemark.mjs'), 'worker'], {
    cwd: CHECKOUT,
    env: { ...process.env, ...env, NODE_NO_WARNINGS: '1' },
    // Ctrl-C is for the parent, which ends the worker in its turn.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const file = createWriteStream(logFile, { flags: 'a' });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const log = () => readFileSync(logFile, 'utf8');
  await isPolling(child, log);
  return {
    pid: child.pid!,
    logFile,
    log,
    kill: (signal) => void child.kill(signal),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      const limit = setTimeout(() => child.kill('SIGKILL'), 8_000);
      await gone;
      clearTimeout(limit);
    },
  };
}

async function isPolling(child: ChildProcess, log: () => string): Promise<void> {
  let text = '';
  const seen = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk;
      if (/^worker ready/m.test(text)) resolve();
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', (code) =>
      reject(
        new Error(
          `the worker ended with code ${code} before it was ready:\n${log().split('\n').slice(-15).join('\n')}`,
        ),
      ),
    );
  });
  await seen;
}
