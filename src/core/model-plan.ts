import { cleanSchema, SYSTEM_COLUMNS } from './clean-plan.ts';
import { type ColumnType, columnType, maxTextBytes, sparkType } from './column-type.ts';
import type { EntityDefinition } from './definition.ts';
import type { Model } from './model.ts';
import { entitiesBehind, entityColumns, findEntity, modelColumns, type Pipeline } from './pipeline.ts';
import type { TableVersion } from './publication.ts';
import {
  type SparkInput,
  type SparkPlan,
  type SparkStatement,
  sparkConf,
  sparkName,
  sparkText,
} from './spark-plan.ts';

/** One entity's part in the model step. */
export interface FoldEntity {
  readonly base: TableVersion | null;
  /** Files of this run's cleaned rows; null when the run does not change the entity. */
  readonly changes: readonly string[] | null;
  /** For a full read: order of its snapshot. Published rows up to it are replaced, newer ones stay. */
  readonly replacesUpTo: string | null;
  /** Changes of older snapshots than this are dropped: a full read under it lacked their rows, or has newer ones. */
  readonly floor: string | null;
  /** Partition values to compute again; `['']` for an entity stored in one part. */
  readonly touched: readonly string[];
}

export interface ModelPlanRequest {
  readonly pipeline: Pipeline;
  readonly runKey: string;
  readonly entities: Readonly<Record<string, FoldEntity>>;
  /** Names of the models to compute; the others stay as published. */
  readonly models: readonly string[];
  readonly entityPath: (name: string) => string;
  readonly tablePath: (name: string) => string;
  readonly resultUri: string;
}

/**
 * Makes the plan of the model step: folds each changed entity by key in snapshot order over its touched
 * partitions, then runs the models, which see neither rejected nor deleted rows. An incremental model sees only the
 * touched partitions of its entity; every other reader sees entities whole.
 */
export function makeModelPlan(request: ModelPlanRequest): SparkPlan {
  const { pipeline, runKey, entities } = request;
  const models = pipeline.models.filter((model) => request.models.includes(model.name));
  const needed = new Set([
    ...Object.keys(entities).filter((name) => entities[name]!.changes !== null),
    ...models.flatMap((model) => [
      ...entitiesBehind(pipeline, model),
      ...(model.head.incremental ? [model.head.incremental] : []),
    ]),
  ]);
  const used = pipeline.definition.entities.filter((each) => needed.has(each.name));
  const part = (name: string): FoldEntity =>
    entities[name] ?? { base: null, changes: null, replacesUpTo: null, floor: null, touched: [] };

  const inputs = used.flatMap((entity) => foldInputs(entity, part(entity.name)));
  const bytes = used.reduce((sum, entity) => sum + baseBytes(part(entity.name)), 0);
  return {
    version: 1,
    step: 'model',
    runKey,
    conf: sparkConf(bytes),
    inputs,
    statements: [
      ...used.flatMap((entity) => foldStatements(entity, part(entity.name))),
      ...models.flatMap((model) => modelStatements(pipeline, model, models)),
    ],
    outputs: [
      ...used
        .filter((entity) => part(entity.name).changes !== null)
        .map((entity) => ({
          name: `entity/${entity.name}`,
          view: `__stored_${entity.name}`,
          path: request.entityPath(entity.name),
          partitionBy: entity.partitionBy ? ['_p'] : [],
          sums: [],
        })),
      ...models.map((model) => ({
        name: `model/${model.name}`,
        view: model.name,
        path: request.tablePath(model.name),
        partitionBy: model.head.partition_by ? [model.head.partition_by] : [],
        sums: Object.keys(model.head.columns).filter((name) => model.head.columns[name]!.measure),
      })),
    ],
    metrics: [],
    resultUri: request.resultUri,
  };
}

function baseBytes({ base, touched }: FoldEntity): number {
  const parts = base?.partitions.filter((each) => touched.includes(each.value)) ?? [];
  return parts.reduce((sum, each) => sum + each.files.reduce((total, file) => total + file.sizeBytes, 0), 0);
}

function foldInputs(entity: EntityDefinition, { base, changes, touched }: FoldEntity): SparkInput[] {
  const schema = cleanSchema(entity);
  const files = (wanted: boolean) =>
    (base?.partitions ?? [])
      .filter((each) => touched.includes(each.value) === wanted)
      .flatMap((each) => each.files.map((file) => file.uri));
  return [
    { view: `__base_${entity.name}`, format: 'parquet', paths: files(true), schema },
    { view: `__rest_${entity.name}`, format: 'parquet', paths: files(false), schema },
    { view: `__changes_${entity.name}`, format: 'parquet', paths: changes ?? [], schema },
  ];
}

function foldStatements(entity: EntityDefinition, { replacesUpTo, floor }: FoldEntity): SparkStatement[] {
  const key = entity.key.map(sparkName).join(', ');
  const kept = replacesUpTo === null ? '' : ` WHERE _snapshot > ${sparkText(replacesUpTo)}`;
  const fresh = floor === null ? '' : ` WHERE _snapshot >= ${sparkText(floor)}`;
  const fold = `__fold_${entity.name}`;
  const columns = [...entityColumns(entity), ...SYSTEM_COLUMNS].map(({ name }) => sparkName(name));
  return [
    {
      view: fold,
      sql: `SELECT ${columns.join(', ')} FROM (SELECT *, row_number() OVER (PARTITION BY ${key} ORDER BY _snapshot DESC, _run DESC) AS _nth FROM (SELECT * FROM __base_${entity.name}${kept} UNION ALL SELECT * FROM __changes_${entity.name}${fresh})) WHERE _nth = 1`,
      cache: true,
    },
    // Spark takes a partition column out of the files; a copy of it goes, so that the files stay whole.
    {
      view: `__stored_${entity.name}`,
      sql: entity.partitionBy ? `SELECT *, _partition AS _p FROM ${fold}` : `SELECT * FROM ${fold}`,
    },
  ];
}

function modelStatements(pipeline: Pipeline, model: Model, models: readonly Model[]): SparkStatement[] {
  const views = model.reads
    .filter((name) => pipeline.definition.entities.some((each) => each.name === name))
    .map((name): SparkStatement => {
      const entity = findEntity(pipeline, name);
      const rows =
        model.head.incremental === name
          ? `SELECT * FROM __fold_${name}`
          : `SELECT * FROM __fold_${name} UNION ALL SELECT * FROM __rest_${name}`;
      const columns = entityColumns(entity).map(({ name: column }) =>
        // Models see the value that the rows are stored by, so that a partition of theirs never strays from its entity's.
        column === entity.partitionBy ? `_partition AS ${sparkName(column)}` : sparkName(column),
      );
      return {
        view: name,
        sql: `SELECT ${columns.join(', ')} FROM (${rows}) WHERE _rejected IS NULL AND _deleted IS NULL`,
      };
    });
  const columns = modelColumns(model).map(({ name, type }) => {
    const value = `CAST(${sparkName(name)} AS ${sparkType(columnType(type))})`;
    return `${fitted(model.name, name, value, columnType(type))} AS ${sparkName(name)}`;
  });
  const isReadAgain = models.some((each) => each.reads.includes(model.name));
  return [
    ...views,
    {
      view: model.name,
      sql: `SELECT ${columns.join(', ')} FROM ${modelRows(model)}`,
      ...(isReadAgain ? { cache: true } : {}),
    },
  ];
}

/** Rows of the model's SQL, each with what its row of the entity that it evolves with has in new columns. */
function modelRows({ sql, head, evolved = [] }: Model): string {
  if (!head.evolve || evolved.length === 0) return `(${sql})`;
  const own = Object.keys(head.columns).map((name) => `m.${sparkName(name)}`);
  const added = evolved.map(({ name }) => `e.${sparkName(name)}`);
  const on = head.key.map((name) => `m.${sparkName(name)} = e.${sparkName(name)}`);
  return `(SELECT ${[...own, ...added].join(', ')} FROM (${sql}) m LEFT JOIN ${sparkName(head.evolve)} e ON ${on.join(' AND ')})`;
}

/** Fails the step, before anything is published, for a text that would fail the load. */
function fitted(model: string, column: string, value: string, type: ColumnType): string {
  const maxBytes = maxTextBytes(type);
  if (maxBytes === null) return value;
  const reason = `${model}.${column}: a text is longer than ${maxBytes} bytes, the most that its column in the warehouse takes; shorten it in the SQL or declare a longer type`;
  return `CASE WHEN octet_length(${value}) > ${maxBytes} THEN raise_error(${sparkText(reason)}) ELSE ${value} END`;
}
