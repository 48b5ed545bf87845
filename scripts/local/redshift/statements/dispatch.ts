import { noRelation, unsupported } from '../errors.ts';
import { relationKind, translate } from '../relations.ts';
import { readResultSet } from '../results.ts';
import { done, refuseInBlock, type Session, type StatementOutcome } from '../session.ts';
import { Cursor, displayName } from '../sql/cursor.ts';
import { describeNode, isWord, type Node } from '../sql/tree.ts';
import { alterTable } from './alter-table.ts';
import { copy } from './copy.ts';
import { createTable } from './create-table.ts';
import { drop } from './drop.ts';
import { createExternalTable } from './external-tables.ts';
import { insert } from './insert.ts';
import { lock, truncate } from './lock-truncate.ts';
import { merge } from './merge.ts';
import { refreshMaterializedView } from './refresh.ts';
import { createExternalSchema, createSchema, dropSchema } from './schemas.ts';
import { deleteRows, update } from './update-delete.ts';
import { createMaterializedView, createView } from './views.ts';

/** Whether a statement only reads: a query, whose outcome need not be kept with its effects. */
export function isQuery(nodes: readonly Node[]): boolean {
  return isWord(nodes[0], 'select', 'with', 'values') || nodes[0]?.kind === 'group';
}

/** Runs one statement of the supported set inside the session's transaction; everything else is refused. */
export async function runStatement(
  session: Session,
  nodes: readonly Node[],
  sql: string,
): Promise<StatementOutcome> {
  if (isQuery(nodes)) {
    const resultSet = await readResultSet(session.connection, await translate(session, nodes));
    return { resultSet, affected: resultSet.rows.length };
  }
  const cursor = new Cursor(nodes);
  if (cursor.take('create')) return create(session, cursor, sql);
  if (cursor.take('drop')) return dropAny(session, cursor);
  if (cursor.take('insert')) return insert(session, cursor);
  if (cursor.take('update')) return update(session, cursor);
  if (cursor.take('delete')) return deleteRows(session, cursor);
  if (cursor.take('merge')) return merge(session, cursor);
  if (cursor.take('copy')) return copy(session, cursor);
  if (cursor.take('lock')) return lock(session, cursor);
  if (cursor.take('truncate')) return truncate(session, cursor);
  if (cursor.take('alter', 'table')) return alterTable(session, cursor);
  if (cursor.take('refresh', 'materialized', 'view')) return refreshMaterializedView(session, cursor);
  if (cursor.take('analyze')) return analyze(session, cursor);
  if (cursor.take('vacuum')) {
    refuseInBlock(session, 'VACUUM');
    return done;
  }
  if (cursor.take('grant') || cursor.take('revoke')) return done;
  const words = nodes.slice(0, 2).map((node) => describeNode(node).toUpperCase());
  throw unsupported(`the statement ${words.join(' ')}`);
}

async function create(session: Session, cursor: Cursor, sql: string): Promise<StatementOutcome> {
  if (cursor.take('external', 'schema')) return createExternalSchema(session, cursor);
  if (cursor.take('external', 'table')) return createExternalTable(session, cursor);
  if (cursor.take('schema')) return createSchema(session, cursor);
  if (cursor.take('materialized', 'view')) return createMaterializedView(session, cursor, sql);
  if (cursor.take('or', 'replace', 'view')) return createView(session, cursor, sql, true);
  if (cursor.take('view')) return createView(session, cursor, sql, false);
  cursor.take('local');
  const isTemp = cursor.take('temp') || cursor.take('temporary');
  if (cursor.take('table')) return createTable(session, cursor, isTemp);
  throw unsupported(`CREATE ${describeNode(cursor.peek()).toUpperCase()}`);
}

async function dropAny(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  if (cursor.take('schema')) return dropSchema(session, cursor);
  if (cursor.take('table')) return drop(session, cursor, 'table');
  if (cursor.take('materialized', 'view')) return drop(session, cursor, 'materialized view');
  if (cursor.take('view')) return drop(session, cursor, 'view');
  throw unsupported(`DROP ${describeNode(cursor.peek()).toUpperCase()}`);
}

async function analyze(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  cursor.take('verbose');
  if (cursor.atEnd) return done;
  const name = cursor.qualifiedName();
  session.transaction.takeSnapshot();
  if ((await relationKind(session, name)) === undefined) throw noRelation(displayName(name));
  return done;
}
