import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What is to run; `probe` resolves once it serves. */
export interface ServiceSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly port: number;
  readonly logFile: string;
  readonly probe: () => Promise<void>;
  /** Signal that ends it well; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take to end before it is killed; default 2 s. */
  readonly stopLimitMs?: number;
}

/** A process that was started, with what tells it from a later one of the same pid. */
export interface StartedProcess {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly logFile: string;
  /** Kernel's start time of the pid, empty where it cannot be read. */
  readonly startedAt: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopLimitMs: number;
}

const READY_LIMIT_MS = 60_000;

/**
 * Starts a service in a process group of its own, so that Ctrl-C reaches it only through `stopProcess`, and waits
 * until it serves. Fails with its command and the end of its log when it dies or stays silent.
 */
export async function startService(spec: ServiceSpec): Promise<StartedProcess> {
  const log = openSync(spec.logFile, 'a');
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended: string | null = null;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended ??= `ended with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  const deadline = Date.now() + READY_LIMIT_MS;
  let last = 'did not answer';
  while (ended === null && Date.now() < deadline) {
    try {
      await spec.probe();
      return {
        name: spec.name,
        pid: child.pid!,
        port: spec.port,
        logFile: spec.logFile,
        startedAt: startTimeOf(child.pid!),
        stopSignal: spec.stopSignal ?? 'SIGTERM',
        stopLimitMs: spec.stopLimitMs ?? 2_000,
      };
    } catch (error) {
      last = (error as Error).message;
      await pause(50);
    }
  }
  if (child.pid !== undefined && ended === null) process.kill(-child.pid, 'SIGKILL');
  const tail = readFileSync(spec.logFile, 'utf8').split('\n').slice(-15).join('\n');
  throw new Error(
    `${spec.name} did not start: ${ended ?? last}\n  ${spec.command} ${spec.args.join(' ')}\n  log ${spec.logFile}:\n${tail}`,
  );
}

/** Ends a process, if it is still the one that was started, and waits until it is gone. */
export async function stopProcess(started: StartedProcess): Promise<boolean> {
  if (!isRunning(started)) return false;
  signalGroup(started.pid, started.stopSignal);
  for (let waited = 0; waited < started.stopLimitMs; waited += 25) {
    if (!isRunning(started)) return true;
    await pause(25);
  }
  signalGroup(started.pid, 'SIGKILL');
  while (isRunning(started)) await pause(25);
  return true;
}

export function isRunning({ pid, startedAt }: Pick<StartedProcess, 'pid' | 'startedAt'>): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const now = startTimeOf(pid);
  return now !== 'zombie' && (startedAt === '' || now === startedAt);
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'zombie' : fields[19]!;
  } catch {
    return '';
  }
}

/** Resolves when an HTTP server answers, whatever it answers below 500. */
export async function probeHttp(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  if (response.status >= 500) throw new Error(`${url} answered ${response.status}`);
}
