import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ClusterRecord,
  type Ending,
  isClusterOpen,
  type StepRecord,
  type StepState,
} from './records.ts';
import type { StateFolder } from './state-folder.ts';
import { stepCommand } from './step-command.ts';
import { takeStepFault } from './step-faults.ts';
import { archivedLogUri, archiveLogs } from './step-logs.ts';
import { processStatus, scratchFolder, signalProcess, startProcess } from './step-process.ts';

const tickMs = 100;
const killAfterMs = 10_000;
/** How long a started process may take to show itself. */
const appearWithinMs = 10_000;

/**
 * Moves clusters and steps through their states. Everything it needs is on disk, so one that starts on the
 * folder of a killed one goes on where that one was, running steps included.
 */
export class Scheduler {
  readonly #state: StateFolder;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #archiving = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  /** `environment` is what steps inherit. */
  constructor(state: StateFolder, environment: NodeJS.ProcessEnv) {
    this.#state = state;
    this.#environment = environment;
    for (const cluster of state.clusters.values()) {
      for (const step of state.steps(cluster.id)) if (step.endedAt !== null) this.#archive(cluster, step);
    }
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Stops looking and waits for logs on their way; running steps go on. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#archiving);
  }

  /** Kills the processes of all running steps, which end INTERRUPTED; ended pids are gone when it returns. */
  async interruptAll(): Promise<{ interrupted: string[] }> {
    const running = [...this.#state.clusters.keys()]
      .flatMap((clusterId) => this.#state.openSteps(clusterId))
      .filter((step) => step.startedAt !== null);
    for (const step of running) this.#setFault(step, { mode: 'interrupt', delayMs: 0 });
    while (running.some((step) => step.endedAt === null)) {
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
    return { interrupted: running.map((step) => step.id) };
  }

  #tick(): void {
    for (const cluster of this.#state.clusters.values()) {
      if (cluster.endedAt !== null) continue;
      try {
        this.#advance(cluster);
      } catch (error) {
        console.error(`cluster ${cluster.id}:`, error);
      }
    }
  }

  #advance(cluster: ClusterRecord): void {
    for (const step of this.#state.openSteps(cluster.id)) {
      if (step.startedAt !== null) this.#watch(cluster, step);
      else if (step.state === 'CANCEL_PENDING') this.#end(cluster, step, 'CANCELLED');
      else if (!isClusterOpen(cluster)) this.#end(cluster, step, 'CANCELLED');
    }
    if (isClusterOpen(cluster)) this.#startSteps(cluster);
    this.#settle(cluster);
  }

  #startSteps(cluster: ClusterRecord): void {
    const now = Date.now();
    const open = this.#state.openSteps(cluster.id);
    let running = open.filter((step) => step.startedAt !== null).length;
    for (const step of open) {
      if (running >= cluster.stepConcurrencyLevel) return;
      if (step.startedAt !== null || step.state !== 'PENDING') continue;
      running += 1;
      if (step.notBefore === null) {
        step.fault = takeStepFault(this.#state.armedFaults, step.name);
        if (step.fault !== null) this.#state.saveArmedFaults();
        step.notBefore = now + (step.fault?.mode === 'delay' ? step.fault.delayMs : 0);
        this.#state.saveStep(step);
      }
      if (now >= step.notBefore) this.#start(cluster, step);
    }
  }

  #start(cluster: ClusterRecord, step: StepRecord): void {
    step.startedAt = Date.now();
    step.state = 'RUNNING';
    if (step.fault?.mode === 'fail') this.#fail(cluster, step, 'Injected failure before the start');
    else if (step.fault?.mode === 'lose') this.#state.saveStep(step);
    else this.#run(cluster, step);
  }

  #run(cluster: ClusterRecord, step: StepRecord): void {
    const folder = this.#state.stepFolder(step);
    const command = stepCommand({
      args: step.args,
      sparkDefaults: cluster.sparkDefaults,
      scratch: scratchFolder(folder),
      sessions: this.#state.sessionsFolder(),
      environment: this.#environment,
    });
    if (step.jar !== 'command-runner.jar' || command === null) {
      const program = step.jar === 'command-runner.jar' ? (step.args[0] ?? '') : step.jar;
      this.#fail(cluster, step, `Cannot run program "${program}": only spark-submit runs here`);
      return;
    }
    // Saved before the start: after a crash in between, the process shows itself by its files or is counted as lost.
    this.#state.saveStep(step);
    startProcess(folder, command);
  }

  #watch(cluster: ClusterRecord, step: StepRecord): void {
    const mode = step.fault?.mode;
    const isCancelled = step.state === 'CANCEL_PENDING';
    const isTerminating = !isClusterOpen(cluster);
    if (mode === 'lose') {
      if (isCancelled) this.#end(cluster, step, 'CANCELLED');
      else if (isTerminating) this.#end(cluster, step, 'INTERRUPTED');
      return;
    }
    const status = processStatus(this.#state.stepFolder(step));
    const isInterrupted =
      isTerminating || (mode === 'interrupt' && Date.now() >= step.startedAt! + step.fault!.delayMs);
    if (status.kind === 'alive') {
      if (isInterrupted) signalProcess(status.pid, 'SIGKILL');
      else if (isCancelled && mode !== 'ignore-cancel') this.#kill(step, status.pid);
      return;
    }
    if (status.kind === 'unknown' && Date.now() < step.startedAt! + appearWithinMs) return;
    const code = status.kind === 'exited' ? status.code : null;
    if (isInterrupted) this.#end(cluster, step, 'INTERRUPTED');
    else if (mode === 'lose-after') {
      if (isCancelled) this.#end(cluster, step, 'CANCELLED');
    } else if (code === 0 && mode !== 'fail-after') this.#end(cluster, step, 'COMPLETED');
    else if (isCancelled) this.#end(cluster, step, 'CANCELLED');
    else if (code === null) this.#fail(cluster, step, 'The process of the step is gone');
    else
      this.#fail(
        cluster,
        step,
        code === 0 ? 'Injected failure after the end' : `Step failed with exitCode ${code}`,
      );
  }

  #kill(step: StepRecord, pid: number): void {
    const cancelledAt = step.cancelledAt ?? Date.now();
    if (step.killedAt === null) {
      step.killedAt = Date.now();
      this.#state.saveStep(step);
      signalProcess(pid, step.cancelOption === 'TERMINATE_PROCESS' ? 'SIGKILL' : 'SIGTERM');
    } else if (Date.now() > cancelledAt + killAfterMs) signalProcess(pid, 'SIGKILL');
  }

  #fail(cluster: ClusterRecord, step: StepRecord, message: string): void {
    const logFile =
      cluster.logUri === null
        ? join(this.#state.stepFolder(step), 'stderr')
        : archivedLogUri(cluster.logUri, cluster.id, step.id, 'stderr');
    step.failure = { reason: 'Unknown Error.', message, logFile };
    this.#end(cluster, step, 'FAILED');
    if (step.actionOnFailure === 'CONTINUE' || !isClusterOpen(cluster)) return;
    if (step.actionOnFailure === 'CANCEL_AND_WAIT') {
      for (const other of this.#state.openSteps(cluster.id)) {
        if (other.startedAt === null) this.#end(cluster, other, 'CANCELLED');
      }
      return;
    }
    terminate(cluster, {
      code: 'STEP_FAILURE',
      message: 'Shut down as step failed',
      state: 'TERMINATED_WITH_ERRORS',
    });
    this.#state.saveCluster(cluster);
  }

  #end(cluster: ClusterRecord, step: StepRecord, state: StepState): void {
    step.state = state;
    step.endedAt = Date.now();
    this.#state.saveStep(step);
    rmSync(scratchFolder(this.#state.stepFolder(step)), { recursive: true, force: true });
    this.#archive(cluster, step);
  }

  #setFault(step: StepRecord, fault: StepRecord['fault']): void {
    step.fault = fault;
    this.#state.saveStep(step);
  }

  #archive(cluster: ClusterRecord, step: StepRecord): void {
    if (cluster.logUri === null || step.areLogsArchived || step.startedAt === null) return;
    const folder = this.#state.stepFolder(step);
    const archiving = archiveLogs(folder, cluster.logUri, cluster.id, step.id).then(
      () => {
        step.areLogsArchived = true;
        this.#state.saveStep(step);
      },
      (error: unknown) => console.error(`logs of ${step.id} are not archived: ${String(error)}`),
    );
    this.#archiving.add(archiving);
    void archiving.finally(() => this.#archiving.delete(archiving));
  }

  #settle(cluster: ClusterRecord): void {
    const before = cluster.state;
    const isBusy = this.#state.openSteps(cluster.id).length > 0;
    if (isClusterOpen(cluster)) {
      cluster.readyAt ??= Date.now();
      cluster.state = isBusy ? 'RUNNING' : 'WAITING';
      if (!isBusy && !cluster.keepAlive) terminate(cluster, stepsCompleted);
    } else if (!isBusy) {
      cluster.state = cluster.ending!.state;
      cluster.endedAt = Date.now();
    }
    if (cluster.state !== before) this.#state.saveCluster(cluster);
  }
}

const stepsCompleted: Ending = {
  code: 'ALL_STEPS_COMPLETED',
  message: 'Steps completed',
  state: 'TERMINATED',
};

/** Begins the end of a cluster; the first reason stays. */
export function terminate(cluster: ClusterRecord, ending: Ending): void {
  if (!isClusterOpen(cluster)) return;
  cluster.ending = ending;
  cluster.state = 'TERMINATING';
}
