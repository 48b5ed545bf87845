import { canonicalType } from './column-type.ts';
import { DefinitionError, type EntityDefinition, type PipelineDefinition } from './definition.ts';
import type { Model } from './model.ts';

/** A pipeline with its models parsed and its suites named, as activities use it. */
export interface Pipeline {
  readonly definition: PipelineDefinition;
  readonly models: readonly Model[];
  /** Suites by entity or model name, as their JSON files hold them. */
  readonly suites: Readonly<Record<string, unknown>>;
}

/** Joins a definition with its models; throws `DefinitionError` where they contradict each other. */
export function assemblePipeline(
  definition: PipelineDefinition,
  models: readonly Model[],
  suites: Readonly<Record<string, unknown>>,
): Pipeline {
  const problems: string[] = [];
  for (const model of models) {
    for (const read of model.reads) {
      const other = models.find((each) => each.name === read);
      if (other?.head.incremental && other.head.incremental !== model.head.incremental) {
        problems.push(
          `models.${model.name}: reads "${other.name}", of which a run computes the touched partitions only; declare \`incremental: ${other.head.incremental}\` too, or read the entities`,
        );
      }
    }
  }
  if (models.length > MAX_MODELS) {
    problems.push(
      `models: ${models.length} models do not fit one warehouse transaction of 40 statements; use at most ${MAX_MODELS}`,
    );
  }
  if (problems.length > 0) throw new DefinitionError(`Pipeline ${definition.name}`, problems);
  return { definition, models, suites };
}

/** A load takes three statements a table beside its frame, and Redshift's Data API takes 40 in one transaction. */
const MAX_MODELS = 11;

/** Environment variable that holds the connection URL of a source. */
export function sourceVariable(pipeline: Pipeline, source: string): string {
  return pipeline.definition.sources[source]?.urlVariable ?? `TIDEMARK_SOURCE_${source.toUpperCase()}_URL`;
}

export function findEntity(pipeline: Pipeline, name: string): EntityDefinition {
  const entity = pipeline.definition.entities.find((each) => each.name === name);
  if (!entity) throw new Error(`pipeline ${pipeline.definition.name} has no entity ${name}`);
  return entity;
}

/** Columns of an entity's cleaned rows: source columns, then derived ones. */
export function entityColumns(entity: EntityDefinition): { name: string; type: string }[] {
  return [...Object.entries(entity.columns), ...Object.entries(entity.derive)].map(([name, one]) => ({
    name,
    type: canonicalType(one.type),
  }));
}

/** Columns of a model's rows: those of its head, then evolved ones. */
export function modelColumns(model: Model): { name: string; type: string }[] {
  const declared = Object.entries(model.head.columns).map(([name, one]) => ({ name, type: one.type }));
  return [...declared, ...(model.evolved ?? [])].map(({ name, type }) => ({
    name,
    type: canonicalType(type),
  }));
}

/** Entities that a model depends on, directly or through earlier models. */
export function entitiesBehind(pipeline: Pipeline, model: Model): string[] {
  const found = new Set<string>();
  for (const read of model.reads) {
    const other = pipeline.models.find((each) => each.name === read);
    if (other) for (const name of entitiesBehind(pipeline, other)) found.add(name);
    else found.add(read);
  }
  return [...found];
}

/** Text that identifies what produces an entity's cleaned rows; another one means that it has to be read again. Evolved columns have no part in it. */
export function entityFingerprint(
  entity: EntityDefinition & { readonly evolved?: readonly string[] },
): string {
  const { name, source, table, key, businessDate, reject, partitionBy, cursor, deletes, columns, derive } =
    entity;
  const bare = Object.fromEntries(
    Object.entries(columns)
      .filter(([name]) => !entity.evolved?.includes(name))
      .map(([name, { type, nullable, clean }]) => [name, { type: canonicalType(type), nullable, clean }]),
  );
  const rules = Object.fromEntries(
    Object.entries(derive).map(([name, { type, sql }]) => [name, { type, sql }]),
  );
  return JSON.stringify({
    name,
    source,
    table,
    key,
    businessDate,
    reject,
    partitionBy,
    cursor,
    // Another brake changes no row.
    softDelete: deletes.mode === 'soft' ? deletes.column : undefined,
    columns: bare,
    derive: rules,
  });
}

/** Text that identifies what produces a model's rows; another one means that it is built again whole. */
export function modelFingerprint(model: Model): string {
  const { description: _, distribution: __, sort: ___, grain: ____, columns, ...rest } = model.head;
  const bare = Object.fromEntries(
    Object.entries(columns).map(([name, one]) => [name, canonicalType(one.type)]),
  );
  return JSON.stringify({ ...rest, columns: bare, sql: model.sql });
}
