import { AddJobFlowStepsCommand, type EMRClient } from '@aws-sdk/client-emr';
import { TidemarkError } from '../../core/errors.ts';
import { callAws } from '../aws-errors.ts';
import { describeCluster, describeClusterEnd, isGone } from './cluster.ts';
import { findStep } from './step-list.ts';
import type { StepPlace } from './step-place.ts';

/** Runs steps on a cluster that waits for them. `once` is a client that does not retry. */
export function standingCluster(client: EMRClient, once: EMRClient, clusterId: string): StepPlace {
  return {
    isTransient: false,
    find: (name) => findStep(client, clusterId, name),

    async start(step) {
      const target = `${clusterId}, step ${step.Name}`;
      const command = new AddJobFlowStepsCommand({ JobFlowId: clusterId, Steps: [step] });
      const answer = await callAws(
        { service: 'emr', action: 'elasticmapreduce:AddJobFlowSteps', target },
        (options) => once.send(command, options),
      );
      return { clusterId, stepId: answer.StepIds![0]! };
    },

    async probe() {
      const cluster = await describeCluster(client, clusterId);
      if (isGone(cluster)) {
        throw new TidemarkError('EMR_CLUSTER_GONE', `cluster ${clusterId} is ${describeClusterEnd(cluster)}`);
      }
      return `cluster ${clusterId} "${cluster.Name}", ${cluster.ReleaseLabel ?? 'no release'}, ${cluster.Status?.State}`;
    },
  };
}
