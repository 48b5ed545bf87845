import { makeCleanPlan } from '../src/core/clean-plan.ts';
import { type CleanEntity, cleanReadOf, findsDeleted } from '../src/core/clean-reads.ts';
import { TidemarkError } from '../src/core/errors.ts';
import { evolvePipeline, findEvolved } from '../src/core/evolve.ts';
import type { ExtractManifest } from '../src/core/manifest.ts';
import { findEntity } from '../src/core/pipeline.ts';
import type { CleanCounts, CleanSummary, ManifestRef } from '../src/core/run.ts';
import type { SparkResult } from '../src/core/spark-plan.ts';
import type { CleanedEntity, CleanManifest } from '../src/core/stage.ts';
import type { ActivityDeps } from './deps.ts';
import {
  createManifest,
  openPipeline,
  type RunScope,
  readManifest,
  readPublicationCopy,
} from './manifests.ts';
import { runSparkStep } from './spark-step.ts';
import { findOutput, identifyFiles } from './written-files.ts';

export interface BuildScope extends RunScope {
  readonly manifests: readonly ManifestRef[];
  readonly skipped: readonly string[];
  readonly baseSequence: number;
  readonly generation: string;
}

/**
 * Cleans what was extracted, by one EMR step: typed, trimmed, judged, one row a key; rejects to quarantine.
 * Several extracts of an entity, of chunks of a backfill, are cleaned together. Entities without changed or deleted
 * rows are left out; null when none has any, so that no cluster is paid for.
 */
export function makeCleanEntities(deps: ActivityDeps) {
  return async (input: BuildScope): Promise<CleanSummary | null> => {
    const { pipeline: defined, layout } = openPipeline(deps, input.pipeline);
    const base = await readPublicationCopy(deps.store, layout, input.baseSequence);
    const extracts = await Promise.all(
      input.manifests.map((ref) => readManifest<ExtractManifest>(deps.store, ref)),
    );
    const pipeline = evolvePipeline(defined, findEvolved(defined, base, extracts, input.skipped));
    const names = new Set(extracts.flatMap((manifest) => Object.keys(manifest.entities)));
    const entities = [...names]
      .filter((name) => !input.skipped.includes(name))
      .map((name): CleanEntity => {
        const published = base?.entities[name] ?? null;
        const entity = findEntity(pipeline, name);
        const reads = extracts
          .filter((manifest) => manifest.entities[name])
          .map((manifest) => cleanReadOf(manifest, name))
          .filter(
            (read) =>
              read.extract.rowCount > 0 ||
              read.extract.read.mode === 'full' ||
              findsDeleted(entity, published, read),
          );
        return {
          entity,
          reads,
          base: published,
          cleanPath: layout.clean(name, input.generation),
          quarantinePath: layout.quarantine(name, input.generation),
        };
      })
      .filter((each) => each.reads.length > 0);
    if (entities.length === 0) return null;
    const result = await runSparkStep(deps, layout, {
      pipeline: input.pipeline,
      runKey: input.runKey,
      step: `clean-${input.generation.slice(input.runKey.length + 1)}`,
      makePlan: (resultUri) => makeCleanPlan(input.runKey, entities, resultUri),
    });
    const cleaned = await Promise.all(
      entities.map(async (each) => [each.entity.name, await readCleaned(deps, each, result)] as const),
    );
    const manifest: CleanManifest = {
      version: 1,
      runKey: input.runKey,
      generation: input.generation,
      baseSequence: input.baseSequence,
      entities: Object.fromEntries(cleaned),
    };
    const ref = await createManifest(
      deps.store,
      layout.stageManifest(input.runKey, `clean-${input.generation}`),
      manifest,
    );
    return {
      manifest: ref,
      entities: Object.fromEntries(cleaned.map(([name, { counts }]) => [name, counts])),
    };
  };
}

async function readCleaned(
  deps: ActivityDeps,
  { entity, reads, base }: CleanEntity,
  result: SparkResult,
): Promise<CleanedEntity> {
  const metric = result.metrics?.[entity.name] ?? {};
  const count = (name: string) => Number(metric[name] ?? 0);
  const counts: CleanCounts = {
    rowsIn: count('rows_in'),
    clean: count('clean'),
    rejected: count('rejected'),
    deduplicated: count('deduplicated'),
    deleted: count('deleted'),
    reasons: JSON.parse(metric.reasons ?? '{}') as Record<string, number>,
  };
  const extracted = reads.reduce((sum, { extract }) => sum + extract.rowCount, 0);
  if (counts.rowsIn !== extracted || counts.rowsIn !== counts.clean + counts.rejected + counts.deduplicated) {
    throw new TidemarkError(
      'BALANCE_BROKEN',
      `${entity.name} does not balance: ${extracted} rows extracted, ${counts.rowsIn} read by Spark = ${counts.clean} clean + ${counts.rejected} rejected + ${counts.deduplicated} deduplicated`,
    );
  }
  const found = JSON.parse(metric.partitions ?? '[]') as string[];
  const isFull = reads.some(({ extract }) => extract.read.mode === 'full');
  const everything = isFull ? (base?.partitions.map((each) => each.value) ?? []) : [];
  const windows = reads.filter(({ extract }) => extract.read.mode === 'window').map((read) => read.lastOrder);
  return {
    files: await identifyFiles(deps.store, findOutput(result, `clean/${entity.name}`), null),
    touched: entity.partitionBy ? [...new Set([...found, ...everything])].sort() : [''],
    counts,
    windowDeletedAt: count('deleted') > 0 ? windows.sort().at(-1) : undefined,
  };
}
