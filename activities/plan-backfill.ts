import { type BackfillInput, chunkName, splitRange } from '../src/core/backfill.ts';
import type { BusinessWindow } from '../src/core/run.ts';
import type { ActivityDeps } from './deps.ts';
import { openPipeline, readPublication } from './manifests.ts';

/** Lists the chunks that a backfill still has to do, in order. */
export function makePlanBackfill(deps: ActivityDeps) {
  return async ({
    pipeline,
    from,
    to,
    chunk,
    mode,
    resumeFrom,
  }: BackfillInput): Promise<{ todo: BusinessWindow[] }> => {
    const { layout } = openPipeline(deps, pipeline);
    const done = (await readPublication(deps.store, layout))?.publication.chunks ?? {};
    const todo = splitRange(from, to, chunk)
      .filter((window) => resumeFrom === undefined || window.from >= resumeFrom)
      .filter((window) => mode === 'all' || !(chunkName(window) in done));
    return { todo };
  };
}
