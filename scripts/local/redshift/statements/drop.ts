import {
  dependentViews,
  engineName,
  removeColumns,
  removeView,
  requireColumns,
  schemaOf,
} from '../catalog.ts';
import { noRelation, RedshiftError } from '../errors.ts';
import { relationKind } from '../relations.ts';
import { claimTable, done, isTemporary, type Session, type StatementOutcome } from '../session.ts';
import { type Cursor, displayName, type QualifiedName } from '../sql/cursor.ts';
import { dropExternalTable, isExternal } from './external-tables.ts';

type Kind = 'table' | 'view' | 'materialized view';

/** DROP TABLE | VIEW | MATERIALIZED VIEW [IF EXISTS] name, ... [CASCADE | RESTRICT]; behind the kind. */
export async function drop(session: Session, cursor: Cursor, kind: Kind): Promise<StatementOutcome> {
  const ifExists = cursor.take('if', 'exists');
  const names = [cursor.qualifiedName()];
  while (cursor.takeOperator(',')) names.push(cursor.qualifiedName());
  const isCascade = cursor.take('cascade');
  if (!isCascade) cursor.take('restrict');
  cursor.expectEnd();
  for (const name of names) await dropOne(session, name, kind, ifExists, isCascade);
  return done;
}

async function dropOne(
  session: Session,
  name: QualifiedName,
  wanted: Kind,
  ifExists: boolean,
  isCascade: boolean,
): Promise<void> {
  if (wanted === 'table' && isTemporary(session, name)) {
    await session.connection.run(`DROP TABLE ${engineName(session, name)}`);
    session.temporary.delete(name.name);
    return;
  }
  if (await isExternal(session, schemaOf(name))) return dropExternalTable(session, name, ifExists);
  await claimTable(session, name);
  const kind = await relationKind(session, name);
  if (kind === undefined) {
    if (ifExists) return;
    throw wanted === 'table'
      ? noRelation(displayName(name))
      : new RedshiftError(`${wanted} "${name.name}" does not exist`);
  }
  if (kind !== wanted) throw new RedshiftError(`"${name.name}" is not a ${wanted}`);
  const dependents = await dependentViews(session, name);
  if (dependents.length > 0 && !isCascade) {
    throw new RedshiftError(
      `cannot drop ${wanted} ${displayName(name)} because other objects depend on it\nHINT: Use DROP ... CASCADE to drop the dependent objects too.`,
    );
  }
  for (const dependent of dependents) {
    const dependentKind = await relationKind(session, dependent);
    if (dependentKind === 'view' || dependentKind === 'materialized view') {
      await dropOne(session, dependent, dependentKind, true, true);
    }
  }
  await removeView(session, name);
  if (kind === 'view') return;
  const columns = await requireColumns(session, name);
  await session.connection.run(`DROP TABLE ${engineName(session, name)}`);
  for (const { sequence } of columns) {
    if (sequence !== null) await session.connection.run(`DROP SEQUENCE stand_in.${sequence}`);
  }
  await removeColumns(session, name);
}
