import { columnType, isText, sparkType } from './column-type.ts';
import type { EntityDefinition } from './definition.ts';
import type { EntityExtract, Snapshot } from './manifest.ts';
import { entityColumns } from './pipeline.ts';
import type { TableVersion } from './publication.ts';
import {
  type SparkInput,
  type SparkPlan,
  type SparkStatement,
  sparkConf,
  sparkName,
  sparkText,
} from './spark-plan.ts';

/** One entity's way through the clean step. */
export interface CleanEntity {
  readonly entity: EntityDefinition;
  readonly extract: EntityExtract;
  readonly snapshot: Snapshot;
  /** What is published of it, null before the first publication. */
  readonly base: TableVersion | null;
  /** Fresh prefixes that end in `/`. */
  readonly cleanPath: string;
  readonly quarantinePath: string;
}

/**
 * Makes the plan of the clean step. For each entity: cast every CSV text by the contract's type, apply the
 * clean rules, derive columns, name what is wrong with a row, keep one row a key, and write
 * `clean/<entity>` (all keyed rows; a rejected one carries its reason in `_rejected` and is hidden from
 * models) and `quarantine/<entity>` (rejected rows as they came). The metric `<entity>` counts rows in, clean,
 * rejected and deduplicated, and lists the partitions that the rows touch.
 */
export function makeCleanPlan(
  runKey: string,
  entities: readonly CleanEntity[],
  resultUri: string,
): SparkPlan {
  const bytes = entities.reduce((sum, { extract }) => sum + extract.csvBytes / 4, 0);
  return {
    version: 1,
    step: 'clean',
    runKey,
    conf: sparkConf(bytes),
    inputs: entities.flatMap(cleanInputs),
    statements: entities.flatMap((each) => cleanStatements(each, runKey)),
    outputs: entities.flatMap(({ entity, cleanPath, quarantinePath }) => [
      {
        name: `clean/${entity.name}`,
        view: view('clean', entity),
        path: cleanPath,
        partitionBy: [],
        sums: Object.keys(entity.columns).filter((name) => entity.columns[name]!.measure),
      },
      {
        name: `quarantine/${entity.name}`,
        view: view('quarantine', entity),
        path: quarantinePath,
        partitionBy: [],
        sums: [],
      },
    ]),
    metrics: entities.map(({ entity, base, extract }) => ({
      name: entity.name,
      sql: cleanMetric(entity, base, extract),
    })),
    resultUri,
  };
}

/** Columns that the engine adds to cleaned rows. */
export const SYSTEM_COLUMNS = [
  { name: '_snapshot', type: 'STRING' },
  { name: '_run', type: 'STRING' },
  { name: '_rejected', type: 'STRING' },
  { name: '_partition', type: 'STRING' },
] as const;

/** Spark schema of cleaned rows. */
export function cleanSchema(entity: EntityDefinition): string {
  return [
    ...entityColumns(entity).map(({ name, type }) => `${sparkName(name)} ${sparkType(columnType(type))}`),
    ...SYSTEM_COLUMNS.map(({ name, type }) => `${sparkName(name)} ${type}`),
  ].join(', ');
}

/** A full read replaces what is published, so it touches every partition and needs no look-up of keys. */
function needsKeyLookup(
  entity: EntityDefinition,
  base: TableVersion | null,
  extract: EntityExtract,
): boolean {
  return base !== null && entity.partitionBy !== undefined && extract.read.mode !== 'full';
}

function view(stage: string, entity: EntityDefinition): string {
  return `__${stage}_${entity.name}`;
}

function cleanInputs({ entity, extract, base }: CleanEntity): SparkInput[] {
  const inputs: SparkInput[] = [
    {
      view: view('raw', entity),
      format: 'csv',
      paths: extract.parts.map((part) => part.uri),
      columns: extract.columns.map((column) => column.name),
    },
  ];
  if (base && needsKeyLookup(entity, base, extract)) {
    const keys = entity.key.map(
      (name) => `${sparkName(name)} ${sparkType(columnType(entity.columns[name]!.type))}`,
    );
    inputs.push({
      view: view('keys', entity),
      format: 'parquet',
      paths: base.partitions.flatMap((part) => part.files.map((file) => file.uri)),
      schema: [...keys, '`_partition` STRING'].join(', '),
    });
  }
  return inputs;
}

function cleanStatements({ entity, snapshot, extract }: CleanEntity, runKey: string): SparkStatement[] {
  const present = new Set(extract.columns.map((column) => column.name));
  const columns = Object.entries(entity.columns);
  const quoted = (names: readonly string[]) => names.map(sparkName).join(', ');
  const rawColumns = columns.map(([name]) => name).filter((name) => present.has(name));

  const typed = columns.map(([name, one]) => {
    if (!present.has(name)) return `CAST(NULL AS ${sparkType(columnType(one.type))}) AS ${sparkName(name)}`;
    return isText(columnType(one.type))
      ? sparkName(name)
      : `try_cast(${sparkName(name)} AS ${sparkType(columnType(one.type))}) AS ${sparkName(name)}`;
  });
  const malformed = columns
    .filter(([name, one]) => present.has(name) && !isText(columnType(one.type)))
    .map(([name, one]) => {
      const cast = `try_cast(${sparkName(name)} AS ${sparkType(columnType(one.type))})`;
      return `WHEN ${sparkName(name)} IS NOT NULL AND ${cast} IS NULL THEN ${sparkText(`${name}: not a valid ${one.type}`)}`;
    });
  const missing = columns
    .filter(([name, one]) => !one.nullable || entity.key.includes(name))
    .map(([name]) => `WHEN ${sparkName(name)} IS NULL THEN ${sparkText(`${name}: missing`)}`);
  const cleaned = columns.map(([name, one]) => {
    if (!one.clean) return sparkName(name);
    return `CAST((${one.clean}) AS ${sparkType(columnType(one.type))}) AS ${sparkName(name)}`;
  });
  const derived = Object.entries(entity.derive).map(
    ([name, one]) => `CAST((${one.sql}) AS ${sparkType(columnType(one.type))}) AS ${sparkName(name)}`,
  );
  const rules = entity.reject.map(({ reason, when }) => `WHEN (${when}) THEN ${sparkText(reason)}`);
  const firstOf = (cases: readonly string[]) =>
    cases.length > 0 ? `CASE ${cases.join(' ')} END` : 'CAST(NULL AS STRING)';
  const partition = entity.partitionBy
    ? `coalesce(CAST(${sparkName(entity.partitionBy)} AS STRING), 'unknown')`
    : "''";
  const all = entityColumns(entity).map(({ name }) => name);

  return [
    {
      view: view('typed', entity),
      sql: `SELECT ${typed.join(', ')}, ${firstOf(["WHEN `_corrupt_record` IS NOT NULL THEN 'malformed CSV record'", ...malformed, ...missing])} AS _malformed, to_json(struct(${quoted(rawColumns)})) AS _raw FROM ${view('raw', entity)}`,
    },
    {
      view: view('cleaned', entity),
      sql: `SELECT ${cleaned.join(', ')}, _malformed, _raw FROM ${view('typed', entity)}`,
    },
    {
      view: view('derived', entity),
      sql: `SELECT ${[quoted(columns.map(([name]) => name)), ...derived].join(', ')}, _malformed, _raw FROM ${view('cleaned', entity)}`,
    },
    {
      // Ties of a key are broken by the rows' own text, so that a repeated step keeps the same one.
      view: view('judged', entity),
      sql: `SELECT *, row_number() OVER (PARTITION BY ${quoted(entity.key)} ORDER BY _rejected IS NOT NULL, _raw) AS _nth FROM (SELECT ${quoted(all)}, coalesce(_malformed, ${firstOf(rules)}) AS _rejected, ${partition} AS _partition, _raw FROM ${view('derived', entity)})`,
      cache: true,
    },
    {
      view: view('clean', entity),
      sql: `SELECT ${quoted(all)}, ${sparkText(snapshot.order)} AS _snapshot, ${sparkText(runKey)} AS _run, _rejected, _partition FROM ${view('judged', entity)} WHERE _nth = 1 AND ${entity.key.map((name) => `${sparkName(name)} IS NOT NULL`).join(' AND ')}`,
    },
    {
      view: view('quarantine', entity),
      sql: `SELECT ${sparkText(entity.name)} AS entity, ${quoted(entity.key.slice())}, _rejected AS reason, _raw AS row, ${sparkText(runKey)} AS run, ${sparkText(snapshot.order)} AS snapshot FROM ${view('judged', entity)} WHERE _rejected IS NOT NULL`,
    },
  ];
}

function cleanMetric(entity: EntityDefinition, base: TableVersion | null, extract: EntityExtract): string {
  const keyed = entity.key.map((name) => `${sparkName(name)} IS NOT NULL`).join(' AND ');
  const lookup = needsKeyLookup(entity, base, extract)
    ? ` UNION SELECT k._partition FROM ${view('keys', entity)} k LEFT SEMI JOIN ${view('clean', entity)} c ON ${entity.key.map((name) => `k.${sparkName(name)} = c.${sparkName(name)}`).join(' AND ')}`
    : '';
  return [
    'SELECT count(*) AS rows_in',
    'count(CASE WHEN _rejected IS NULL AND _nth = 1 THEN 1 END) AS clean',
    'count(CASE WHEN _rejected IS NOT NULL THEN 1 END) AS rejected',
    'count(CASE WHEN _rejected IS NULL AND _nth > 1 THEN 1 END) AS deduplicated',
    `count(CASE WHEN _nth = 1 AND ${keyed} THEN 1 END) AS keyed`,
    `(SELECT to_json(sort_array(collect_set(_partition))) FROM (SELECT _partition FROM ${view('clean', entity)}${lookup})) AS partitions`,
    `(SELECT to_json(map_from_entries(collect_list(struct(_rejected, n)))) FROM (SELECT _rejected, count(*) AS n FROM ${view('judged', entity)} WHERE _rejected IS NOT NULL GROUP BY _rejected)) AS reasons FROM ${view('judged', entity)}`,
  ].join(', ');
}
