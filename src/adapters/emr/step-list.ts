import { type EMRClient, ListStepsCommand, type StepSummary } from '@aws-sdk/client-emr';
import type { StepRef, StepState } from '../../ports/spark.ts';
import { callAws } from '../aws-errors.ts';

export type FoundStep = StepRef & { readonly state: StepState };

/** A step of such a state stands for the one that is to be submitted: it will do the work, or has done it. */
export function isAdoptable({ state }: FoundStep): boolean {
  return state === 'PENDING' || state === 'RUNNING' || state === 'COMPLETED';
}

/**
 * The step of a name on a cluster: one to adopt if there is any, else the newest; null when there is none.
 * EMR lists 50 a page, newest first; a name that does not exist costs all pages.
 */
export async function findStep(
  client: EMRClient,
  clusterId: string,
  name: string,
): Promise<FoundStep | null> {
  let newest: FoundStep | null = null;
  let Marker: string | undefined;
  do {
    const call = { service: 'emr', action: 'elasticmapreduce:ListSteps', target: clusterId } as const;
    const command = new ListStepsCommand({ ClusterId: clusterId, Marker });
    const page = await callAws(call, (options) => client.send(command, options));
    const found = (page.Steps ?? [])
      .filter((step) => step.Name === name)
      .map((step) => toFound(clusterId, step));
    const adoptable = found.find(isAdoptable);
    if (adoptable) return adoptable;
    newest ??= found[0] ?? null;
    Marker = page.Marker;
  } while (Marker !== undefined);
  return newest;
}

function toFound(clusterId: string, { Id, Status }: StepSummary): FoundStep {
  return { clusterId, stepId: Id!, state: Status!.State as StepState };
}
