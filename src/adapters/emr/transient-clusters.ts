import { setTimeout as delay } from 'node:timers/promises';
import {
  type ClusterSummary,
  type EMRClient,
  ListClustersCommand,
  RunJobFlowCommand,
} from '@aws-sdk/client-emr';
import { TidemarkError } from '../../core/errors.ts';
import { callAws } from '../aws-errors.ts';
import { type FoundStep, findStep, isAdoptable } from './step-list.ts';
import type { StepPlace } from './step-place.ts';

/** A cluster that is made for one step and ends with it. */
export interface TransientCluster {
  /** Such as `emr-7.13.0`. */
  readonly releaseLabel: string;
  readonly instanceType: string;
  /** The primary node included. */
  readonly instanceCount: number;
  readonly serviceRole: string;
  /** Instance profile of the machines. */
  readonly jobFlowRole: string;
  readonly logUri?: string;
  readonly subnetId?: string;
}

/** How far back a cluster is looked for; a run asks again for a step of its own within hours. */
const LOOK_BACK_MS = 7 * 24 * 3_600_000;
/** All but TERMINATED_WITH_ERRORS: what failed to start has no step to adopt, and a retry has another name. */
const STATES = ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING', 'TERMINATED'] as const;
const STEP_APPEARS_WITHIN_MS = 10_000;

/** Runs each step on a cluster of its own, named after the step. `once` is a client that does not retry. */
export function transientClusters(client: EMRClient, once: EMRClient, config: TransientCluster): StepPlace {
  return {
    isTransient: true,

    async find(name) {
      let newest: FoundStep | null = null;
      for (const { Id, Status } of await listClusters(client, name)) {
        const isLive = !Status?.State?.startsWith('TERMINAT');
        const found = isLive ? await awaitStep(client, Id!, name) : await findStep(client, Id!, name);
        if (found && isAdoptable(found)) return found;
        newest ??= found;
      }
      return newest;
    },

    async start(step) {
      const command = new RunJobFlowCommand({
        Name: step.Name,
        ReleaseLabel: config.releaseLabel,
        Applications: [{ Name: 'Spark' }],
        ServiceRole: config.serviceRole,
        JobFlowRole: config.jobFlowRole,
        LogUri: config.logUri,
        Instances: {
          Ec2SubnetId: config.subnetId,
          KeepJobFlowAliveWhenNoSteps: false,
          MasterInstanceType: config.instanceType,
          SlaveInstanceType: config.instanceCount > 1 ? config.instanceType : undefined,
          InstanceCount: config.instanceCount,
        },
        Steps: [step],
      });
      const answer = await callAws(
        { service: 'emr', action: 'elasticmapreduce:RunJobFlow', target: `step ${step.Name}` },
        (options) => once.send(command, options),
      );
      return await awaitStep(client, answer.JobFlowId!, step.Name);
    },

    async probe() {
      await listClusters(client, '');
      return `a ${config.releaseLabel} cluster for each step: ${config.instanceCount} x ${config.instanceType}`;
    },
  };
}

async function listClusters(client: EMRClient, name: string): Promise<ClusterSummary[]> {
  const found: ClusterSummary[] = [];
  const CreatedAfter = new Date(Date.now() - LOOK_BACK_MS);
  let Marker: string | undefined;
  do {
    const call = { service: 'emr', action: 'elasticmapreduce:ListClusters', target: 'clusters' } as const;
    const command = new ListClustersCommand({ ClusterStates: [...STATES], CreatedAfter, Marker });
    const page = await callAws(call, (options) => client.send(command, options));
    found.push(...(page.Clusters ?? []).filter((cluster) => cluster.Name === name));
    Marker = page.Marker;
  } while (Marker !== undefined);
  return found;
}

/** The one step of a cluster, which may show a little after the cluster does. */
async function awaitStep(client: EMRClient, clusterId: string, name: string): Promise<FoundStep> {
  const deadline = Date.now() + STEP_APPEARS_WITHIN_MS;
  for (;;) {
    const step = await findStep(client, clusterId, name);
    if (step) return step;
    if (Date.now() > deadline) {
      throw new TidemarkError('EMR_UNREACHABLE', `cluster ${clusterId} does not show its step ${name} yet`);
    }
    await delay(500);
  }
}
