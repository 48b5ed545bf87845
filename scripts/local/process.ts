import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;
const KILL_LIMIT_MS = 10_000;
const FORGET_LIMIT_MS = 1_000;

/** One process, and not a later one that was given the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, as the system tells it; only good for comparing. */
  startedAt: string;
}

/** Names the living process that has this pid now; null when there is none. A zombie has ended. */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const startedAt = existsSync('/proc/self/stat') ? startFromProc(pid) : startFromPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

function startFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in brackets, may itself hold blanks and brackets: the fields count from the last one.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? null : fields[18]!;
  } catch {
    return null;
  }
}

function startFromPs(pid: number): string | null {
  try {
    const columns = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return columns.startsWith('Z') ? null : columns.slice(1).trim();
  } catch {
    return null;
  }
}

/** Tells whether exactly this process is still there. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** Sends a signal to exactly this process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until the process is gone; false when it is still there after `limitMs`. */
export async function waitUntilGone(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isRunning(identity)) {
    if (Date.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Waits for a moment until the system has forgotten the process too: until then PostgreSQL takes its lock file for another's. */
export async function waitUntilForgotten({ pid }: ProcessIdentity): Promise<void> {
  const deadline = Date.now() + FORGET_LIMIT_MS;
  while (existsSync(`/proc/${pid}`) && Date.now() < deadline) await delay(POLL_MS);
}

/** Asks the process to end with `signal`, and kills it when it has not after `graceMs`. It is gone afterwards. */
export async function stopProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  // A suspended process would not see the signal.
  signalProcess(identity, 'SIGCONT');
  signalProcess(identity, signal);
  if (await waitUntilGone(identity, graceMs)) return;
  signalProcess(identity, 'SIGKILL');
  if (await waitUntilGone(identity, KILL_LIMIT_MS)) return;
  throw new Error(`Process ${identity.pid} is still there ${KILL_LIMIT_MS / 1000} s after SIGKILL.`);
}
