import { engineName, requireWritable } from '../catalog.ts';
import { fitColumn } from '../column-info.ts';
import { RedshiftError } from '../errors.ts';
import { scopeFor } from '../relations.ts';
import { claimTable, isTemporary, noteRead, type Session, type StatementOutcome } from '../session.ts';
import type { Cursor, QualifiedName } from '../sql/cursor.ts';
import { Cursor as NodeCursor } from '../sql/cursor.ts';
import { expressionSql, type Scope } from '../sql/rewriter.ts';
import { quoteName, type Token } from '../sql/tokens.ts';
import { isWord, type Node, splitCommas } from '../sql/tree.ts';
import { findColumn } from './insert.ts';

/** UPDATE table [alias] SET ... [FROM ...] [WHERE ...]; the cursor stands behind UPDATE. */
export async function update(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  const target = await readTarget(session, cursor, 'set');
  cursor.expect('set');
  const assignments = splitCommas(cursor.until('from', 'where'));
  const tail = cursor.rest();
  const scope = await scopeFor(session, [...assignments.flat(), ...tail]);
  const sets = assignments.map((nodes) => assignment(nodes, target, scope));
  return change(session, `UPDATE ${target.sql} SET ${sets.join(', ')} ${scope.rewriter.query(tail, scope)}`);
}

/** DELETE [FROM] table [alias] [USING ...] [WHERE ...]; the cursor stands behind DELETE. */
export async function deleteRows(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  cursor.take('from');
  const target = await readTarget(session, cursor, 'using', 'where');
  const tail = cursor.rest();
  const scope = await scopeFor(session, fromForUsing(tail));
  const translated = scope.rewriter.query(fromForUsing(tail), scope);
  const sql = isWord(tail[0], 'using') ? `USING${translated.slice('FROM'.length)}` : translated;
  return change(session, `DELETE FROM ${target.sql} ${sql}`);
}

interface Target {
  name: QualifiedName;
  columns: Awaited<ReturnType<typeof requireWritable>>;
  sql: string;
}

async function readTarget(session: Session, cursor: Cursor, ...ends: string[]): Promise<Target> {
  const name = cursor.qualifiedName();
  await claimTable(session, name);
  // Which rows go depends on what is there, so the target counts as read.
  if (!isTemporary(session, name)) noteRead(session, name);
  const columns = await requireWritable(session, name);
  const hasAlias = cursor.take('as') || (!cursor.atEnd && !isWord(cursor.peek(), ...ends));
  const alias = quoteName(hasAlias ? cursor.identifier() : name.name);
  return { name, columns, sql: `${engineName(session, name)} AS ${alias}` };
}

function assignment(nodes: readonly Node[], target: Target, scope: Scope): string {
  const cursor = new NodeCursor(nodes);
  const name = cursor.qualifiedName();
  const column = findColumn(target.columns, name.name, target.name);
  if (column.identity === 'always') throw new RedshiftError('cannot set an identity column to a value');
  cursor.expectOperator('=');
  const value = cursor.rest();
  const sql = isWord(value[0], 'default') && value.length === 1 ? 'DEFAULT' : undefined;
  return `${quoteName(column.name)} = ${sql ?? fitColumn(expressionSql(value, scope), column)}`;
}

/** USING takes what FROM takes. */
function fromForUsing(tail: readonly Node[]): Node[] {
  const [first, ...rest] = tail;
  if (!isWord(first, 'using')) return [...tail];
  const from: Token = { ...(first as Token), text: 'from' };
  return [from, ...rest];
}

async function change(session: Session, sql: string): Promise<StatementOutcome> {
  const result = await session.connection.run(sql);
  return { affected: result.rowsChanged };
}
