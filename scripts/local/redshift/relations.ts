import { engineName, findExternalSchema, findView, schemaOf, tableExists } from './catalog.ts';
import { noRelation, RedshiftError } from './errors.ts';
import { type Pruning, readPruning } from './external/partition-pruning.ts';
import { externalScan } from './external/scan.ts';
import { isTemporary, noteRead, type Session } from './session.ts';
import { displayName, type QualifiedName } from './sql/cursor.ts';
import { countRelations, topScope, translateQuery } from './sql/query.ts';
import { expressionSql, type RelationSource, type Scope } from './sql/rewriter.ts';
import { tokenize } from './sql/tokens.ts';
import { type Node, parseTree } from './sql/tree.ts';
import { systemView } from './system-views.ts';

const maxViewDepth = 32;

/** A query translated for the engine, with every relation that it reads looked up now. */
export async function translate(session: Session, nodes: readonly Node[], depth = 0): Promise<string> {
  const scope = await scopeFor(session, nodes, depth);
  return translateQuery(nodes, scope.context);
}

/** The scope in which these nodes can be translated: all their relations are known. */
export async function scopeFor(session: Session, nodes: readonly Node[], depth = 0): Promise<Scope> {
  const { database, user } = session;
  const sources = new Map<string, RelationSource>();
  const pruning = readPruning(nodes);
  for (const [key, { name, count }] of countRelations(nodes, { database, user })) {
    // Another place of the same statement may want the other partitions.
    const isPrunable = pruning?.relation === key && count === 1;
    sources.set(key, await resolve(session, name, depth, isPrunable ? pruning : undefined));
  }
  const relation = (name: QualifiedName): RelationSource => {
    const source = sources.get(displayName(name));
    if (source === undefined) throw noRelation(displayName(name));
    return source;
  };
  return topScope({ database, user, relation });
}

/** An expression that reads no relations but the statement's target. */
export async function translateExpression(session: Session, nodes: readonly Node[]): Promise<string> {
  return expressionSql(nodes, await scopeFor(session, nodes));
}

/** What kind of relation a name is; undefined when there is none. */
export async function relationKind(
  session: Session,
  name: QualifiedName,
): Promise<'table' | 'view' | 'materialized view' | 'external table' | undefined> {
  if (isTemporary(session, name)) return 'table';
  const external = await findExternalSchema(session, schemaOf(name));
  if (external !== undefined) {
    const table = await session.lake.table(external.glueDatabase, name.name);
    return table === undefined ? undefined : 'external table';
  }
  const view = await findView(session, name);
  if (view !== undefined) return view.isMaterialized ? 'materialized view' : 'view';
  return (await tableExists(session, name)) ? 'table' : undefined;
}

async function resolve(
  session: Session,
  name: QualifiedName,
  depth: number,
  pruning: Pruning | undefined,
): Promise<RelationSource> {
  session.transaction.takeSnapshot();
  if (isTemporary(session, name)) return { sql: engineName(session, name), needsAlias: true };
  const system = await systemView(session, name);
  if (system !== undefined) return { sql: system, needsAlias: true };
  const external = await findExternalSchema(session, schemaOf(name));
  if (external !== undefined) {
    const table = await session.lake.table(external.glueDatabase, name.name);
    if (table === undefined) throw noRelation(displayName(name));
    return { sql: await externalScan(session.lake, table, pruning), needsAlias: true };
  }
  const view = await findView(session, name);
  if (view !== undefined && !view.isMaterialized) {
    if (depth >= maxViewDepth) throw new RedshiftError(`infinite recursion in view "${displayName(name)}"`);
    noteRead(session, name);
    const sql = await translate(session, parseTree(tokenize(view.definition)), depth + 1);
    return {
      sql: `(${sql})`,
      needsAlias: true,
      ...(view.columnNames === null ? {} : { columns: view.columnNames }),
    };
  }
  if (!(await tableExists(session, name))) throw noRelation(displayName(name));
  noteRead(session, name);
  return { sql: engineName(session, name), needsAlias: true };
}
