import type { StepFault } from './step-faults.ts';

type ClusterState =
  | 'STARTING'
  | 'BOOTSTRAPPING'
  | 'RUNNING'
  | 'WAITING'
  | 'TERMINATING'
  | 'TERMINATED'
  | 'TERMINATED_WITH_ERRORS';

export type StepState =
  | 'PENDING'
  | 'CANCEL_PENDING'
  | 'RUNNING'
  | 'COMPLETED'
  | 'CANCELLED'
  | 'FAILED'
  | 'INTERRUPTED';

type ActionOnFailure = 'TERMINATE_CLUSTER' | 'TERMINATE_JOB_FLOW' | 'CANCEL_AND_WAIT' | 'CONTINUE';

/** Why a cluster ends, and the state in which it does. */
export interface Ending {
  code: 'ALL_STEPS_COMPLETED' | 'STEP_FAILURE' | 'USER_REQUEST';
  message: string;
  state: 'TERMINATED' | 'TERMINATED_WITH_ERRORS';
}

/** One cluster as it is kept on disk. Instants are epoch milliseconds. */
export interface ClusterRecord {
  id: string;
  name: string;
  state: ClusterState;
  /** Set once it begins to terminate. */
  ending: Ending | null;
  createdAt: number;
  readyAt: number | null;
  endedAt: number | null;
  keepAlive: boolean;
  isProtected: boolean;
  stepConcurrencyLevel: number;
  releaseLabel: string | null;
  logUri: string | null;
  serviceRole: string | null;
  applications: { Name?: string; Version?: string }[];
  tags: { Key?: string; Value?: string }[];
  /** Properties of the `spark-defaults` classification. */
  sparkDefaults: Record<string, string>;
}

/** One step as it is kept on disk. Instants are epoch milliseconds. */
export interface StepRecord {
  id: string;
  clusterId: string;
  /** Order of submission over all clusters. */
  sequence: number;
  name: string;
  jar: string;
  mainClass: string | null;
  args: string[];
  properties: Record<string, string>;
  actionOnFailure: ActionOnFailure;
  state: StepState;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  cancelledAt: number | null;
  cancelOption: 'SEND_INTERRUPT' | 'TERMINATE_PROCESS';
  /** When its process got the first signal to end. */
  killedAt: number | null;
  failure: { reason: string; message: string; logFile: string } | null;
  /** The armed fault that this step took when its turn came. */
  fault: StepFault | null;
  /** It does not start before; null until its turn comes. */
  notBefore: number | null;
  areLogsArchived: boolean;
}

/** Tells whether a step will not change any more. */
export function isStepEnded(step: StepRecord): boolean {
  return step.endedAt !== null;
}

/** Tells whether a cluster still takes steps. */
export function isClusterOpen(cluster: ClusterRecord): boolean {
  return cluster.ending === null;
}
