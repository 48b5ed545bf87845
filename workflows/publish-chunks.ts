import { CancellationScope } from '@temporalio/workflow';
import { type BuildReport, isKeyRange, isWindow, type ReadyChunk } from '../src/core/backfill.ts';
import type { RunOutcome } from '../src/core/run.ts';
import { Reporter } from './report.ts';
import { Run } from './run.ts';
import { buildAndPublish, serve } from './stages.ts';

export interface PublishChunksInput {
  readonly pipeline: string;
  /** Number of the build within its backfill. */
  readonly build: number;
  readonly chunks: readonly ReadyChunk[];
  readonly onlyEntities?: readonly string[];
  /** Workflow id of the backfill. */
  readonly backfill: string;
}

/**
 * Cleans and models several chunks by one Spark step each, publishes them together, and brings catalog and
 * warehouse up to that. Waits at gates like any run.
 */
export async function publishChunks(input: PublishChunksInput): Promise<RunOutcome> {
  const { pipeline, build, chunks, onlyEntities } = input;
  const reporter = new Reporter<BuildReport>(input.backfill);
  const parts = chunks.map((each) => each.window);
  const ranges = parts.filter(isKeyRange);
  const published = ranges.length > 0 ? { ranges } : { windows: parts.filter(isWindow) };
  const run = new Run({ pipeline, kind: 'backfill', ...published, onlyEntities });
  run.onState = (state) => {
    if (state === 'running' || state === 'waiting') reporter.report({ build, state });
  };
  run.earlierDecisions = chunks.flatMap((each) => each.decisions);
  run.extracted = sumRows(chunks);
  const outcome = (state: RunOutcome['state']): RunOutcome => ({
    state,
    runKey: run.runKey,
    sequence: run.sequence,
    extracted: run.extracted,
    decisions: run.decisions,
  });
  try {
    const result = await run.tell(
      async () => {
        const plan = await run.step('plan', () => run.act.quick.planRun(run.scopeOfRun));
        const manifests = chunks.flatMap((each) => each.manifests);
        const skipped = [...new Set(chunks.flatMap((each) => each.skipped))];
        const checked = { manifests, skipped, round: 1 };
        const cleaned = await buildAndPublish(run, plan, checked);
        if (cleaned) await serve(run, checked, cleaned);
        return outcome('published');
      },
      () => outcome('skipped'),
    );
    reporter.report({ build, state: result.state });
    return result;
  } catch (error) {
    reporter.report({
      build,
      state: 'failed',
      reason: error instanceof Error ? error.message : String(error),
    });
    throw error;
  } finally {
    await CancellationScope.nonCancellable(() => reporter.flush());
  }
}

function sumRows(chunks: readonly ReadyChunk[]): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const { extracted } of chunks)
    for (const [name, count] of Object.entries(extracted)) rows[name] = (rows[name] ?? 0) + count;
  return rows;
}
