import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterRecord, isStepEnded, type StepRecord } from './records.ts';
import type { ArmedStepFault } from './step-faults.ts';

/**
 * Everything that the stand-in knows, in memory and on disk: `<cluster>/cluster.json`,
 * `<cluster>/steps/<step>/step.json` (beside the step's logs), `armed-faults.json`. Each save replaces one file
 * whole, so a killed stand-in finds the last answered state again.
 */
export class StateFolder {
  readonly clusters = new Map<string, ClusterRecord>();
  readonly armedFaults: ArmedStepFault[];
  readonly #stepsByCluster = new Map<string, Map<string, StepRecord>>();
  readonly #open = new Set<StepRecord>();
  readonly #root: string;
  #nextSequence = 1;

  constructor(root: string) {
    this.#root = root;
    mkdirSync(root, { recursive: true });
    const faultsFile = join(root, 'armed-faults.json');
    this.armedFaults = existsSync(faultsFile) ? readJson(faultsFile) : [];
    for (const clusterId of readdirSync(root)) {
      const file = join(root, clusterId, 'cluster.json');
      if (!existsSync(file)) continue;
      this.clusters.set(clusterId, readJson(file));
      const steps = join(root, clusterId, 'steps');
      for (const stepId of existsSync(steps) ? readdirSync(steps) : []) {
        const stepFile = join(steps, stepId, 'step.json');
        if (existsSync(stepFile)) this.#remember(readJson(stepFile));
      }
    }
  }

  /** Steps of a cluster, oldest first. */
  steps(clusterId: string): StepRecord[] {
    return [...(this.#stepsByCluster.get(clusterId)?.values() ?? [])].sort((a, b) => a.sequence - b.sequence);
  }

  step(clusterId: string, stepId: string): StepRecord | undefined {
    return this.#stepsByCluster.get(clusterId)?.get(stepId);
  }

  /** Steps of a cluster that have not ended, oldest first. */
  openSteps(clusterId: string): StepRecord[] {
    return [...this.#open]
      .filter((step) => step.clusterId === clusterId)
      .sort((a, b) => a.sequence - b.sequence);
  }

  nextSequence(): number {
    return this.#nextSequence;
  }

  /** The folder of Spark applications that steps share. */
  sessionsFolder(): string {
    return join(this.#root, 'sessions');
  }

  /** The folder of a step's process: logs, pid, exit code. */
  stepFolder(step: StepRecord): string {
    return join(this.#root, step.clusterId, 'steps', step.id);
  }

  saveCluster(cluster: ClusterRecord): void {
    this.clusters.set(cluster.id, cluster);
    mkdirSync(join(this.#root, cluster.id), { recursive: true });
    replaceFile(join(this.#root, cluster.id, 'cluster.json'), cluster);
  }

  saveStep(step: StepRecord): void {
    const folder = this.stepFolder(step);
    mkdirSync(folder, { recursive: true });
    replaceFile(join(folder, 'step.json'), step);
    this.#remember(step);
  }

  saveArmedFaults(): void {
    replaceFile(join(this.#root, 'armed-faults.json'), this.armedFaults);
  }

  #remember(step: StepRecord): void {
    const steps = this.#stepsByCluster.get(step.clusterId) ?? new Map<string, StepRecord>();
    this.#stepsByCluster.set(step.clusterId, steps.set(step.id, step));
    this.#nextSequence = Math.max(this.#nextSequence, step.sequence + 1);
    if (isStepEnded(step)) this.#open.delete(step);
    else this.#open.add(step);
  }
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

function replaceFile(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 1));
  renameSync(`${file}.new`, file);
}
