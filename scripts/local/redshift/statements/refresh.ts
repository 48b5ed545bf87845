import { engineName } from '../catalog.ts';
import { translate } from '../relations.ts';
import { claimTable, done, type Session, type StatementOutcome } from '../session.ts';
import type { Cursor } from '../sql/cursor.ts';
import { tokenize } from '../sql/tokens.ts';
import { parseTree } from '../sql/tree.ts';
import { requireMaterializedView } from './views.ts';

/** REFRESH MATERIALIZED VIEW name: all rows are worked out anew, in this transaction. Behind VIEW. */
export async function refreshMaterializedView(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  const name = cursor.qualifiedName();
  if (!cursor.take('restrict')) cursor.take('cascade');
  cursor.expectEnd();
  await claimTable(session, name);
  const view = await requireMaterializedView(session, name);
  const query = await translate(session, parseTree(tokenize(view.definition)));
  const table = engineName(session, name);
  await session.connection.run(`DELETE FROM ${table}`);
  await session.connection.run(`INSERT INTO ${table} ${query}`);
  return done;
}
