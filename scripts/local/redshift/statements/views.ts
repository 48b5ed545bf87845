import { findView, saveView, schemaExists, schemaOf, type ViewInfo } from '../catalog.ts';
import { noRelation, RedshiftError } from '../errors.ts';
import { relationKind, translate } from '../relations.ts';
import { claimTable, done, isTemporary, type Session, type StatementOutcome } from '../session.ts';
import { type Cursor, displayName, type QualifiedName } from '../sql/cursor.ts';
import { columnNames, relationsOf } from '../sql/query.ts';
import { isWord, type Node } from '../sql/tree.ts';
import { createTableAs } from './create-table.ts';
import { describeQuery } from './describe-query.ts';
import { readTableAttributes } from './table-definition.ts';

/**
 * CREATE [OR REPLACE] VIEW name [(columns)] AS query [WITH NO SCHEMA BINDING]; behind VIEW.
 *
 * The query is kept as text and looked up again by every reader, so a late-binding view may name what comes later.
 * A bound view is checked now, and cannot read external tables.
 */
export async function createView(
  session: Session,
  cursor: Cursor,
  sql: string,
  orReplace: boolean,
): Promise<StatementOutcome> {
  const name = cursor.qualifiedName();
  const group = cursor.takeGroup();
  cursor.expect('as');
  const { query, isLateBinding } = cutBinding(cursor.rest());
  const definition = textOf(sql, query, isLateBinding);
  const relations = relationsOf(query, session);
  if (isLateBinding && relations.some((one) => one.schema === undefined)) {
    throw new RedshiftError(
      'All the relation names inside should be qualified when creating views with no schema binding.',
    );
  }
  await claimTable(session, name);
  await refuseTaken(session, name, orReplace);
  const columns = group === undefined ? null : columnNames(group.items);
  if (!isLateBinding) await checkBound(session, query, relations, columns);
  await saveView(session, name, {
    isMaterialized: false,
    isLateBinding,
    definition,
    columnNames: columns,
    dependsOn: isLateBinding ? [] : relations.map(fullName),
  });
  return done;
}

/** CREATE MATERIALIZED VIEW name [attributes] AS query: a table of its rows, and the query for REFRESH; behind VIEW. */
export async function createMaterializedView(
  session: Session,
  cursor: Cursor,
  sql: string,
): Promise<StatementOutcome> {
  const name = cursor.qualifiedName();
  const attributes = readTableAttributes(cursor);
  cursor.expect('as');
  const query = cursor.rest();
  await claimTable(session, name);
  await refuseTaken(session, name, false);
  const relations = relationsOf(query, session);
  for (const relation of relations) {
    if (isTemporary(session, relation)) {
      throw new RedshiftError('Temporary tables are not supported in materialized views');
    }
  }
  await createTableAs(session, name, false, query, undefined, attributes);
  await saveView(session, name, {
    isMaterialized: true,
    isLateBinding: false,
    definition: textOf(sql, query, false),
    columnNames: null,
    dependsOn: relations.map(fullName),
  });
  return done;
}

/** A materialized view, or the error that there is none of that name. */
export async function requireMaterializedView(session: Session, name: QualifiedName): Promise<ViewInfo> {
  const view = await findView(session, name);
  if (view?.isMaterialized !== true)
    throw new RedshiftError(`materialized view "${displayName(name)}" does not exist`);
  return view;
}

async function refuseTaken(session: Session, name: QualifiedName, orReplace: boolean): Promise<void> {
  if (!(await schemaExists(session, schemaOf(name)))) {
    throw new RedshiftError(`schema "${schemaOf(name)}" does not exist`);
  }
  const kind = await relationKind(session, name);
  if (kind === undefined || (kind === 'view' && orReplace)) return;
  if (orReplace) throw new RedshiftError(`"${name.name}" is not a view`);
  throw new RedshiftError(`Relation "${name.name}" already exists`);
}

async function checkBound(
  session: Session,
  query: readonly Node[],
  relations: readonly QualifiedName[],
  columns: readonly string[] | null,
): Promise<void> {
  for (const relation of relations) {
    const kind = await relationKind(session, relation);
    if (kind === 'external table') {
      throw new RedshiftError(
        "External tables are not supported in views\nHINT: Please use late binding view and add 'with no schema binding' at the query end.",
      );
    }
    if (isTemporary(session, relation)) throw new RedshiftError('cannot create a view on a temporary table');
    if (kind === undefined && !/^(svv|pg)_/.test(relation.name)) throw noRelation(displayName(relation));
  }
  const described = await describeQuery(session, await translate(session, query));
  if (columns !== null && columns.length !== described.length) {
    throw new RedshiftError('CREATE VIEW specifies a different number of column names than columns');
  }
  const repeated = described.find((one, at) => described.findIndex((two) => two.name === one.name) !== at);
  if (columns === null && repeated !== undefined)
    throw new RedshiftError(`column "${repeated.name}" duplicated`);
}

function cutBinding(nodes: readonly Node[]): { query: Node[]; isLateBinding: boolean } {
  const words = ['with', 'no', 'schema', 'binding'];
  const tail = nodes.slice(-words.length);
  const isLateBinding = words.every((word, index) => isWord(tail[index], word));
  return { query: isLateBinding ? nodes.slice(0, -words.length) : [...nodes], isLateBinding };
}

/** The query as it was written, cut out of the statement. */
function textOf(sql: string, query: readonly Node[], isLateBinding: boolean): string {
  const text = sql.slice(query[0]?.position ?? 0).replace(/[\s;]+$/, '');
  return isLateBinding ? text.replace(/\bwith\s+no\s+schema\s+binding$/i, '') : text;
}

function fullName(name: QualifiedName): string {
  return displayName({ schema: schemaOf(name), name: name.name });
}
