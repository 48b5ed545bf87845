import { engineName, queryRows, requireWritable, saveColumns, schemaOf } from '../catalog.ts';
import type { ColumnInfo } from '../column-info.ts';
import { RedshiftError, unsupported } from '../errors.ts';
import { translateExpression } from '../relations.ts';
import { claimTable, done, refuseInBlock, type Session, type StatementOutcome } from '../session.ts';
import { type Cursor, displayName, type QualifiedName } from '../sql/cursor.ts';
import { quoteName } from '../sql/tokens.ts';
import { isWord } from '../sql/tree.ts';
import { readType } from '../sql/types.ts';
import { alterExternalTable, isExternal } from './external-tables.ts';
import { findColumn } from './insert.ts';
import { readColumn, readConstraint } from './table-definition.ts';

/** ALTER TABLE: columns added, dropped, renamed or widened, keys noted, external partitions. Behind TABLE. */
export async function alterTable(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  const name = cursor.qualifiedName();
  if (await isExternal(session, schemaOf(name))) return alterExternalTable(session, name, cursor);
  await claimTable(session, name);
  const columns = await requireWritable(session, name);
  if (cursor.take('alter')) return alterColumnType(session, name, columns, cursor);
  if (cursor.take('rename')) return renameColumn(session, name, columns, cursor);
  if (cursor.take('drop')) return dropColumn(session, name, columns, cursor);
  cursor.expect('add');
  if (isWord(cursor.peek(), 'constraint', 'primary', 'unique', 'foreign')) {
    for (const key of readConstraint(cursor, [])) findColumn(columns, key, name);
    cursor.expectEnd();
    return done;
  }
  return addColumn(session, name, columns, cursor);
}

async function addColumn(
  session: Session,
  name: QualifiedName,
  columns: ColumnInfo[],
  cursor: Cursor,
): Promise<StatementOutcome> {
  cursor.take('column');
  const { column, type, defaultNodes, identity } = readColumn(cursor, []);
  if (identity !== undefined) throw new RedshiftError('cannot add an identity column');
  if (columns.some((one) => one.name === column.name)) {
    throw new RedshiftError(`column "${column.name}" of relation "${displayName(name)}" already exists`);
  }
  if (!column.isNullable && defaultNodes === undefined) {
    throw new RedshiftError(
      'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression',
    );
  }
  if (defaultNodes !== undefined) column.defaultText = await translateExpression(session, defaultNodes);
  const value = column.defaultText === null ? '' : ` DEFAULT (${column.defaultText})`;
  const table = engineName(session, name);
  await session.connection.run(
    `ALTER TABLE ${table} ADD COLUMN ${quoteName(column.name)} ${type.duckdb}${value}`,
  );
  if (!column.isNullable) {
    await session.connection.run(`ALTER TABLE ${table} ALTER COLUMN ${quoteName(column.name)} SET NOT NULL`);
  }
  await saveColumns(session, name, [...columns, column]);
  return done;
}

async function dropColumn(
  session: Session,
  name: QualifiedName,
  columns: ColumnInfo[],
  cursor: Cursor,
): Promise<StatementOutcome> {
  cursor.take('column');
  const column = findColumn(columns, cursor.identifier(), name);
  if (!cursor.take('cascade')) cursor.take('restrict');
  cursor.expectEnd();
  if (column.isDistKey || column.sortKey > 0) {
    throw new RedshiftError(`cannot drop the distribution or sort key column "${column.name}"`);
  }
  await session.connection.run(
    `ALTER TABLE ${engineName(session, name)} DROP COLUMN ${quoteName(column.name)}`,
  );
  await saveColumns(
    session,
    name,
    columns.filter((one) => one !== column),
  );
  return done;
}

async function renameColumn(
  session: Session,
  name: QualifiedName,
  columns: ColumnInfo[],
  cursor: Cursor,
): Promise<StatementOutcome> {
  if (cursor.sees('to')) throw unsupported('ALTER TABLE ... RENAME TO');
  cursor.take('column');
  const column = findColumn(columns, cursor.identifier(), name);
  cursor.expect('to');
  const next = cursor.identifier();
  cursor.expectEnd();
  await session.connection.run(
    `ALTER TABLE ${engineName(session, name)} RENAME COLUMN ${quoteName(column.name)} TO ${quoteName(next)}`,
  );
  await saveColumns(
    session,
    name,
    columns.map((one) => (one === column ? { ...one, name: next } : one)),
  );
  return done;
}

/** Redshift changes only the length of a VARCHAR, and never below what is stored. */
async function alterColumnType(
  session: Session,
  name: QualifiedName,
  columns: ColumnInfo[],
  cursor: Cursor,
): Promise<StatementOutcome> {
  refuseInBlock(session, 'ALTER TABLE ALTER COLUMN');
  cursor.expect('column');
  const column = findColumn(columns, cursor.identifier(), name);
  cursor.expect('type');
  const type = readType(cursor);
  cursor.expectEnd();
  if (column.maxBytes === null || type.maxBytes === undefined || type.isFixedLength === true) {
    throw new RedshiftError(
      `cannot alter column "${column.name}": only the length of a VARCHAR can be changed`,
    );
  }
  const [row] = await queryRows(
    session.connection,
    `SELECT max(strlen(${quoteName(column.name)})) AS longest FROM ${engineName(session, name)}`,
  );
  if (Number(row?.longest ?? 0) > type.maxBytes) {
    throw new RedshiftError(
      `cannot alter column "${column.name}" of relation "${displayName(name)}", target column size should be larger or equal to current maximum column size ${Number(row?.longest)}`,
    );
  }
  await saveColumns(
    session,
    name,
    columns.map((one) =>
      one === column ? { ...one, type: type.display, maxBytes: type.maxBytes ?? null } : one,
    ),
  );
  return done;
}
