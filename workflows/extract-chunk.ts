import { CancellationScope, setHandler } from '@temporalio/workflow';
import {
  type Chunk,
  type ChunkReport,
  chunkName,
  isKeyRange,
  type ReadyChunk,
} from '../src/core/backfill.ts';
import { reportToSignal } from './messages.ts';
import { Reporter } from './report.ts';
import { Run } from './run.ts';
import { planAndExtract } from './stages.ts';

export interface ExtractChunkInput {
  readonly pipeline: string;
  readonly window: Chunk;
  readonly onlyEntities?: readonly string[];
  /** Workflow id of the backfill. */
  readonly backfill: string;
}

/**
 * Extracts and checks one chunk of a backfill, and tells the backfill, which builds several of them at once.
 * Waits at gates like any run. Null when a decision left it out; fails with `RunAborted` when it was aborted.
 */
export async function extractChunk(input: ExtractChunkInput): Promise<ReadyChunk | null> {
  const { pipeline, window, onlyEntities } = input;
  const chunk = chunkName(window);
  const reporter = new Reporter<ChunkReport>(input.backfill);
  setHandler(reportToSignal, (listener) => reporter.listen(listener));
  const part = isKeyRange(window) ? { range: window } : { window };
  const run = new Run({ pipeline, kind: 'backfill', ...part, onlyEntities });
  run.onState = (state) => {
    if (state === 'running' || state === 'waiting') reporter.report({ chunk, state });
  };
  try {
    const ready = await run.tell<ReadyChunk | null>(
      async () => {
        const { manifests, skipped } = (await planAndExtract(run)).checked;
        const { runKey, decisions, extracted } = run;
        return { window, runKey, manifests, skipped, decisions, extracted };
      },
      () => null,
      'extracted',
    );
    reporter.report(ready ? { chunk, state: 'ready', ready } : { chunk, state: 'skipped' });
    return ready;
  } catch (error) {
    reporter.report({
      chunk,
      state: 'failed',
      reason: error instanceof Error ? error.message : String(error),
    });
    throw error;
  } finally {
    await CancellationScope.nonCancellable(() => reporter.flush());
  }
}
