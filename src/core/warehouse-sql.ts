import { columnType, redshiftType } from './column-type.ts';
import type { Model } from './model.ts';
import { modelColumns } from './pipeline.ts';
import type { Publication } from './publication.ts';

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
    ...models.map((model) => createTable(names, model)),
  ];
}

function createTable(names: WarehouseNames, model: Model): string {
  const { head } = model;
  const columns = modelColumns(model).map(({ name, type }) => {
    const nullable = head.columns[name]!.nullable && !head.key.includes(name);
    return `${quoteName(name)} ${redshiftType(columnType(type))}${nullable ? '' : ' NOT NULL'}`;
  });
  const distribution =
    head.distribution === 'auto' || head.distribution === 'all' || head.distribution === 'even'
      ? `DISTSTYLE ${head.distribution.toUpperCase()}`
      : `DISTSTYLE KEY DISTKEY (${quoteName(head.distribution)})`;
  const sort = head.sort.length > 0 ? ` SORTKEY (${head.sort.map(quoteName).join(', ')})` : '';
  return `CREATE TABLE IF NOT EXISTS ${qualified(names.native, model.name)} (${columns.join(', ')}, PRIMARY KEY (${head.key.map(quoteName).join(', ')})) ${distribution}${sort}`;
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
    drop: [...have.keys()].filter((value) => !want.has(value)),
  };
}

/**
 * One transaction that brings the native tables and the views to a publication: lock, guard against a newer
 * one, replace the differing partitions, switch the views, write the ledger row. Repeating it is harmless.
 */
export function loadStatements(
  names: WarehouseNames,
  publication: Publication,
  models: readonly Model[],
  loaded: LoadedGenerations,
): string[] {
  const ledger = qualified(names.native, 'tidemark_ledger');
  const published = models.filter((model) => publication.tables[model.name]);
  const statements = [
    `LOCK ${ledger}`,
    // Two syncs may race; the one that holds an older publication has to fail, whatever it read before.
    `SELECT CAST(CASE WHEN (SELECT max(sequence) FROM ${ledger}) > ${publication.sequence} THEN 'a newer publication is loaded' ELSE '0' END AS INT)`,
  ];
  const replaced: { table: string; value: string; generation: string | null }[] = [];
  for (const model of published) {
    const version = publication.tables[model.name]!;
    const target = qualified(names.native, model.name);
    const source = qualified(names.lake, versionedTable(model.name, version.sequence));
    const columns = modelColumns(model)
      .map(({ name }) => quoteName(name))
      .join(', ');
    const { refresh, drop } = staleParts(publication, model.name, loaded);
    const by = version.partitionBy;
    if (refresh.length + drop.length > 0) {
      statements.push(
        by
          ? `DELETE FROM ${target} WHERE ${quoteName(by)} IN (${[...refresh, ...drop].map(quoteText).join(', ')})`
          : `DELETE FROM ${target}`,
      );
      if (refresh.length > 0) {
        const where = by ? ` WHERE ${quoteName(by)} IN (${refresh.map(quoteText).join(', ')})` : '';
        statements.push(`INSERT INTO ${target} (${columns}) SELECT ${columns} FROM ${source}${where}`);
      }
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
  let kept = decisions.length;
  while (kept > 0 && JSON.stringify(decisions.slice(0, kept)).length > 16_000) kept--;
  return JSON.stringify(decisions.slice(0, kept));
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
