import { engineName, requireWritable } from '../catalog.ts';
import { fitColumn } from '../column-info.ts';
import { RedshiftError, unsupported } from '../errors.ts';
import { relationKind, scopeFor } from '../relations.ts';
import { claimTable, isTemporary, noteRead, type Session, type StatementOutcome } from '../session.ts';
import { type Cursor, displayName, Cursor as NodeCursor } from '../sql/cursor.ts';
import { columnNames } from '../sql/query.ts';
import { expressionSql } from '../sql/rewriter.ts';
import { quoteName } from '../sql/tokens.ts';
import { type Node, splitCommas } from '../sql/tree.ts';
import { findColumn } from './insert.ts';

/**
 * MERGE INTO target USING source ON condition WHEN MATCHED THEN UPDATE | DELETE WHEN NOT MATCHED THEN INSERT.
 *
 * Refuses what Redshift refuses: a source that is a query or a view, a target alias, a missing branch, and several
 * source rows for one target row. The cursor stands behind MERGE.
 */
export async function merge(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  cursor.expect('into');
  const target = cursor.qualifiedName();
  if (!cursor.sees('using')) throw cursor.unexpected();
  cursor.expect('using');
  if (cursor.peek()?.kind === 'group')
    throw new RedshiftError('MERGE source must be a table, not a subquery');
  const sourceName = cursor.qualifiedName();
  const alias = cursor.take('as') || !cursor.sees('on') ? cursor.identifier() : sourceName.name;
  cursor.expect('on');
  const condition = cursor.until('when', 'remove');
  if (cursor.sees('remove')) throw unsupported('MERGE ... REMOVE DUPLICATES');

  await claimTable(session, target);
  if (!isTemporary(session, target)) noteRead(session, target);
  const columns = await requireWritable(session, target);
  const kind = await relationKind(session, sourceName);
  if (kind === 'view' || kind === 'materialized view') {
    throw new RedshiftError(`MERGE source "${displayName(sourceName)}" must be a table, not a view`);
  }
  const branches = readBranches(cursor);
  // The source is a name that scopeFor has to look up, so it is handed over as FROM list of its own.
  const from: Node[] = [{ kind: 'word', text: 'from', position: 0 }, ...relationNodes(sourceName)];
  const scope = await scopeFor(session, [...from, ...wordNode('where'), ...condition, ...branches.nodes]);
  const source = `${scope.context.relation(sourceName).sql} AS ${quoteName(alias)}`;
  const into = `${engineName(session, target)} AS ${quoteName(target.name)}`;
  const on = expressionSql(condition, scope);

  const repeated = await session.connection.runAndReadAll(
    `SELECT 1 FROM ${into} JOIN ${source} ON ${on} GROUP BY ${quoteName(target.name)}.rowid HAVING count(*) > 1 LIMIT 1`,
  );
  if (repeated.currentRowCount > 0)
    throw new RedshiftError('Found multiple matches to update the same tuple.');

  const sets = branches.update?.map((nodes) => {
    const assignment = new NodeCursor(nodes);
    const column = findColumn(columns, assignment.qualifiedName().name, target);
    assignment.expectOperator('=');
    return `${quoteName(column.name)} = ${fitColumn(expressionSql(assignment.rest(), scope), column)}`;
  });
  const listed = branches.insert.columns?.map((one) => findColumn(columns, one, target)) ?? columns;
  if (listed.length !== branches.insert.values.length) {
    throw new RedshiftError('MERGE INSERT has another number of columns than of values');
  }
  const values = branches.insert.values.map((nodes, index) => {
    const column = listed[index] as (typeof columns)[number];
    return fitColumn(expressionSql(nodes, scope), column);
  });
  const matched = sets === undefined ? 'DELETE' : `UPDATE SET ${sets.join(', ')}`;
  const names = listed.map((column) => quoteName(column.name)).join(', ');
  const result = await session.connection.run(
    `MERGE INTO ${into} USING ${source} ON (${on}) WHEN MATCHED THEN ${matched}
     WHEN NOT MATCHED THEN INSERT (${names}) VALUES (${values.join(', ')})`,
  );
  return { affected: result.rowsChanged };
}

interface Branches {
  /** Assignments; undefined for DELETE. */
  update: Node[][] | undefined;
  insert: { columns: string[] | undefined; values: Node[][] };
  nodes: Node[];
}

function readBranches(cursor: Cursor): Branches {
  cursor.expect('when', 'matched', 'then');
  let update: Node[][] | undefined;
  if (!cursor.take('delete')) {
    cursor.expect('update', 'set');
    update = splitCommas(cursor.until('when'));
  }
  cursor.expect('when', 'not', 'matched', 'then', 'insert');
  const group = cursor.takeGroup();
  cursor.expect('values');
  const values = splitCommas(cursor.expectGroup().items);
  cursor.expectEnd();
  const columns = group === undefined ? undefined : columnNames(group.items);
  return { update, insert: { columns, values }, nodes: [...(update ?? []).flat(), ...values.flat()] };
}

function wordNode(text: string): Node[] {
  return [{ kind: 'word', text, position: 0 }];
}

function relationNodes({ schema, name }: { schema: string | undefined; name: string }): Node[] {
  const quoted = (text: string): Node => ({ kind: 'quoted', text, position: 0 });
  if (schema === undefined) return [quoted(name)];
  return [quoted(schema), { kind: 'operator', text: '.', position: 0 }, quoted(name)];
}
