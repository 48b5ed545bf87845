import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { WaitingForPlace } from '../../activities/limits.ts';
import { describeAge } from './table.ts';

/** An activity that waits for a place among its pipeline's limits. */
export type Wait = WaitingForPlace['waitsFor'] & {
  readonly activity: string;
  /** Process and machine of the worker. */
  readonly worker: string;
};

/** What a run's activities wait for on their workers, as their last heartbeats tell. */
export async function listWaits(client: Client, workflowId: string): Promise<Wait[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return (raw.pendingActivities ?? []).flatMap((each) => {
    const [details] = each.heartbeatDetails?.payloads ?? [];
    const said = details && defaultPayloadConverter.fromPayload<Partial<WaitingForPlace> | null>(details);
    return said?.waitsFor
      ? [{ activity: each.activityType?.name ?? '', worker: each.lastWorkerIdentity ?? '', ...said.waitsFor }]
      : [];
  });
}

export function renderWait({ activity, worker, kind, limit, since }: Wait, nowMs: number): string {
  return `waits     ${activity} for a place: limits.${kind} of the pipeline is ${limit}, on worker ${worker}, for ${describeAge(since, nowMs)} (since ${since})`;
}
