import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { ColumnInfo } from './column-info.ts';
import { noRelation, RedshiftError } from './errors.ts';
import { isTemporary, type Session } from './session.ts';
import { displayName, type QualifiedName } from './sql/cursor.ts';
import { quoteName } from './sql/tokens.ts';
import { catalogName } from './warehouse.ts';

/** A view or materialized view. */
export interface ViewInfo {
  isMaterialized: boolean;
  isLateBinding: boolean;
  /** The query as written. */
  definition: string;
  columnNames: string[] | null;
  /** Relations that a bound view needs, as `schema.name`. */
  dependsOn: string[];
}

/** What CREATE EXTERNAL SCHEMA noted. */
export interface ExternalSchema {
  name: string;
  glueDatabase: string;
}

type Row = Record<string, DuckDBValue>;

/** Rows of a query as objects. */
export async function queryRows(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<Row[]> {
  const reader = await connection.runAndReadAll(sql, values);
  return reader.getRowObjects();
}

/** A name's schema, with the default where none was given. */
export function schemaOf({ schema }: QualifiedName): string {
  return schema ?? 'public';
}

/** How the engine finds a table of this name. */
export function engineName(session: Session, name: QualifiedName): string {
  if (isTemporary(session, name)) return `temp.main.${quoteName(name.name)}`;
  return [catalogName(session.database), schemaOf(name), name.name].map(quoteName).join('.');
}

export async function schemaExists({ connection, database }: Session, schema: string): Promise<boolean> {
  const rows = await queryRows(
    connection,
    'SELECT 1 FROM duckdb_schemas() WHERE database_name = $1 AND schema_name = $2',
    [catalogName(database), schema],
  );
  return rows.length > 0 && schema !== 'stand_in' && schema !== 'main';
}

export async function tableExists(session: Session, name: QualifiedName): Promise<boolean> {
  if (isTemporary(session, name)) return true;
  const rows = await queryRows(
    session.connection,
    'SELECT 1 FROM duckdb_tables() WHERE database_name = $1 AND schema_name = $2 AND table_name = $3',
    [catalogName(session.database), schemaOf(name), name.name],
  );
  return rows.length > 0 && schemaOf(name) !== 'stand_in';
}

export async function findView(session: Session, name: QualifiedName): Promise<ViewInfo | undefined> {
  const [row] = await queryRows(
    session.connection,
    `SELECT * FROM stand_in.views WHERE schema_name = $1 AND view_name = $2 ORDER BY rowid DESC LIMIT 1`,
    [schemaOf(name), name.name],
  );
  if (row === undefined) return undefined;
  return {
    isMaterialized: row.is_materialized === true,
    isLateBinding: row.is_late_binding === true,
    definition: String(row.definition),
    columnNames: row.column_names === null ? null : (JSON.parse(String(row.column_names)) as string[]),
    dependsOn: JSON.parse(String(row.depends_on)) as string[],
  };
}

export async function saveView(session: Session, name: QualifiedName, view: ViewInfo): Promise<void> {
  await removeView(session, name);
  await session.connection.run('INSERT INTO stand_in.views VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    schemaOf(name),
    name.name,
    view.isMaterialized,
    view.isLateBinding,
    view.definition,
    view.columnNames === null ? null : JSON.stringify(view.columnNames),
    JSON.stringify(view.dependsOn),
  ]);
}

export async function removeView(session: Session, name: QualifiedName): Promise<void> {
  await session.connection.run('DELETE FROM stand_in.views WHERE schema_name = $1 AND view_name = $2', [
    schemaOf(name),
    name.name,
  ]);
}

/** Bound and materialized views that need this relation. */
export async function dependentViews(session: Session, name: QualifiedName): Promise<QualifiedName[]> {
  const rows = await queryRows(
    session.connection,
    `SELECT schema_name, view_name FROM stand_in.views WHERE list_contains(from_json(depends_on, '["VARCHAR"]'), $1)`,
    [displayName({ schema: schemaOf(name), name: name.name })],
  );
  return rows.map((row) => ({ schema: String(row.schema_name), name: String(row.view_name) }));
}

export async function findExternalSchema(
  session: Session,
  schema: string,
): Promise<ExternalSchema | undefined> {
  return (await externalSchemas(session)).find((one) => one.name === schema);
}

export async function externalSchemas({ connection }: Session): Promise<ExternalSchema[]> {
  const rows = await queryRows(connection, 'SELECT * FROM stand_in.external_schemas ORDER BY schema_name');
  return rows.map((row) => ({ name: String(row.schema_name), glueDatabase: String(row.glue_database) }));
}

/** Declared columns of a table, in order; `relation ... does not exist` when there is no such table. */
export async function requireColumns(session: Session, name: QualifiedName): Promise<ColumnInfo[]> {
  if (isTemporary(session, name)) return session.temporary.get(name.name) ?? [];
  const rows = await queryRows(
    session.connection,
    'SELECT * FROM stand_in.columns WHERE schema_name = $1 AND table_name = $2 ORDER BY position',
    [schemaOf(name), name.name],
  );
  if (rows.length === 0) throw noRelation(displayName(name));
  return rows.map((row) => ({
    name: String(row.column_name),
    type: String(row.type),
    maxBytes: row.max_bytes === null ? null : Number(row.max_bytes),
    isFixedLength: row.is_fixed_length === true,
    isNullable: row.is_nullable === true,
    defaultText: row.default_text === null ? null : String(row.default_text),
    identity: row.identity as ColumnInfo['identity'],
    sequence: row.sequence === null ? null : String(row.sequence),
    encoding: row.encoding === null ? null : String(row.encoding),
    isDistKey: row.is_distkey === true,
    sortKey: Number(row.sortkey),
  }));
}

/** Notes the columns of a table, in place of what was known of it. */
export async function saveColumns(
  session: Session,
  name: QualifiedName,
  columns: ColumnInfo[],
): Promise<void> {
  await removeColumns(session, name);
  for (const [index, column] of columns.entries()) {
    await session.connection.run(
      'INSERT INTO stand_in.columns VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
      [
        schemaOf(name),
        name.name,
        column.name,
        index + 1,
        column.type,
        column.maxBytes,
        column.isFixedLength,
        column.isNullable,
        column.defaultText,
        column.identity,
        column.sequence,
        column.encoding,
        column.isDistKey,
        column.sortKey,
      ],
    );
  }
}

export async function removeColumns(session: Session, name: QualifiedName): Promise<void> {
  await session.connection.run('DELETE FROM stand_in.columns WHERE schema_name = $1 AND table_name = $2', [
    schemaOf(name),
    name.name,
  ]);
}

/** Refuses writing to what is no native table. */
export async function requireWritable(session: Session, name: QualifiedName): Promise<ColumnInfo[]> {
  if (isTemporary(session, name)) return session.temporary.get(name.name) ?? [];
  const view = await findView(session, name);
  if (view?.isMaterialized === true) {
    throw new RedshiftError(`cannot change the materialized view "${displayName(name)}"; use REFRESH`);
  }
  if (view !== undefined) throw new RedshiftError(`cannot change the view "${displayName(name)}"`);
  if ((await findExternalSchema(session, schemaOf(name))) !== undefined) {
    throw new RedshiftError(`cannot change the external table "${displayName(name)}"`);
  }
  if (!(await tableExists(session, name))) throw noRelation(displayName(name));
  return requireColumns(session, name);
}
