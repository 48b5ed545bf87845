import { type CleanEntity, deletingReads, type RawGroup, rawGroups, view } from './clean-reads.ts';
import { columnType, isText, sparkType } from './column-type.ts';
import type { EntityDefinition } from './definition.ts';
import { entityColumns } from './pipeline.ts';
import { sparkHash } from './row-hash.ts';
import {
  type SparkInput,
  type SparkPlan,
  type SparkStatement,
  sparkConf,
  sparkName,
  sparkText,
} from './spark-plan.ts';
import { readPrinted, tooLongBranch } from './spark-reading.ts';
import { tombstoneInputs, tombstoneStatements } from './tombstones.ts';

/**
 * Makes the plan of the clean step. For each entity: cast every CSV text by the contract's type, apply the
 * clean rules, derive columns, name what is wrong with a row, keep the newest row of a key, and write
 * `clean/<entity>` (all keyed rows; a rejected one carries its reason in `_rejected` and is hidden from
 * models; a tombstone for each row that the source no longer has) and `quarantine/<entity>` (rejected rows as they
 * came). The metric `<entity>` counts rows in, clean, rejected, deduplicated and deleted, and lists the partitions
 * that the rows touch.
 */
export function makeCleanPlan(
  runKey: string,
  entities: readonly CleanEntity[],
  resultUri: string,
): SparkPlan {
  const reads = entities.flatMap((each) => each.reads);
  const bytes = reads.reduce((sum, { extract }) => sum + extract.csvBytes / 4, 0);
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
    metrics: entities.map((each) => ({ name: each.entity.name, sql: cleanMetric(each) })),
    resultUri,
  };
}

/** Columns that the engine adds to cleaned rows. */
export const SYSTEM_COLUMNS = [
  { name: '_snapshot', type: 'STRING' },
  { name: '_run', type: 'STRING' },
  { name: '_rejected', type: 'STRING' },
  { name: '_partition', type: 'STRING' },
  /** Hash of the source key, and of the whole source row; see row-hash. Files of older versions lack them. */
  { name: '_key', type: 'BIGINT' },
  { name: '_hash', type: 'BIGINT' },
  /** `soft`: marked at the source; `gone`: no longer at the source; NULL: live. */
  { name: '_deleted', type: 'STRING' },
] as const;

/** Spark schema of cleaned rows. */
export function cleanSchema(entity: EntityDefinition): string {
  return [
    ...entityColumns(entity).map(({ name, type }) => `${sparkName(name)} ${sparkType(columnType(type))}`),
    ...SYSTEM_COLUMNS.map(({ name, type }) => `${sparkName(name)} ${type}`),
  ].join(', ');
}

/** A full read replaces what is published, so it touches every partition and needs no look-up of keys. */
function needsKeyLookup({ entity, base, reads }: CleanEntity): boolean {
  const isFull = reads.some(({ extract }) => extract.read.mode === 'full');
  return base !== null && entity.partitionBy !== undefined && !isFull;
}

function cleanInputs(item: CleanEntity): SparkInput[] {
  const { entity, base } = item;
  const inputs: SparkInput[] = rawGroups(item).map((group) => ({
    view: group.view,
    format: 'csv',
    paths: group.parts.map((part) => part.uri),
    columns: group.columns,
  }));
  const schema = (names: readonly string[]) =>
    names.map((name) => `${sparkName(name)} ${sparkType(columnType(entity.columns[name]!.type))}`);
  const paths = base?.partitions.flatMap((part) => part.files.map((file) => file.uri)) ?? [];
  if (needsKeyLookup(item))
    inputs.push({
      view: view('keys', entity),
      format: 'parquet',
      paths,
      schema: [...schema(entity.key), '`_partition` STRING'].join(', '),
    });
  return [...inputs, ...tombstoneInputs(item)];
}

function cleanStatements(item: CleanEntity, runKey: string): SparkStatement[] {
  const { entity } = item;
  const groups = rawGroups(item);
  // Chunks of a backfill are read within days of each other: a column that one of them lacks is NULL in it.
  const present = new Set(groups.flatMap((group) => group.columns));
  const columns = Object.entries(entity.columns);
  const quoted = (names: readonly string[]) => names.map(sparkName).join(', ');
  const rawColumns = columns.map(([name]) => name).filter((name) => present.has(name));

  // Read below the columns that use it, so that Spark does it once a value.
  const read = (name: string) => sparkName(`__${name}`);
  const readings = columns
    .filter(([name, one]) => present.has(name) && !isText(columnType(one.type)))
    .map(([name, one]) => `, ${readPrinted(name, columnType(one.type))} AS ${read(name)}`);
  const typed = columns.map(([name, one]) => {
    if (!present.has(name)) return `CAST(NULL AS ${sparkType(columnType(one.type))}) AS ${sparkName(name)}`;
    return `${isText(columnType(one.type)) ? sparkName(name) : read(name)} AS ${sparkName(name)}`;
  });
  const malformed = columns
    .filter(([name, one]) => present.has(name) && !isText(columnType(one.type)))
    .map(
      ([name, one]) =>
        `WHEN ${sparkName(name)} IS NOT NULL AND ${read(name)} IS NULL THEN ${sparkText(`${name}: not a valid ${one.type}`)}`,
    );
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
  const tooLong = entityColumns(entity).flatMap(
    ({ name, type }) => tooLongBranch(name, columnType(type)) ?? [],
  );
  const rules = entity.reject.map(({ reason, when }) => `WHEN (${when}) THEN ${sparkText(reason)}`);
  const firstOf = (cases: readonly string[]) =>
    cases.length > 0 ? `CASE ${cases.join(' ')} END` : 'CAST(NULL AS STRING)';
  const partition = entity.partitionBy
    ? `coalesce(CAST(${sparkName(entity.partitionBy)} AS STRING), 'unknown')`
    : "''";
  const all = entityColumns(entity).map(({ name }) => name);
  const system = '_malformed, _raw, _order, _key, _hash, _deleted';
  const rawRows = groups.map((group) => {
    const names = rawColumns.map((name) =>
      group.columns.includes(name) ? sparkName(name) : `CAST(NULL AS STRING) AS ${sparkName(name)}`,
    );
    const hashes = `${sparkHash(entity.key)} AS _key, ${sparkHash(group.columns)} AS _hash`;
    return `SELECT ${names.join(', ')}, _corrupt_record, _order, ${hashes} FROM ${orderedRows(group)}`;
  });
  const isDeleting = deletingReads(item).length > 0;
  const kept = isDeleting ? view('kept', entity) : view('clean', entity);

  return [
    {
      view: view('typed', entity),
      sql: `SELECT ${typed.join(', ')}, ${firstOf(["WHEN `_corrupt_record` IS NOT NULL THEN 'malformed CSV record'", ...malformed, ...missing])} AS _malformed, to_json(struct(${quoted(rawColumns)})) AS _raw, _order, _key, _hash, ${softDeleted(entity, present)} AS _deleted FROM (SELECT *${readings.join('')} FROM (${rawRows.join(' UNION ALL ')}))`,
    },
    {
      view: view('cleaned', entity),
      sql: `SELECT ${cleaned.join(', ')}, ${system} FROM ${view('typed', entity)}`,
    },
    {
      view: view('derived', entity),
      sql: `SELECT ${[quoted(columns.map(([name]) => name)), ...derived].join(', ')}, ${system} FROM ${view('cleaned', entity)}`,
    },
    {
      // A resumed extract may bring a row twice; the newest counts. Ties of a key are broken by the rows' own text, so
      // that a repeated step keeps the same one.
      view: view('judged', entity),
      sql: `SELECT *, row_number() OVER (PARTITION BY ${quoted(entity.key)} ORDER BY _order DESC, _rejected IS NOT NULL, _raw) AS _nth FROM (SELECT ${quoted(all)}, coalesce(_malformed, ${firstOf([...tooLong, ...rules])}) AS _rejected, ${partition} AS _partition, _raw, _order, _key, _hash, _deleted FROM ${view('derived', entity)})`,
      cache: true,
    },
    {
      view: kept,
      sql: `SELECT ${quoted(all)}, _order AS _snapshot, ${sparkText(runKey)} AS _run, _rejected, _partition, _key, _hash, _deleted FROM ${view('judged', entity)} WHERE _nth = 1 AND ${entity.key.map((name) => `${sparkName(name)} IS NOT NULL`).join(' AND ')}`,
    },
    ...(isDeleting ? tombstoneStatements(item, runKey) : []),
    {
      view: view('quarantine', entity),
      sql: `SELECT ${sparkText(entity.name)} AS entity, ${quoted(entity.key.slice())}, _rejected AS reason, _raw AS row, ${sparkText(runKey)} AS run, _order AS snapshot FROM ${view('judged', entity)} WHERE _rejected IS NOT NULL`,
    },
  ];
}

/** Rows of a group with the order of the snapshot of each, by the name of its file. */
function orderedRows({ view: rows, parts }: RawGroup): string {
  const orders = [...new Set(parts.map((part) => part.order))];
  if (orders.length < 2) return `(SELECT *, ${sparkText(orders[0] ?? '')} AS _order FROM ${rows})`;
  const files = parts.map(({ uri, order }) => `(${sparkText(fileName(uri))}, ${sparkText(order)})`);
  // Rows of a file that none of them names would be missed by the step's balance.
  return `(SELECT r.*, f._order FROM (SELECT *, regexp_extract(input_file_name(), '[^/]+/[^/]+/[^/]+$', 0) AS _file FROM ${rows}) r JOIN (VALUES ${files.join(', ')}) AS f(_file, _order) ON r._file = f._file)`;
}

/** The end of a URI that tells parts apart: generation, token and number. */
function fileName(uri: string): string {
  return uri.split('/').slice(-3).join('/');
}

/** Whether the source marks the row as deleted: true, or any value of a column that is no boolean. */
function softDeleted({ deletes, columns }: EntityDefinition, present: ReadonlySet<string>): string {
  if (deletes.mode !== 'soft' || !present.has(deletes.column)) return 'CAST(NULL AS STRING)';
  const column = sparkName(deletes.column);
  const isBoolean = columnType(columns[deletes.column]!.type).name === 'boolean';
  return `CASE WHEN ${isBoolean ? `try_cast(${column} AS BOOLEAN)` : `${column} IS NOT NULL`} THEN 'soft' END`;
}

function cleanMetric(item: CleanEntity): string {
  const { entity } = item;
  const keyed = entity.key.map((name) => `${sparkName(name)} IS NOT NULL`).join(' AND ');
  const lookup = needsKeyLookup(item)
    ? ` UNION SELECT k._partition FROM ${view('keys', entity)} k LEFT SEMI JOIN ${view('clean', entity)} c ON ${entity.key.map((name) => `k.${sparkName(name)} = c.${sparkName(name)}`).join(' AND ')}`
    : '';
  const deleted = deletingReads(item).length > 0 ? `(SELECT count(*) FROM ${view('gone', entity)})` : '0';
  return [
    'SELECT count(*) AS rows_in',
    'count(CASE WHEN _rejected IS NULL AND _nth = 1 THEN 1 END) AS clean',
    'count(CASE WHEN _rejected IS NOT NULL THEN 1 END) AS rejected',
    'count(CASE WHEN _rejected IS NULL AND _nth > 1 THEN 1 END) AS deduplicated',
    `count(CASE WHEN _nth = 1 AND ${keyed} THEN 1 END) AS keyed`,
    `${deleted} AS deleted`,
    `(SELECT to_json(sort_array(collect_set(_partition))) FROM (SELECT _partition FROM ${view('clean', entity)}${lookup})) AS partitions`,
    `(SELECT to_json(map_from_entries(collect_list(struct(_rejected, n)))) FROM (SELECT _rejected, count(*) AS n FROM ${view('judged', entity)} WHERE _rejected IS NOT NULL GROUP BY _rejected)) AS reasons FROM ${view('judged', entity)}`,
  ].join(', ');
}
