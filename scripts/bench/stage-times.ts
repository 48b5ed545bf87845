import type { WorkflowHandle } from '@temporalio/client';

/** One activity of a run, with its times in epoch milliseconds. */
export interface StageTime {
  readonly activity: string;
  readonly from: number;
  readonly to: number;
}

/** Reads from history when each activity was asked for and when it was done. */
export async function readStageTimes(
  handle: WorkflowHandle,
): Promise<{ stages: StageTime[]; from: number; to: number }> {
  const { events = [] } = await handle.fetchHistory();
  const scheduled = new Map<string, { activity: string; from: number }>();
  const stages: StageTime[] = [];
  for (const event of events ?? []) {
    const at = toMs(event.eventTime);
    const asked = event.activityTaskScheduledEventAttributes;
    const done = event.activityTaskCompletedEventAttributes;
    if (asked) scheduled.set(String(event.eventId), { activity: asked.activityType?.name ?? '', from: at });
    if (done) stages.push({ ...scheduled.get(String(done.scheduledEventId))!, to: at });
  }
  return { stages, from: toMs(events?.[0]?.eventTime), to: toMs(events?.at(-1)?.eventTime) };
}

function toMs(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(String(time?.seconds ?? 0)) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6);
}
