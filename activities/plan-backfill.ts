import type { BackfillInput, Chunk, InitialLoadInput } from '../src/core/backfill.ts';
import { chunkName, isWindow, splitRange } from '../src/core/backfill.ts';
import { type PlannedChunk, planChunks, planText } from '../src/core/backfill-plan.ts';
import { TidemarkError } from '../src/core/errors.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf, openPipeline, readPublication } from './manifests.ts';
import { startLoad } from './plan-load.ts';
import { readFailures } from './read-failures.ts';

/** Lists the chunks that a backfill still has to do, in order. Refuses a plan that is no longer the one that was shown. */
export function makePlanBackfill(deps: ActivityDeps) {
  return async (
    input: BackfillInput | InitialLoadInput,
  ): Promise<{ todo: Chunk[]; isFirstAlone: boolean }> => {
    if ('isInitial' in input) {
      const { chunks: ranges } = await startLoad(deps, input);
      return { todo: listTodo(ranges), isFirstAlone: false };
    }
    const { chunks, digest, isFirstAlone } = await describeBackfill(deps, input);
    if (input.planDigest !== undefined && input.planDigest !== digest) {
      throw new TidemarkError(
        'PLAN_CHANGED',
        `the plan of ${input.pipeline} ${input.from}..${input.to} is ${digest}, not ${input.planDigest}`,
      );
    }
    const { resumeFrom } = input;
    const isLeft = (chunk: Chunk) =>
      resumeFrom === undefined || (isWindow(chunk) && chunk.from >= resumeFrom);
    return { todo: listTodo(chunks).filter(isLeft), isFirstAlone };
  };
}

function listTodo(chunks: readonly PlannedChunk[]): Chunk[] {
  return chunks.filter((each) => each.isTodo).map((each) => each.window);
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
  const publication = (await readPublication(deps.store, layout))?.publication ?? null;
  const chunks = planChunks(input, {
    publication,
    failures: await readFailures(deps.store, layout, names),
    today: new Intl.DateTimeFormat('en-CA', { timeZone: pipeline.definition.timeZone }).format(new Date()),
  });
  const isFirstAlone = pipeline.definition.entities.some(
    ({ name, businessDate }) => businessDate === undefined && !publication?.entities[name],
  );
  return { chunks, digest: digestOf(planText(input, chunks)).slice(0, 12), isFirstAlone };
}
