import { DescribeStepCommand, type EMRClient } from '@aws-sdk/client-emr';
import { TidemarkError } from '../../core/errors.ts';
import type { StepRef, StepState, StepStatus } from '../../ports/spark.ts';
import { callAws } from '../aws-errors.ts';
import { maskValues } from '../mask-values.ts';
import { describeCluster, describeClusterEnd, isGone } from './cluster.ts';

/**
 * State of a step, with EMR's reason for a failure. A step that ended with its cluster fails with
 * EMR_CLUSTER_GONE, unless clusters are meant to end (`isTransient`): then the cluster's end is the reason.
 */
export async function describeStep(
  client: EMRClient,
  ref: StepRef,
  isTransient: boolean,
): Promise<StepStatus> {
  const { clusterId, stepId } = ref;
  const target = `${clusterId}/${stepId}`;
  const command = new DescribeStepCommand({ ClusterId: clusterId, StepId: stepId });
  const { Step: step } = await callAws(
    { service: 'emr', action: 'elasticmapreduce:DescribeStep', target },
    (options) => client.send(command, options),
  );
  const state = step!.Status!.State as StepState;
  const { FailureDetails: failure, StateChangeReason: change } = step!.Status!;
  const words = [failure?.Reason, failure?.Message ?? change?.Message].filter(Boolean).join(': ');
  // The message is taken from a log, which may quote values.
  const reason = words === '' ? null : maskValues(words).slice(0, 500);
  if (state === 'CANCELLED' || state === 'INTERRUPTED') {
    const cluster = await describeCluster(client, clusterId);
    const end = isGone(cluster) ? describeClusterEnd(cluster) : null;
    if (end !== null && !isTransient) {
      throw new TidemarkError('EMR_CLUSTER_GONE', `step ${target} ended with its cluster, which is ${end}`);
    }
    return { state, reason: reason ?? end, logUri: failure?.LogFile ?? null };
  }
  return { state, reason: state === 'FAILED' ? reason : null, logUri: failure?.LogFile ?? null };
}
