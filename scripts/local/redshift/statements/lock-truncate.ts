import { engineName, requireWritable } from '../catalog.ts';
import { noRelation, RedshiftError } from '../errors.ts';
import { relationKind } from '../relations.ts';
import {
  beginTransaction,
  claimTable,
  commitTransaction,
  done,
  isTemporary,
  lockTable,
  type Session,
  type StatementOutcome,
} from '../session.ts';
import { type Cursor, displayName } from '../sql/cursor.ts';

/**
 * LOCK [TABLE] name, ...: waits until no other transaction has the tables and keeps them to the end. Behind LOCK.
 *
 * It takes no snapshot, so a transaction that begins with LOCK sees all that earlier holders committed.
 */
export async function lock(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  if (!session.isBlock) throw new RedshiftError('LOCK TABLE may only be used in transaction blocks');
  cursor.take('table');
  const names = [cursor.qualifiedName()];
  while (cursor.takeOperator(',')) names.push(cursor.qualifiedName());
  cursor.expectEnd();
  for (const name of names) await lockTable(session, name);
  const check = async (probe: Session): Promise<void> => {
    for (const name of names) {
      const kind = isTemporary(session, name) ? 'table' : await relationKind(probe, name);
      if (kind === undefined) throw noRelation(displayName(name));
    }
  };
  if (session.transaction.snapshot === undefined) await session.outside(check);
  else await check(session);
  return done;
}

/** TRUNCATE [TABLE] name: empties it and commits at once, with all that the transaction did before. Behind TRUNCATE. */
export async function truncate(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  cursor.take('table');
  const name = cursor.qualifiedName();
  cursor.expectEnd();
  await claimTable(session, name);
  await requireWritable(session, name);
  await session.connection.run(`DELETE FROM ${engineName(session, name)}`);
  if (session.isBlock) {
    await commitTransaction(session);
    await beginTransaction(session);
  }
  return done;
}
