import type { FailedChunk } from '../src/core/backfill.ts';
import type { FailedChunkRecord } from '../src/core/backfill-plan.ts';
import type { ActivityDeps } from './deps.ts';
import { openPipeline } from './manifests.ts';

/** Keeps that a chunk ended without publishing, so that `--mode failed` finds it weeks later. */
export function makeRecordFailedChunk(deps: ActivityDeps) {
  return async (input: FailedChunk & { pipeline: string; at: string }): Promise<void> => {
    const { layout } = openPipeline(deps, input.pipeline);
    const record: FailedChunkRecord = { reason: input.reason, at: input.at };
    await deps.store.write(layout.failedChunk(input.chunk), JSON.stringify(record), 'application/json');
  };
}
