import type { IngestInput, RunOutcome } from '../src/core/run.ts';
import { Run } from './run.ts';
import { buildAndPublish, planAndExtract, serve } from './stages.ts';

/**
 * One run: plan, check the source, extract, check, clean, model, check, publish, catalog, load, reconcile,
 * announce. Nothing is visible to readers before `publish`; everything after it is derived from the
 * publication and can be repeated. Fails with `RunAborted` when a person ends it.
 */
export async function ingest(input: IngestInput): Promise<RunOutcome> {
  const run = new Run(input);
  const outcome = (state: RunOutcome['state']): RunOutcome => ({
    state,
    runKey: run.runKey,
    sequence: run.sequence,
    extracted: run.extracted,
    ...(Object.keys(run.compared).length > 0 && { compared: run.compared }),
    decisions: run.decisions,
  });
  return run.tell(
    async () => {
      // Each round is one more extract; a round that no longer joins on to what is published starts over.
      while (run.sequence === null) {
        const { plan, checked } = await planAndExtract(run);
        const cleaned = await buildAndPublish(run, plan, checked);
        if (cleaned) await serve(run, checked, cleaned);
      }
      return outcome('published');
    },
    () => outcome('skipped'),
  );
}
