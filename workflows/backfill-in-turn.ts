import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import {
  ApplicationFailure,
  continueAsNew,
  executeChild,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { type BackfillInput, chunkName, isWindow } from '../src/core/backfill.ts';
import type { BusinessWindow, RunOutcome } from '../src/core/run.ts';
import type { ingest } from './ingest.ts';
import { backfillStatusQuery, emptyStatus } from './messages.ts';
import { patient } from './proxies.ts';
import { pipelineKey, runKindKey, stateKey } from './search-attributes.ts';

/** Chunks in one workflow run; then it continues as new, so that history stays small over decades of days. */
const CHUNKS_PER_RUN = 200;

/** Backfills that were started before chunks went side by side end as they began: one chunk after the other. */
export async function backfillInTurn(input: BackfillInput): Promise<{ published: number; skipped: number }> {
  let todo: readonly BusinessWindow[] = [];
  const done: string[] = [];
  const failed: string[] = [];
  let skipped = 0;
  let current: string | null = null;
  const startedAt = workflowInfo().startTime.toISOString();
  setHandler(backfillStatusQuery, () => ({
    ...emptyStatus(todo.length, startedAt),
    done,
    failed: failed.map((chunk) => ({ chunk, reason: 'ended without publishing' })),
    extracting: current === null ? [] : [current],
  }));
  upsertSearchAttributes([
    { key: pipelineKey, value: input.pipeline },
    { key: runKindKey, value: 'backfill' },
    { key: stateKey, value: 'running' },
  ]);

  todo = (await patient.planBackfill(input)).todo.filter(isWindow);
  for (const [index, window] of todo.entries()) {
    if (index === CHUNKS_PER_RUN)
      await continueAsNew<typeof backfillInTurn>({ ...input, resumeFrom: window.from });
    current = chunkName(window);
    setCurrentDetails(`chunk ${index + 1} of ${todo.length}: ${current}\n\n${done.length} done`);
    try {
      const outcome = await runChunk(input.pipeline, window);
      if (outcome.state === 'skipped') skipped += 1;
      done.push(current);
    } catch (error) {
      failed.push(current);
      upsertSearchAttributes([{ key: stateKey, value: 'failed' }]);
      const reason =
        error instanceof Error
          ? error.cause instanceof Error
            ? error.cause.message
            : error.message
          : String(error);
      throw ApplicationFailure.nonRetryable(
        `chunk ${current} ended without publishing (${reason}); ${done.length} of ${todo.length} chunks are done; start the backfill again to go on with the missing ones`,
        'BackfillStopped',
      );
    }
  }
  upsertSearchAttributes([{ key: stateKey, value: 'published' }]);
  return { published: done.length - skipped, skipped };
}

async function runChunk(pipeline: string, window: BusinessWindow): Promise<RunOutcome> {
  for (;;) {
    try {
      return await executeChild<typeof ingest>('ingest', {
        workflowId: `ingest/${pipeline}/backfill-${chunkName(window)}`,
        args: [{ pipeline, kind: 'backfill', window }],
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      });
    } catch (error) {
      // A chunk of a backfill that was just stopped may still be cancelling its step.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep('10 seconds');
    }
  }
}
