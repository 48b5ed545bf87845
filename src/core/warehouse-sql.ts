import { columnType, redshiftType } from './column-type.ts';
import type { Model } from './model.ts';
import { type Column, madeAnew, type NativeTables, planShape, type TableShape } from './native-shape.ts';
import { modelColumns } from './pipeline.ts';
import type { Publication, TableVersion } from './publication.ts';

/**
 * All SQL that the engine sends to Redshift, in one place. Analysts read `<pipeline>` (native tables) and
 * `<pipeline>_spectrum` (late-binding views over the lake); both are switched in one transaction.
 */
export interface WarehouseNames {
  /** Native tables, and the engine's own `tidemark_*` tables. */
  readonly native: string;
  /** Views that analysts use over the lake. */
  readonly spectrum: string;
  /** External schema of the Glue database; its tables carry a version in their names. */
  readonly lake: string;
  readonly glueDatabase: string;
}

export function warehouseNames(pipeline: string): WarehouseNames {
  return {
    native: pipeline,
    spectrum: `${pipeline}_spectrum`,
    lake: `${pipeline}_lake`,
    glueDatabase: `tidemark_${pipeline}`,
  };
}

/** Glue table that holds a model as of the publication that last changed it. */
export function versionedTable(table: string, sequence: number): string {
  return `${table}__p${String(sequence).padStart(6, '0')}`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Backslashes go through chr(): Redshift reads them as escapes in a literal, other engines do not. */
function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', "' || chr(92) || '")}'`;
  return text.includes('\\') ? `(${quoted})` : quoted;
}

function qualified(schema: string, table: string): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}

/** Statements that can be repeated at will and run one by one, since external DDL refuses a transaction. */
export function setupStatements(names: WarehouseNames, iamRole: string, models: readonly Model[]): string[] {
  return [
    `CREATE EXTERNAL SCHEMA IF NOT EXISTS ${quoteName(names.lake)} FROM DATA CATALOG DATABASE ${quoteText(names.glueDatabase)} IAM_ROLE ${quoteText(iamRole)}`,
    `CREATE SCHEMA IF NOT EXISTS ${quoteName(names.native)}`,
    `CREATE SCHEMA IF NOT EXISTS ${quoteName(names.spectrum)}`,
    `CREATE TABLE IF NOT EXISTS ${qualified(names.native, 'tidemark_ledger')} (sequence BIGINT NOT NULL, run_key VARCHAR(200) NOT NULL, run_kind VARCHAR(20) NOT NULL, published_at TIMESTAMP NOT NULL, loaded_at TIMESTAMP NOT NULL, decisions VARCHAR(65535), PRIMARY KEY (sequence)) DISTSTYLE ALL SORTKEY (sequence)`,
    `CREATE TABLE IF NOT EXISTS ${qualified(names.native, 'tidemark_loaded')} (table_name VARCHAR(200) NOT NULL, partition_value VARCHAR(400) NOT NULL, generation VARCHAR(200) NOT NULL, PRIMARY KEY (table_name, partition_value)) DISTSTYLE ALL SORTKEY (table_name)`,
    ...models.map((model) => createTable(names, model, modelColumns(model), true)),
  ];
}

function createTable(
  names: WarehouseNames,
  { name: table, head }: Model,
  columns: readonly Column[],
  isOptional: boolean,
): string {
  const columnTexts = columns.map(({ name, type }) => {
    const isNullable = (head.columns[name]?.nullable ?? true) && !head.key.includes(name);
    return `${quoteName(name)} ${redshiftType(columnType(type))}${isNullable ? '' : ' NOT NULL'}`;
  });
  const distribution =
    head.distribution === 'auto' || head.distribution === 'all' || head.distribution === 'even'
      ? `DISTSTYLE ${head.distribution.toUpperCase()}`
      : `DISTSTYLE KEY DISTKEY (${quoteName(head.distribution)})`;
  const sort = head.sort.length > 0 ? ` SORTKEY (${head.sort.map(quoteName).join(', ')})` : '';
  return `CREATE TABLE ${isOptional ? 'IF NOT EXISTS ' : ''}${qualified(names.native, table)} (${columnTexts.join(', ')}, PRIMARY KEY (${head.key.map(quoteName).join(', ')})) ${distribution}${sort}`;
}

export function loadedQuery(names: WarehouseNames): string {
  return `SELECT table_name, partition_value, generation FROM ${qualified(names.native, 'tidemark_loaded')}`;
}

export function ledgerQuery(names: WarehouseNames): string {
  return `SELECT max(sequence) FROM ${qualified(names.native, 'tidemark_ledger')}`;
}

/** What the warehouse says that it holds: generation by table and partition value. */
export type LoadedGenerations = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Partitions of a table that differ between warehouse and publication. */
export function staleParts(
  publication: Publication,
  table: string,
  loaded: LoadedGenerations,
): { refresh: string[]; drop: string[] } {
  const have = loaded.get(table) ?? new Map<string, string>();
  const want = new Map(publication.tables[table]!.partitions.map((part) => [part.value, part.generation]));
  return {
    refresh: [...want]
      .filter(([value, generation]) => have.get(value) !== generation)
      .map(([value]) => value),
    drop: lostParts(publication.tables[table]!, have),
  };
}

/** Columns of the native tables, in their order. */
export function columnsQuery(names: WarehouseNames): string {
  return `SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable FROM svv_columns WHERE table_schema = ${quoteText(names.native)} ORDER BY table_name, ordinal_position`;
}

/** Adds an evolved column of an entity to the native table of each model that carries it. */
export function addColumnStatements(
  names: WarehouseNames,
  models: readonly Model[],
  entity: string,
  column: Column,
): string[] {
  return models
    .filter(({ head }) => head.evolve === entity && !(column.name in head.columns))
    .map((model) => addColumn(names, model.name, column));
}

function addColumn(names: WarehouseNames, table: string, { name, type }: Column): string {
  return `ALTER TABLE ${qualified(names.native, table)} ADD COLUMN ${quoteName(name)} ${redshiftType(columnType(type))}`;
}

/** What Redshift's Data API takes in one transaction. */
const MAX_STATEMENTS = 40;

/**
 * One transaction that brings the native tables and the views to a publication: lock, guard against a newer
 * one, bring the tables' columns along, replace the differing partitions, switch the views, write the ledger row.
 * Repeating it is harmless.
 */
export function loadStatements(
  names: WarehouseNames,
  publication: Publication,
  models: readonly Model[],
  loaded: LoadedGenerations,
  native: NativeTables = new Map(),
): string[] {
  const published = models.filter((model) => publication.tables[model.name]);
  const columnsOf = (model: Model) => publication.tables[model.name]!.columns;
  const shapes = new Map(
    published.map((model) => [model.name, planShape(model, columnsOf(model), native.get(model.name) ?? [])]),
  );
  const statements = loadWith(names, publication, published, loaded, shapes);
  if (statements.length <= MAX_STATEMENTS) return statements;
  // Too many columns at once: the tables that get any are made anew, which takes one statement a table.
  for (const model of published) {
    if (shapes.get(model.name)!.add.length > 0) shapes.set(model.name, madeAnew(columnsOf(model)));
  }
  return loadWith(names, publication, published, loaded, shapes);
}

function loadWith(
  names: WarehouseNames,
  publication: Publication,
  models: readonly Model[],
  loaded: LoadedGenerations,
  shapes: ReadonlyMap<string, TableShape>,
): string[] {
  const ledger = qualified(names.native, 'tidemark_ledger');
  const statements = [
    `LOCK ${ledger}`,
    // Two syncs may race; the one that holds an older publication has to fail, whatever it read before.
    `SELECT CAST(CASE WHEN (SELECT max(sequence) FROM ${ledger}) > ${publication.sequence} THEN 'a newer publication is loaded' ELSE '0' END AS INT)`,
  ];
  const dropped = models.filter((model) => shapes.get(model.name)!.isNew);
  const reshaped = models.filter((model) => shapes.get(model.name)!.hasChanged);
  // A view is replaced only by one with the same columns.
  if (reshaped.length > 0)
    statements.push(
      `DROP VIEW IF EXISTS ${reshaped.map((model) => qualified(names.spectrum, model.name)).join(', ')}`,
    );
  if (dropped.length > 0)
    statements.push(
      `DROP TABLE IF EXISTS ${dropped.map((model) => qualified(names.native, model.name)).join(', ')}`,
    );
  const replaced: { table: string; value: string; generation: string | null }[] = [];
  for (const model of models) {
    const version = publication.tables[model.name]!;
    const shape = shapes.get(model.name)!;
    const target = qualified(names.native, model.name);
    const source = qualified(names.lake, versionedTable(model.name, version.sequence));
    const columns = shape.columns.map(({ name }) => quoteName(name)).join(', ');
    if (shape.isNew) statements.push(createTable(names, model, shape.columns, false));
    statements.push(...shape.add.map((column) => addColumn(names, model.name, column)));
    const have = loaded.get(model.name);
    const { refresh, drop } = shape.isNew
      ? { refresh: version.partitions.map((part) => part.value), drop: lostParts(version, have) }
      : staleParts(publication, model.name, loaded);
    const by = version.partitionBy;
    if (!shape.isNew && refresh.length + drop.length > 0) {
      statements.push(
        by
          ? `DELETE FROM ${target} WHERE ${quoteName(by)} IN (${[...refresh, ...drop].map(quoteText).join(', ')})`
          : `DELETE FROM ${target}`,
      );
    }
    if (refresh.length > 0) {
      const where =
        by && !shape.isNew ? ` WHERE ${quoteName(by)} IN (${refresh.map(quoteText).join(', ')})` : '';
      statements.push(`INSERT INTO ${target} (${columns}) SELECT ${columns} FROM ${source}${where}`);
    }
    const generations = new Map(version.partitions.map((part) => [part.value, part.generation]));
    for (const value of [...refresh, ...drop])
      replaced.push({ table: model.name, value, generation: generations.get(value) ?? null });
    statements.push(
      `CREATE OR REPLACE VIEW ${qualified(names.spectrum, model.name)} AS SELECT ${columns} FROM ${source} WITH NO SCHEMA BINDING`,
    );
  }
  return [...statements, ...loadedStatements(names, replaced), ledgerStatement(names, publication)];
}

/** Partitions that the warehouse holds and the publication no longer has. */
function lostParts(version: TableVersion, have: ReadonlyMap<string, string> | undefined): string[] {
  const wanted = new Set(version.partitions.map((part) => part.value));
  return [...(have?.keys() ?? [])].filter((value) => !wanted.has(value));
}

function loadedStatements(
  names: WarehouseNames,
  replaced: readonly { table: string; value: string; generation: string | null }[],
): string[] {
  if (replaced.length === 0) return [];
  const loaded = qualified(names.native, 'tidemark_loaded');
  const gone = replaced.map(
    ({ table, value }) => `(table_name = ${quoteText(table)} AND partition_value = ${quoteText(value)})`,
  );
  const rows = replaced
    .filter((each) => each.generation !== null)
    .map(
      ({ table, value, generation }) =>
        `(${quoteText(table)}, ${quoteText(value)}, ${quoteText(generation!)})`,
    );
  return [
    `DELETE FROM ${loaded} WHERE ${gone.join(' OR ')}`,
    ...(rows.length > 0
      ? [`INSERT INTO ${loaded} (table_name, partition_value, generation) VALUES ${rows.join(', ')}`]
      : []),
  ];
}

/** Redshift's longest VARCHAR is 65,535 bytes; the publication keeps what does not fit. */
function ledgerDecisions({ decisions }: Publication): string {
  const short = decisions.map(({ waiver, ...each }) =>
    waiver ? { ...each, waiver: { until: waiver.until, checkCount: waiver.checks.length } } : each,
  );
  let kept = short.length;
  while (kept > 0 && JSON.stringify(short.slice(0, kept)).length > 16_000) kept--;
  return JSON.stringify(short.slice(0, kept));
}

function ledgerStatement(names: WarehouseNames, publication: Publication): string {
  const decisions = ledgerDecisions(publication);
  const at = publication.publishedAt.replace('T', ' ').replace('Z', '');
  const values = [
    publication.sequence,
    quoteText(publication.runKey),
    quoteText(publication.runKind),
    quoteText(at),
    'GETDATE()',
    quoteText(decisions),
  ];
  const ledger = qualified(names.native, 'tidemark_ledger');
  return `INSERT INTO ${ledger} (sequence, run_key, run_kind, published_at, loaded_at, decisions) SELECT ${values.join(', ')} WHERE NOT EXISTS (SELECT 1 FROM ${ledger} WHERE sequence = ${publication.sequence})`;
}

/** Row count and sums of measures of a table, for reconciliation; sums come as text. */
export function totalsQuery(schema: string, table: string, measures: readonly string[]): string {
  const sums = measures.map((name) => `CAST(sum(${quoteName(name)}) AS VARCHAR(64)) AS ${quoteName(name)}`);
  return `SELECT ${['count(*) AS row_count', ...sums].join(', ')} FROM ${qualified(schema, table)}`;
}
