import { rmSync } from 'node:fs';
import { createEmrCluster } from './emr-cluster.ts';
import { MARKER, newPlan, type StackPlan } from './plan.ts';
import { postgresService } from './postgres.ts';
import { isRunning, signalProcess, stopProcess, waitUntilForgotten, waitUntilGone } from './process.ts';
import { seaweedfsService, seaweedSockets } from './seaweedfs.ts';
import { type Service, type ServiceName, type StartedProcess, startService } from './service.ts';
import { stackEnv } from './stack-env.ts';
import { readState, type StackState, writeState } from './stack-file.ts';
import { emrService, glueService, redshiftService } from './stand-ins.ts';
import { temporalService } from './temporal.ts';
import { startWatchdog, sweep, type Watchdog } from './watchdog.ts';

export { readState };

const SERVICES: Record<ServiceName, (dir: string, plan: StackPlan) => Service> = {
  postgres: postgresService,
  temporal: temporalService,
  seaweedfs: seaweedfsService,
  emr: emrService,
  glue: glueService,
  redshift: redshiftService,
};

const SERVICE_NAMES = Object.keys(SERVICES) as ServiceName[];

/** How long a service may take to be gone after a signal of {@link Stack.kill}. */
const KILL_LIMIT_MS = 20_000;

/** A local stack: the real parts and the stand-ins for AWS, on free ports of 127.0.0.1, with their data in one folder. */
export interface Stack {
  readonly dir: string;
  /** What a worker, a client or a test needs to use it; nothing in it says that it is local. It holds secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** A process that has this in its environment, and all that it starts, ends with the stack. */
  readonly mark: Readonly<Record<string, string>>;
  /** The services that were started and not stopped. */
  services(): readonly StartedProcess[];
  /** Sends a signal to a service, by default SIGKILL; for one that ends it, resolves when it is gone. */
  kill(name: ServiceName, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a service that was ended, on the same port and data; resolves when it is ready. */
  start(name: ServiceName): Promise<void>;
  /** Stops all services and everything that they started; resolves when all are gone. Data and logs stay. */
  stop(): Promise<void>;
}

/** How {@link startStack} starts a stack. */
export interface StackOptions {
  /** The stack's folder. What is in it is deleted first. */
  readonly dir: string;
  /** Default: all. */
  readonly services?: readonly ServiceName[];
  /** False lets the stack, once it is ready, live on when this process ends. By default it ends too, even by SIGKILL. */
  readonly onLeash?: boolean;
  /** Is told in short lines what is ready; default: nobody. */
  readonly log?: (line: string) => void;
}

/**
 * Starts a stack and resolves when each service has answered a real request. When one does not start, all are stopped, and the
 * error shows its command and the end of its log.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dir, onLeash = true, log = () => undefined } = options;
  await emptyFolder(dir);
  const plan = await newPlan();
  const names = SERVICE_NAMES.filter((name) => options.services?.includes(name) ?? true);
  writeState(dir, { plan, env: stackEnv(plan, names, null), services: [] });
  const watchdog = startWatchdog(plan.id, seaweedSockets(plan));
  const stack = openStack(dir, watchdog);
  try {
    await startAll(stack, names, log);
    const emrClusterId = names.includes('emr') ? await createEmrCluster(plan) : null;
    writeState(dir, { ...readState(dir)!, env: stackEnv(plan, names, emrClusterId) });
    if (!onLeash) await watchdog.release();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Takes hold of a stack that another process has started. */
export function attachStack(dir: string): Stack {
  if (readState(dir) === null) throw new Error(`There is no local stack in ${dir}.`);
  return openStack(dir);
}

/** Stops services by what is known of them, and then whatever else belongs to their stacks, such as EMR steps. */
export async function stopServices(services: readonly StartedProcess[]): Promise<void> {
  await Promise.all(services.map((each) => stopProcess(each, each.stopSignal, each.stopGraceMs)));
  await Promise.all([...new Set(services.map((each) => each.stackId))].map((id) => sweep(id, [])));
}

async function emptyFolder(dir: string): Promise<void> {
  const before = readState(dir);
  const running = before?.services.filter(isRunning) ?? [];
  if (running.length > 0) {
    const names = running.map((each) => each.name).join(', ');
    throw new Error(`A local stack already runs in ${dir} (${names}): stop it first.`);
  }
  if (before?.plan) await sweep(before.plan.id, seaweedSockets(before.plan));
  rmSync(dir, { recursive: true, force: true });
}

// Side by side, for most of a start is waiting. At the first failure the others need not be waited for: all are stopped.
async function startAll(
  stack: Stack,
  names: readonly ServiceName[],
  log: (line: string) => void,
): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const beganMs = Date.now();
      await stack.start(name);
      const { port } = stack.services().find((each) => each.name === name)!;
      log(`${name} on port ${port} (${((Date.now() - beganMs) / 1000).toFixed(1)} s)`);
    }),
  );
}

// Holds nothing in memory but the way to the state file, so several processes may work on one stack.
function openStack(dir: string, watchdog?: Watchdog): Stack {
  const state = (): StackState => readState(dir)!;
  const { plan } = state();
  const mark = { [MARKER]: plan.id };
  const stopping = new AbortController();
  const remember = (services: readonly StartedProcess[]) => writeState(dir, { ...state(), services });
  const find = (name: ServiceName) => state().services.find((each) => each.name === name);
  const starting = new Set<Promise<void>>();

  const startNamed = async (name: ServiceName): Promise<void> => {
    const started = find(name);
    if (started && isRunning(started)) throw new Error(`${name} of the stack in ${dir} runs already.`);
    const service = SERVICES[name](dir, plan);
    const { port, logFile, stopSignal, stopGraceMs } = service;
    await startService(
      { ...service, env: { ...service.env, ...mark } },
      (identity) => {
        const others = state().services.filter((each) => each.name !== name);
        const entry = { name, port, logFile, stopSignal, stopGraceMs, stackId: plan.id };
        remember([...others, { ...entry, ...identity }]);
      },
      stopping.signal,
    );
  };

  return {
    dir,
    mark,
    get env() {
      return state().env;
    },
    services: () => state().services,
    kill: async (name, signal = 'SIGKILL') => {
      const started = find(name);
      if (!started || !signalProcess(started, signal)) {
        throw new Error(`The service ${name} of the stack in ${dir} does not run.`);
      }
      if (['SIGSTOP', 'SIGCONT', 'SIGHUP'].includes(signal)) return;
      if (await waitUntilGone(started, KILL_LIMIT_MS)) return await waitUntilForgotten(started);
      throw new Error(
        `${name} (pid ${started.pid}) is still there ${KILL_LIMIT_MS / 1000} s after ${signal}.`,
      );
    },
    start: (name) => {
      const work = startNamed(name).finally(() => starting.delete(work));
      starting.add(work);
      return work;
    },
    stop: async () => {
      stopping.abort(new Error(`The stack in ${dir} is being stopped.`));
      // A start that is under way may just be making a process.
      await Promise.allSettled(starting);
      await stopServices(state().services);
      await sweep(plan.id, seaweedSockets(plan));
      remember([]);
      await watchdog?.release();
    },
  };
}
