import type { EntityDefinition } from '../src/core/definition.ts';
import { planRange } from '../src/core/initial-load.ts';
import type { EntityRead } from '../src/core/manifest.ts';
import { entityFingerprint, findEntity } from '../src/core/pipeline.ts';
import type { Publication, Watermark } from '../src/core/publication.ts';
import type { RunPlan, SourcePlan } from '../src/core/run.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf, openPipeline, type RunScope, readPublication } from './manifests.ts';
import { readLoadPlan } from './plan-load.ts';

/**
 * Decides from the current publication alone which rows of which entity the run reads. The clock has no part
 * in it: a live run reads everything since the published watermark, so an interval that never ran is not lost.
 */
export function makePlanRun(deps: ActivityDeps) {
  return async (scope: RunScope): Promise<RunPlan> => {
    const { pipeline, layout } = openPipeline(deps, scope.pipeline);
    const current = (await readPublication(deps.store, layout))?.publication ?? null;
    const baseSequence = current?.sequence ?? 0;
    if (scope.range) {
      const { entity: name, load } = scope.range;
      const read = planRange(await readLoadPlan(deps, layout, load), scope.range);
      return {
        baseSequence,
        sources: [{ source: findEntity(pipeline, name).source, entities: [{ name, read }] }],
      };
    }
    const sources: SourcePlan[] = [];
    for (const source of Object.keys(pipeline.definition.sources)) {
      const entities = pipeline.definition.entities
        .filter((entity) => entity.source === source)
        .filter(({ name }) => scope.onlyEntities?.includes(name) ?? true)
        .map((entity) => ({
          name: entity.name,
          read: planRead(entity, scope, current, pipeline.definition.timeZone),
        }))
        .filter((each): each is { name: string; read: EntityRead } => each.read !== null);
      if (entities.length > 0) sources.push({ source, entities });
    }
    return { baseSequence, sources };
  };
}

/** Which rows a run reads of one entity, by what is published of it; null when it reads none. */
export function planRead(
  entity: EntityDefinition,
  { kind, window }: RunScope,
  current: Publication | null,
  timeZone = 'UTC',
): EntityRead | null {
  const published = current?.entities[entity.name];
  if (kind === 'full') return { mode: 'full', reason: 'asked for' };
  if (kind === 'backfill' && window && entity.businessDate)
    return {
      mode: 'window',
      column: entity.businessDate,
      ...window,
      ...(timeZone === 'UTC' ? {} : { timeZone }),
    };
  // An entity without business dates is read by a backfill only when there is nothing of it to join with.
  if (kind === 'backfill') return published ? null : { mode: 'full', reason: 'nothing of it is in the lake' };
  const watermark = current?.watermarks[entity.name];
  if (!published || !watermark) return { mode: 'full', reason: 'no watermark is published' };
  if (published.definitionDigest !== digestOf(entityFingerprint(entity)))
    return { mode: 'full', reason: 'its definition changed' };
  return readSince(entity, watermark);
}

/** Continues where the published read of the entity ended, by the entity's cursor. */
function readSince({ cursor }: EntityDefinition, { xid, cursorFrom }: Watermark): EntityRead {
  switch (cursor.mode) {
    case 'xmin':
      return { mode: 'incremental', fromXid: xid };
    case 'xid8-column':
      return { mode: 'incremental', fromXid: xid, cursor: { mode: cursor.mode, column: cursor.column } };
    case 'timestamp':
      // A transaction was prepared while it was read whole, so nobody knows where stamps were settled.
      if (cursorFrom === undefined) return { mode: 'full', reason: 'no bound of its cursor is published' };
      return {
        mode: 'incremental',
        fromXid: xid,
        cursor: { mode: cursor.mode, column: cursor.column, from: cursorFrom },
      };
    case 'full':
      return { mode: 'full', reason: 'its cursor is full' };
  }
}
