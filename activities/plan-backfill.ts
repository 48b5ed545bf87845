import type { BackfillInput } from '../src/core/backfill.ts';
import { chunkName, splitRange } from '../src/core/backfill.ts';
import {
  type FailedChunkRecord,
  type PlannedChunk,
  planChunks,
  planText,
} from '../src/core/backfill-plan.ts';
import { TidemarkError } from '../src/core/errors.ts';
import type { BusinessWindow } from '../src/core/run.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf, openPipeline, readPublication } from './manifests.ts';
import { mapParallel } from './written-files.ts';

/** Lists the chunks that a backfill still has to do, in order. Refuses a plan that is no longer the one that was shown. */
export function makePlanBackfill(deps: ActivityDeps) {
  return async (input: BackfillInput): Promise<{ todo: BusinessWindow[]; isFirstAlone: boolean }> => {
    const { chunks, digest, isFirstAlone } = await describeBackfill(deps, input);
    if (input.planDigest !== undefined && input.planDigest !== digest) {
      throw new TidemarkError(
        'PLAN_CHANGED',
        `the plan of ${input.pipeline} ${input.from}..${input.to} is ${digest}, not ${input.planDigest}`,
      );
    }
    const windows = chunks.filter((each) => each.isTodo).map((each) => each.window);
    return {
      todo: windows.filter(({ from }) => input.resumeFrom === undefined || from >= input.resumeFrom),
      isFirstAlone,
    };
  };
}

/**
 * Every chunk of a backfill with what is there of it, and the digest (12 hex digits) that names the plan.
 * `isFirstAlone`: the lake lacks entities without business dates, which the first chunk reads whole for all.
 */
export async function describeBackfill(
  deps: ActivityDeps,
  input: BackfillInput,
): Promise<{ chunks: PlannedChunk[]; digest: string; isFirstAlone: boolean }> {
  const { pipeline, layout } = openPipeline(deps, input.pipeline);
  const unknown = input.entities?.find(
    (name) => !pipeline.definition.entities.some((entity) => entity.name === name),
  );
  if (unknown !== undefined)
    throw new TidemarkError('DEFINITION_INVALID', `pipeline ${input.pipeline} has no entity "${unknown}"`);
  const names = splitRange(input.from, input.to, input.chunk).map(chunkName);
  const found = await mapParallel(names, 16, async (name) => {
    const object = await deps.store.read(layout.failedChunk(name));
    return object ? ([[name, JSON.parse(object.text) as FailedChunkRecord]] as const) : [];
  });
  const publication = (await readPublication(deps.store, layout))?.publication ?? null;
  const chunks = planChunks(input, {
    publication,
    failures: new Map(found.flat()),
    today: new Intl.DateTimeFormat('en-CA', { timeZone: pipeline.definition.timeZone }).format(new Date()),
  });
  const isFirstAlone = pipeline.definition.entities.some(
    ({ name, businessDate }) => businessDate === undefined && !publication?.entities[name],
  );
  return { chunks, digest: digestOf(planText(input, chunks)).slice(0, 12), isFirstAlone };
}
