import { randomUUID } from 'node:crypto';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { planComparison, summarizeComparison as summarize } from '../src/core/comparison.ts';
import type { EntityDefinition } from '../src/core/definition.ts';
import type { Layout } from '../src/core/layout.ts';
import type { EntityRead, ExtractManifest } from '../src/core/manifest.ts';
import { findEntity } from '../src/core/pipeline.ts';
import type { ExtractSummary, PlannedEntity, SourcePlan } from '../src/core/run.ts';
import type { EntityToExtract, KeyBounds } from '../src/ports/source.ts';
import { makeComparisons } from './compare-lake.ts';
import type { ActivityDeps } from './deps.ts';
import { clearLeftovers, findFinished, startProgress, toDetails } from './extract-progress.ts';
import {
  createManifest,
  findManifest,
  openPipeline,
  type RunScope,
  readManifest,
  readPublicationCopy,
} from './manifests.ts';
import { readLoadPlan } from './plan-load.ts';

/**
 * Reads the planned entities of one source under one snapshot into `part-*.csv.gz` objects, then writes the
 * manifest that makes them count. Heartbeats carry rows and bytes by entity, and what is stored whole: the next try
 * keeps that and reads the rest, with what changed since, under a new snapshot. Killed half-way it leaves only
 * objects that nothing refers to.
 */
export function makeExtractSource(deps: ActivityDeps) {
  return async (
    input: RunScope & SourcePlan & { generation: string; baseSequence?: number },
  ): Promise<ExtractSummary> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const uri = layout.extractManifest(input.source, input.generation);
    const token = randomUUID().slice(0, 8);
    const state = startProgress();
    const extract = async (): Promise<ExtractManifest> => {
      const resume = await findFinished(deps.store, state);
      const prefixes = input.entities.map(({ name }) => layout.rawParts(name, input.generation));
      await clearLeftovers(deps.store, prefixes);
      // The publication that the run builds on; activities that older workflows asked for do not name it.
      const base = await readPublicationCopy(deps.store, layout, input.baseSequence ?? 0);
      const publishedOf = (name: string) => base?.entities[name] ?? null;
      const keys = await readKeyBounds(deps, layout, input.entities);
      const entities = input.entities.map(({ name, read, columns }): EntityToExtract => {
        const entity = findEntity(pipeline, name);
        const compare = planComparison(entity, read, publishedOf(name), input.audit, columns) ?? undefined;
        return { ...toExtract(entity, read, columns), keys: keys.get(name), compare };
      });
      const comparisons = makeComparisons(deps, {
        entities,
        publishedOf,
        goneUri: (name) => `${layout.rawParts(name, input.generation)}${token}/gone.csv.gz`,
        signal: cancellationSignal(),
      });
      const { drills, ...result } = await deps.sourceOf(pipeline, input.source).extract({
        entities,
        compareBuckets: comparisons.compareBuckets,
        applicationName: `tidemark ${input.runKey}`,
        parallel: pipeline.definition.sources[input.source]?.connections,
        signal: cancellationSignal(),
        resume,
        onFinished: (work) => {
          state.finished = work;
        },
        onProgress: ({ entity, ...counts }) => {
          state.progress[entity] = counts;
        },
        upload: async (entity, part, body) => {
          const partUri = layout.rawPart(entity, input.generation, token, part);
          const { sizeBytes, etag } = await deps.store.upload(partUri, body, {
            contentType: 'application/gzip',
            signal: cancellationSignal(),
          });
          state.etags[partUri] = etag;
          return { uri: partUri, sizeBytes };
        },
        store: {
          locate: (entity, part) =>
            layout.rawPart(entity, input.generation, token, part).replace(/\.gz$/, ''),
          head: (uri) => deps.store.head(uri),
        },
      });
      return {
        version: 1,
        pipeline: input.pipeline,
        runKey: input.runKey,
        source: input.source,
        createdAt: new Date().toISOString(),
        baseSequence: input.baseSequence,
        ...result,
        entities: Object.fromEntries(
          Object.entries(await comparisons.finish(result.entities, drills)).map(([name, entity]) => {
            const checkedHash = input.entities.find((each) => each.name === name)?.schemaHash;
            return [name, { ...entity, checkedHash }];
          }),
        ),
      };
    };
    const beat = setInterval(() => heartbeat(toDetails(state)), 2_000);
    try {
      const ref =
        (await findManifest(deps.store, uri)) ?? (await createManifest(deps.store, uri, await extract()));
      const manifest = await readManifest<ExtractManifest>(deps.store, ref);
      return {
        source: input.source,
        manifest: ref,
        entities: Object.fromEntries(
          Object.entries(manifest.entities).map(([name, { rowCount, csvBytes, read, comparison }]) => [
            name,
            { rowCount, csvBytes, read: read.mode, comparison: comparison && summarize(comparison) },
          ]),
        ),
      };
    } finally {
      // The next try begins where the last heartbeat of this one was.
      heartbeat(toDetails(state));
      clearInterval(beat);
    }
  };
}

/** Bounds of the ranges that entities are read by, from the plan of their load: they are data, and stay out of history. */
async function readKeyBounds(
  deps: ActivityDeps,
  layout: Layout,
  entities: readonly PlannedEntity[],
): Promise<ReadonlyMap<string, KeyBounds>> {
  const bounds = new Map<string, KeyBounds>();
  for (const { name, read } of entities) {
    if (read.mode !== 'range') continue;
    const plan = await readLoadPlan(deps, layout, read.load);
    const { key, ranges } = plan.entities.find((each) => each.name === name)!;
    const { from, to } = ranges.find(({ nth }) => nth === read.nth)!;
    bounds.set(name, { key, from, to });
  }
  return bounds;
}

/** What a source is asked for to read an entity: the columns of its contract, unless the plan names others. */
export function toExtract(
  entity: EntityDefinition,
  read: EntityRead,
  planned?: PlannedEntity['columns'],
): EntityToExtract {
  const columns = planned ?? Object.entries(entity.columns).map(([name, { type }]) => ({ name, type }));
  return {
    name: entity.name,
    table: entity.table,
    key: entity.key,
    columns,
    read,
    ...(entity.cursor.mode === 'timestamp' && { cursor: entity.cursor }),
    measures: columns.map(({ name }) => name).filter((name) => entity.columns[name]?.measure),
  };
}
