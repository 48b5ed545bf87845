import { setTimeout as delay } from 'node:timers/promises';
import { CancelStepsCommand, EMRClient } from '@aws-sdk/client-emr';
import type { Spark, StepRef } from '../../ports/spark.ts';
import { callAws, isAmbiguous } from '../aws-errors.ts';
import { standingCluster } from './standing-cluster.ts';
import { isAdoptable } from './step-list.ts';
import type { StepPlace } from './step-place.ts';
import { describeStep } from './step-status.ts';
import { type TransientCluster, transientClusters } from './transient-clusters.ts';

/** One of the two; the standing cluster goes first. */
export interface EmrSparkConfig {
  /** A cluster that waits for steps. */
  readonly clusterId?: string;
  /** A cluster for each step. */
  readonly transient?: TransientCluster;
}

/** Requests to start a step, at most; each but the first follows a failure that may have started it, and a look. */
const MAX_STARTS = 3;

/**
 * Runs steps on EMR. A step is started once per name, by looking for it first and again after each failure
 * that leaves open whether EMR has it. A request that EMR takes up later than that look starts it twice, so a
 * step must write where nothing else does.
 */
export function createEmrSpark(client: EMRClient, config: EmrSparkConfig): Spark {
  const place = choosePlace(client, config);
  return {
    submit: ({ name, args }) => submit(place, name, args),
    status: (ref) => describeStep(client, ref, place.isTransient),
    find: (name) => place.find(name),
    probe: () => place.probe(),

    async cancel({ clusterId, stepId }) {
      // A step that has ended meanwhile is refused within a good answer, and shows in its status.
      const command = new CancelStepsCommand({
        ClusterId: clusterId,
        StepIds: [stepId],
        StepCancellationOption: 'TERMINATE_PROCESS',
      });
      await callAws(
        { service: 'emr', action: 'elasticmapreduce:CancelSteps', target: `${clusterId}/${stepId}` },
        (options) => client.send(command, options),
      );
    },
  };
}

function choosePlace(client: EMRClient, { clusterId, transient }: EmrSparkConfig): StepPlace {
  // The SDK would send a request again whose answer was lost, and start a second step.
  const once = new EMRClient({
    ...client.config,
    maxAttempts: 1,
    retryStrategy: undefined,
    // Resolved again from the same environment; its type does not let it be handed on.
    serviceConfiguredEndpoint: undefined,
  });
  if (clusterId !== undefined) return standingCluster(client, once, clusterId);
  if (transient !== undefined) return transientClusters(client, once, transient);
  throw new Error('EMR needs either the id of a cluster or the settings of transient clusters');
}

async function submit(place: StepPlace, name: string, args: readonly string[]): Promise<StepRef> {
  for (let starts = 0, failure: unknown; ; starts++) {
    const found = await place.find(name);
    if (found && isAdoptable(found)) return { clusterId: found.clusterId, stepId: found.stepId };
    if (starts === MAX_STARTS) throw failure;
    try {
      const { clusterId, stepId } = await place.start({
        Name: name,
        ActionOnFailure: 'CONTINUE',
        HadoopJarStep: { Jar: 'command-runner.jar', Args: [...args] },
      });
      return { clusterId, stepId };
    } catch (error) {
      if (!isAmbiguous(error)) throw error;
      failure = error;
      await delay(1_000);
    }
  }
}
