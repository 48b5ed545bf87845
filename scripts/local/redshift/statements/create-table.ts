import { randomUUID } from 'node:crypto';
import { engineName, requireColumns, saveColumns, schemaExists, schemaOf } from '../catalog.ts';
import type { ColumnInfo } from '../column-info.ts';
import { noRelation, RedshiftError } from '../errors.ts';
import { relationKind, translate, translateExpression } from '../relations.ts';
import { claimTable, done, isTemporary, type Session, type StatementOutcome } from '../session.ts';
import { type Cursor, displayName, type QualifiedName } from '../sql/cursor.ts';
import { columnNames } from '../sql/query.ts';
import { quoteLiteral, quoteName } from '../sql/tokens.ts';
import { isWord, type Node } from '../sql/tree.ts';
import { describeQuery } from './describe-query.ts';
import {
  applyAttributes,
  type ColumnDefinition,
  readTableAttributes,
  readTableDefinition,
  type TableAttributes,
} from './table-definition.ts';

/** CREATE [TEMP] TABLE with columns, with LIKE, or AS a query; the cursor stands behind TABLE. */
export async function createTable(
  session: Session,
  cursor: Cursor,
  isTemp: boolean,
): Promise<StatementOutcome> {
  const ifNotExists = cursor.take('if', 'not', 'exists');
  const name = cursor.qualifiedName();
  if (isTemp && name.schema !== undefined) {
    throw new RedshiftError('cannot create temporary relation in non-temporary schema');
  }
  if (await isTaken(session, name, isTemp, ifNotExists)) return done;
  const group = isWord(cursor.peek(), 'as') ? undefined : cursor.takeGroup();
  const attributes = readTableAttributes(cursor);
  if (cursor.take('as')) {
    const given = group === undefined ? undefined : columnNames(group.items);
    return createTableAs(session, name, isTemp, cursor.rest(), given, attributes);
  }
  if (group === undefined) throw cursor.unexpected();
  cursor.expectEnd();
  const definition = readTableDefinition(group.items);
  for (const reference of definition.references) {
    const itself = displayName(reference) === displayName(name);
    if (!itself && (await relationKind(session, reference)) !== 'table')
      throw noRelation(displayName(reference));
  }
  if (definition.like !== undefined) {
    const { table, withDefaults } = definition.like;
    definition.columns.unshift(...(await likeColumns(session, table, withDefaults)));
  }
  const columns = definition.columns.map(({ column }) => column);
  const repeated = columns.find(
    (column, index) => columns.findIndex((one) => one.name === column.name) !== index,
  );
  if (repeated !== undefined) throw new RedshiftError(`column "${repeated.name}" duplicated`);
  applyAttributes(columns, attributes);
  await create(session, name, isTemp, definition.columns);
  return done;
}

/** Creates the schema-qualified table of a query's rows; also the store of a materialized view. */
export async function createTableAs(
  session: Session,
  name: QualifiedName,
  isTemp: boolean,
  query: readonly Node[],
  given: readonly string[] | undefined,
  attributes: TableAttributes,
): Promise<StatementOutcome> {
  const sql = await translate(session, query);
  const described = await describeQuery(session, sql);
  if (given !== undefined && given.length !== described.length) {
    throw new RedshiftError('CREATE TABLE AS specifies a different number of column names');
  }
  const columns = described.map((column, index) => ({ ...column, name: given?.[index] ?? column.name }));
  applyAttributes(columns, attributes);
  const list = columns.map((column) => quoteName(column.name)).join(', ');
  const target = isTemp ? `temp.main.${quoteName(name.name)}` : engineName(session, name);
  const reader = await session.connection.runAndReadAll(
    `CREATE ${isTemp ? 'TEMP ' : ''}TABLE ${target} AS SELECT * FROM (${sql}) AS source(${list})`,
  );
  await remember(session, name, isTemp, columns);
  return { affected: Number(reader.getRows()[0]?.[0] ?? 0) };
}

async function isTaken(
  session: Session,
  name: QualifiedName,
  isTemp: boolean,
  ifNotExists: boolean,
): Promise<boolean> {
  if (isTemp) {
    session.transaction.takeSnapshot();
    if (!isTemporary(session, name)) return false;
    if (ifNotExists) return true;
    throw new RedshiftError(`Relation "${name.name}" already exists`);
  }
  await claimTable(session, name);
  if (!(await schemaExists(session, schemaOf(name)))) {
    throw new RedshiftError(`schema "${schemaOf(name)}" does not exist`);
  }
  if ((await relationKind(session, name)) === undefined) return false;
  if (ifNotExists) return true;
  throw new RedshiftError(`Relation "${name.name}" already exists`);
}

async function likeColumns(
  session: Session,
  table: QualifiedName,
  withDefaults: boolean,
): Promise<ColumnDefinition[]> {
  const columns = await requireColumns(session, table);
  const types = await engineTypes(session, table);
  return columns.map((column) => ({
    column: {
      ...column,
      isNullable: column.isNullable || column.identity !== null,
      identity: null,
      sequence: null,
      defaultText: withDefaults ? column.defaultText : null,
    },
    type: { display: column.type, duckdb: types.get(column.name) ?? 'VARCHAR', short: '' },
    defaultNodes: undefined,
    identity: undefined,
  }));
}

async function engineTypes(session: Session, table: QualifiedName): Promise<Map<string, string>> {
  const reader = await session.connection.runAndReadAll(`DESCRIBE ${engineName(session, table)}`);
  return new Map(reader.getRowObjects().map((row) => [String(row.column_name), String(row.column_type)]));
}

async function create(
  session: Session,
  name: QualifiedName,
  isTemp: boolean,
  definitions: readonly ColumnDefinition[],
): Promise<void> {
  const parts: string[] = [];
  for (const definition of definitions) parts.push(await columnSql(session, definition));
  const target = isTemp ? `temp.main.${quoteName(name.name)}` : engineName(session, name);
  await session.connection.run(`CREATE ${isTemp ? 'TEMP ' : ''}TABLE ${target} (${parts.join(', ')})`);
  await remember(
    session,
    name,
    isTemp,
    definitions.map(({ column }) => column),
  );
}

/** A column for the engine; makes the sequence of an identity column. Defaults are checked against the type now. */
async function columnSql(session: Session, definition: ColumnDefinition): Promise<string> {
  const { column, type, defaultNodes, identity } = definition;
  let value = column.defaultText;
  if (defaultNodes !== undefined) value = await translateExpression(session, defaultNodes);
  if (identity !== undefined) {
    column.sequence = `identity_${randomUUID().replaceAll('-', '')}`;
    await session.connection.run(
      `CREATE SEQUENCE stand_in.${column.sequence} START ${identity.seed} INCREMENT ${identity.step}`,
    );
    value = `nextval(${quoteLiteral(`stand_in.${column.sequence}`)})`;
  }
  column.defaultText = column.identity === null ? value : `"identity"(${identity?.seed}, ${identity?.step})`;
  const notNull = column.isNullable ? '' : ' NOT NULL';
  return `${quoteName(column.name)} ${type.duckdb}${value === null ? '' : ` DEFAULT (${value})`}${notNull}`;
}

async function remember(
  session: Session,
  name: QualifiedName,
  isTemp: boolean,
  columns: ColumnInfo[],
): Promise<void> {
  if (isTemp) session.temporary.set(name.name, columns);
  else await saveColumns(session, name, columns);
}
