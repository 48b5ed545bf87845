import type { EntityDefinition } from '../src/core/definition.ts';
import { evolvePipeline, findEvolved } from '../src/core/evolve.ts';
import { planFold, type Settled, settledBy } from '../src/core/fold.ts';
import type { ExtractManifest } from '../src/core/manifest.ts';
import type { Model } from '../src/core/model.ts';
import { type FoldEntity, makeModelPlan } from '../src/core/model-plan.ts';
import {
  entitiesBehind,
  entityColumns,
  entityFingerprint,
  findEntity,
  modelColumns,
  modelFingerprint,
  type Pipeline,
} from '../src/core/pipeline.ts';
import type { Publication } from '../src/core/publication.ts';
import type { ManifestRef, ModelSummary } from '../src/core/run.ts';
import type { SparkResult } from '../src/core/spark-plan.ts';
import type { CleanManifest, ModelManifest, WrittenTable } from '../src/core/stage.ts';
import type { BuildScope } from './clean-entities.ts';
import type { ActivityDeps } from './deps.ts';
import { createManifest, digestOf, openPipeline, readManifest, readPublicationCopy } from './manifests.ts';
import { runSparkStep } from './spark-step.ts';
import { findOutput, identifyFiles } from './written-files.ts';

/**
 * Folds the cleaned rows into the entities and computes the models that depend on them, by one EMR step, under
 * a generation that nobody reads yet. A model whose SQL changed is built again whole. Null when nothing changes.
 */
export function makeModelTables(deps: ActivityDeps) {
  return async (input: BuildScope & { clean: ManifestRef | null }): Promise<ModelSummary | null> => {
    const { pipeline: defined, layout } = openPipeline(deps, input.pipeline);
    const base = await readPublicationCopy(deps.store, layout, input.baseSequence);
    const clean = input.clean ? await readManifest<CleanManifest>(deps.store, input.clean) : null;
    const extracts = await Promise.all(
      input.manifests.map((ref) => readManifest<ExtractManifest>(deps.store, ref)),
    );
    const pipeline = evolvePipeline(defined, findEvolved(defined, base, extracts, input.skipped));
    const models = chooseModels(pipeline, base, Object.keys(clean?.entities ?? {}));
    if (!clean && models.length === 0) return null;
    const entities = Object.fromEntries(
      pipeline.definition.entities.map(({ name }) => [
        name,
        planFold({
          name,
          base: base?.entities[name] ?? null,
          cleaned: clean?.entities[name] ?? null,
          extracts,
          isRebuilt: isRebuilt(name, models, base),
        }),
      ]),
    );
    const result = await runSparkStep(deps, layout, {
      pipeline: input.pipeline,
      runKey: input.runKey,
      step: `model-${input.generation.slice(input.runKey.length + 1)}`,
      makePlan: (resultUri) =>
        makeModelPlan({
          pipeline,
          runKey: input.runKey,
          entities,
          models: models.map((model) => model.name),
          entityPath: (name) => layout.entity(name, input.generation),
          tablePath: (name) => layout.table(name, input.generation),
          resultUri,
        }),
    });
    const manifest: ModelManifest = {
      version: 1,
      runKey: input.runKey,
      generation: input.generation,
      baseSequence: input.baseSequence,
      entities: await byName(Object.keys(clean?.entities ?? {}), (name) =>
        readEntity(
          deps,
          findEntity(pipeline, name),
          entities[name]!,
          result,
          settledBy(name, entities[name]!.base, clean!.entities[name]!, extracts),
        ),
      ),
      tables: await byName(
        models.map((model) => model.name),
        (name) => readTable(deps, models.find((model) => model.name === name)!, entities, result),
      ),
    };
    const ref = await createManifest(
      deps.store,
      layout.stageManifest(input.runKey, `model-${input.generation}`),
      manifest,
    );
    const tables = Object.entries(manifest.tables).map(([name, { rowCount, touched }]) => [
      name,
      { rowCount, partitionCount: touched.length },
    ]);
    return { manifest: ref, tables: Object.fromEntries(tables) };
  };
}

/** Whether a model that follows the entity's partitions changed, so that all of them are computed again. */
function isRebuilt(name: string, models: readonly Model[], base: Publication | null): boolean {
  return models.some(
    (model) =>
      model.head.incremental === name &&
      base?.tables[model.name]?.definitionDigest !== digestOf(modelFingerprint(model)),
  );
}

/** Models behind which an entity changed, that are new, or whose SQL changed. */
function chooseModels(pipeline: Pipeline, base: Publication | null, changed: readonly string[]): Model[] {
  const chosen = new Set<string>();
  for (const model of pipeline.models) {
    const isStale = base?.tables[model.name]?.definitionDigest !== digestOf(modelFingerprint(model));
    const isTouched =
      entitiesBehind(pipeline, model).some((name) => changed.includes(name)) ||
      model.reads.some((name) => chosen.has(name));
    if (isStale || isTouched) chosen.add(model.name);
  }
  // A model that is read by a chosen one has to be computed too: the step has no published models at hand.
  for (const model of pipeline.models.toReversed()) {
    if (chosen.has(model.name))
      for (const read of model.reads)
        if (pipeline.models.some((each) => each.name === read)) chosen.add(read);
  }
  return pipeline.models.filter((model) => chosen.has(model.name));
}

async function readEntity(
  deps: ActivityDeps,
  entity: EntityDefinition,
  fold: FoldEntity,
  result: SparkResult,
  settled: Settled,
): Promise<WrittenTable> {
  const output = findOutput(result, `entity/${entity.name}`);
  return {
    // Only a full read brings every row under today's rules; until then the next live run still has to do one.
    definitionDigest:
      fold.base && fold.replacesUpTo === null
        ? fold.base.definitionDigest
        : digestOf(entityFingerprint(entity)),
    columns: entityColumns(entity),
    partitionBy: entity.partitionBy ? '_p' : null,
    touched: fold.touched,
    location: output.path,
    files: await identifyFiles(deps.store, output, entity.partitionBy ? '_p' : null),
    rowCount: output.rows,
    sums: output.sums,
    ...settled,
  };
}

async function readTable(
  deps: ActivityDeps,
  model: Model,
  entities: Readonly<Record<string, FoldEntity>>,
  result: SparkResult,
): Promise<WrittenTable> {
  const output = findOutput(result, `model/${model.name}`);
  const partitionBy = model.head.partition_by ?? null;
  return {
    definitionDigest: digestOf(modelFingerprint(model)),
    columns: modelColumns(model),
    partitionBy,
    touched: model.head.incremental ? entities[model.head.incremental]!.touched : [''],
    location: output.path,
    files: await identifyFiles(deps.store, output, partitionBy),
    rowCount: output.rows,
    sums: output.sums,
  };
}

async function byName<T>(
  names: readonly string[],
  work: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await work(name)] as const)));
}
