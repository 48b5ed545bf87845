import { canonicalType, parseColumnType } from './column-type.ts';
import type { EntityDefinition } from './definition.ts';
import type { ExtractManifest } from './manifest.ts';
import type { Model } from './model.ts';
import type { Column } from './native-shape.ts';
import { findEntity, type Pipeline } from './pipeline.ts';
import type { Publication } from './publication.ts';

/** By entity: columns that are carried beside the contract. */
export type EvolvedColumns = Readonly<Record<string, readonly Column[]>>;

/**
 * The pipeline with evolved columns in effect: an entity has them as nullable columns behind the contract's, a model
 * that says `evolve: <entity>` has them behind its own. Nobody has said what is in them, so their values are masked
 * like personal data. Fingerprints stay those of the definition.
 */
export function evolvePipeline(pipeline: Pipeline, evolved: EvolvedColumns): Pipeline {
  return {
    ...pipeline,
    definition: {
      ...pipeline.definition,
      entities: pipeline.definition.entities.map((each) => evolveEntity(each, evolved[each.name] ?? [])),
    },
    models: pipeline.models.map((model) =>
      model.head.evolve ? evolveModel(model, evolved[model.head.evolve] ?? []) : model,
    ),
  };
}

/** An entity with evolved columns; names that its definition has taken up meanwhile keep the definition's meaning. */
export function evolveEntity(entity: EntityDefinition, evolved: readonly Column[]): EntityDefinition {
  const added = evolved.filter(({ name }) => !(name in entity.columns) && !(name in entity.derive));
  if (added.length === 0) return entity;
  const columns = added.map(({ name, type }) => {
    const column: EntityDefinition['columns'][string] = {
      type,
      nullable: true,
      measure: false,
      pii: 'direct',
    };
    return [name, column] as const;
  });
  const effective: EvolvedEntity = {
    ...entity,
    columns: { ...entity.columns, ...Object.fromEntries(columns) },
    evolved: added.map(({ name }) => name),
  };
  return effective;
}

/** An entity in effect: says which of its columns are not of the definition. */
type EvolvedEntity = EntityDefinition & { readonly evolved?: readonly string[] };

function evolveModel(model: Model, evolved: readonly Column[]): Model {
  return { ...model, evolved: evolved.filter(({ name }) => !(name in model.head.columns)) };
}

/** What is carried after a run: what is published, and what the run has read beside the contract. */
export function findEvolved(
  pipeline: Pipeline,
  base: Publication | null,
  extracts: readonly ExtractManifest[],
  skipped: readonly string[] = [],
): EvolvedColumns {
  const evolved: Record<string, readonly Column[]> = {};
  for (const { name } of pipeline.definition.entities) {
    const entity = findEntity(pipeline, name);
    const found = new Map((base?.evolved?.[name] ?? []).map((column) => [column.name, column]));
    // A column that only an earlier definition had is none that came with the source.
    const read =
      skipped.includes(name) || entity.onDrift !== 'evolve'
        ? []
        : extracts.flatMap((extract) => extract.entities[name]?.columns ?? []);
    for (const column of read) if (!found.has(column.name)) found.set(column.name, column);
    const beside = [...found.values()].filter(
      (column) => !(column.name in entity.columns) && !(column.name in entity.derive),
    );
    if (beside.length > 0) evolved[name] = beside;
  }
  return evolved;
}

/** The type under which a new column is carried: the source's own, or text for one that has no other place. */
export function evolvedType(sourceType: string): string {
  return parseColumnType(sourceType) ? canonicalType(sourceType) : 'text';
}

/** Why a column of that name cannot be carried; null when it can. */
export function refuseEvolving(entity: EntityDefinition, name: string): string | null {
  if (!/^[a-z][a-z0-9_]{0,59}$/.test(name))
    return 'its name is not lower snake case of at most 60 characters';
  return name in entity.derive ? 'a derived column has its name' : null;
}
