import { isCancellation, patched, TemporalFailure, workflowInfo } from '@temporalio/workflow';
import { startAlert } from './alert.ts';

/**
 * Does the work of a backfill, and tells people once when it ends as failed. Nobody is told of a cancelled one, which a
 * person has asked for, nor of a bug, which parks it.
 */
export async function tellingOfFailure<T>(pipeline: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isEnd = error instanceof TemporalFailure && !isCancellation(error);
    if (isEnd && patched('failed-backfill-is-told')) await tellFailure(pipeline, error);
    throw error;
  }
}

async function tellFailure(pipeline: string, error: TemporalFailure): Promise<void> {
  const { workflowId } = workflowInfo();
  const range = workflowId.split('/').at(-1)!;
  const alert = {
    kind: 'backfill-failed',
    dedupKey: workflowId,
    severity: 'critical',
    pipeline,
    runKey: range,
    workflowId,
    title: `${pipeline}: backfill ${range} ended as failed`,
    lines: [error.cause instanceof Error ? error.cause.message : error.message],
    commands: [
      {
        command: `npx tidemark backfill status ${workflowId}`,
        effect: 'shows what is published and what failed, and why',
      },
    ],
    at: new Date().toISOString(),
  } as const;
  await startAlert(alert, 1);
}
