import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../setup/paths.mjs';
import { identifyProcess, isRunning, type ProcessIdentity } from './process.ts';

const READY_LIMIT_MS = 60_000;
const PROBE_LIMIT_MS = 5_000;
const PROBE_PAUSE_MS = 50;
const TAIL_LINES = 30;

/** The services of a local stack. */
export type ServiceName = 'postgres' | 'temporal' | 'seaweedfs' | 'emr' | 'glue' | 'redshift';

/** How one service is started, looked at and stopped. Starting it again on the same folder and ports continues it. */
export interface Service {
  name: ServiceName;
  /** Where its clients reach it, on 127.0.0.1. */
  port: number;
  command: readonly [program: string, ...args: string[]];
  /** Added to the environment of this process, from which AWS_* is taken away. Secrets travel here, never in `command`. */
  env: Record<string, string>;
  /** The user to run as, where that is not the user of this process. */
  user?: { uid: number; gid: number };
  stopSignal: NodeJS.Signals;
  /** How long it may take to end by itself before it is killed. */
  stopGraceMs: number;
  logFile: string;
  /** Makes what it needs before it starts; made things are left as they are. */
  prepare?(): Promise<void>;
  /** Resolves when the service does its work, and rejects as long as it does not. */
  probe(): Promise<void>;
  /** Makes what others expect in it once it is ready; made things are left as they are. */
  populate?(): Promise<void>;
}

/** A service that was started, with all that it takes to stop it from another process. */
export interface StartedProcess extends ProcessIdentity {
  name: ServiceName;
  port: number;
  logFile: string;
  stopSignal: NodeJS.Signals;
  stopGraceMs: number;
  /** Id of the stack that it belongs to. */
  stackId: string;
}

/** A service did not start; the message shows its command and the end of its log. */
class ServiceStartError extends Error {}

/**
 * Starts a service in a session of its own, so that a Ctrl-C in the terminal ends only what owns it, and resolves when its
 * probe does. `onSpawn` is called as soon as the process is there. Rejects with {@link ServiceStartError} when it ends first
 * or is not ready within a minute, and when `signal` aborts; the process may then still be there.
 */
export async function startService(
  service: Service,
  onSpawn: (identity: ProcessIdentity) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await service.prepare?.();
  signal.throwIfAborted();
  const child = await spawnService(service);
  const identity = identifyProcess(child.pid!);
  if (identity === null) throw startError(service, 'ended at once');
  onSpawn(identity);
  await waitUntilReady(service, child, identity, signal);
  await service.populate?.();
}

async function spawnService(service: Service): Promise<ChildProcess> {
  mkdirSync(dirname(service.logFile), { recursive: true });
  const log = openSync(service.logFile, 'a', 0o600);
  try {
    const [program, ...args] = service.command;
    const child = spawn(program, args, {
      cwd: CHECKOUT,
      env: { ...environmentWithoutAws(), ...service.env },
      detached: true,
      stdio: ['ignore', log, log],
      ...service.user,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(startError(service, `cannot be started: ${error.message}`)));
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

// The person's own profile or session token would go before what the stack sets.
function environmentWithoutAws(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
}

async function waitUntilReady(
  service: Service,
  child: ChildProcess,
  identity: ProcessIdentity,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      await within(PROBE_LIMIT_MS, signal, service.probe());
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message || error.name : String(error);
      if (!isRunning(identity))
        throw startError(service, `ended before it was ready (${await howEnded(child)})`);
      if (Date.now() > deadline) {
        throw startError(service, `was not ready within ${READY_LIMIT_MS / 1000} s: ${reason}`);
      }
    }
    await delay(PROBE_PAUSE_MS);
  }
}

async function within(limitMs: number, signal: AbortSignal, work: Promise<void>): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
  const either = AbortSignal.any([signal, limit.signal]);
  const ended = new Promise<never>((_, reject) => {
    either.addEventListener('abort', () => reject(either.reason), { once: true });
  });
  try {
    await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
  }
}

// Called for a process that has ended, of which its event may yet be on its way.
async function howEnded(child: ChildProcess): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.signalCode ?? `exit code ${child.exitCode}`;
}

function startError(service: Service, what: string): ServiceStartError {
  return new ServiceStartError(
    [
      `${service.name} ${what}.`,
      `  command: ${service.command.join(' ')}`,
      `  log: ${service.logFile}, which ends:`,
      ...logTail(service.logFile).map((line) => `    ${line}`),
    ].join('\n'),
  );
}

function logTail(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES);
  } catch {
    return ['(no log)'];
  }
}
