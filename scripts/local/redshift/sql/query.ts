import { RedshiftError, unsupported } from '../errors.ts';
import { Cursor, displayName, type QualifiedName } from './cursor.ts';
import { isSetOperation, readPieces, rewriteGroup, rewritePieces } from './expression.ts';
import {
  joinPieces,
  type Piece,
  type RelationSource,
  type Rewriter,
  type Scope,
  type TranslationContext,
} from './rewriter.ts';
import { quoteName } from './tokens.ts';
import { isOperator, isWord, type Node } from './tree.ts';

const rewriter: Rewriter = { query: rewriteQuery, pieces: rewritePieces };

/** The outermost scope of a statement. */
export function topScope(context: TranslationContext): Scope {
  return { context, ctes: new Set(), rewriter };
}

/** Translates a query; refused when it is none. */
export function translateQuery(nodes: readonly Node[], context: TranslationContext): string {
  return rewriteQuery(nodes, topScope(context));
}

/** Tables, views and external tables that a query reads, in order and each once. */
export function relationsOf(
  nodes: readonly Node[],
  context: Omit<TranslationContext, 'relation'>,
): QualifiedName[] {
  return [...countRelations(nodes, context).values()].map(({ name }) => name);
}

/** The same with the number of places where each is read, by name as displayed. */
export function countRelations(
  nodes: readonly Node[],
  context: Omit<TranslationContext, 'relation'>,
): Map<string, { name: QualifiedName; count: number }> {
  const found = new Map<string, { name: QualifiedName; count: number }>();
  const relation = (name: QualifiedName): RelationSource => {
    const key = displayName(name);
    found.set(key, { name, count: (found.get(key)?.count ?? 0) + 1 });
    return { sql: quoteName(name.name), needsAlias: true };
  };
  rewriteQuery(nodes, topScope({ ...context, relation }));
  return found;
}

const clauseEnds = ['from', 'where', 'group', 'having', 'order', 'limit', 'offset', 'qualify'];
const setOperations = ['union', 'intersect', 'except', 'minus'];

function rewriteQuery(nodes: readonly Node[], outer: Scope): string {
  const cursor = new Cursor(nodes);
  const parts: string[] = [];
  let scope = outer;
  if (isWord(cursor.peek(), 'with')) {
    const head = rewriteWith(cursor, outer);
    parts.push(head.sql);
    scope = head.scope;
  }
  while (!cursor.atEnd) {
    if (cursor.take('select')) parts.push(rewriteSelectList(cursor, scope));
    else if (cursor.take('from')) parts.push(`FROM ${rewriteFrom(cursor, scope)}`);
    else if (cursor.take('minus')) parts.push('EXCEPT');
    else if (cursor.sees('for', 'update')) throw unsupported('SELECT FOR UPDATE');
    else parts.push(rewriteClause(cursor, scope));
  }
  return parts.join(' ');
}

/** WHERE, GROUP BY ... up to the next SELECT or FROM of this level. */
function rewriteClause(cursor: Cursor, scope: Scope): string {
  const pieces: Piece[] = [];
  while (!cursor.atEnd && !isWord(cursor.peek(), 'select', 'minus', 'for') && !startsFrom(cursor, pieces)) {
    const node = cursor.peek();
    if (isWord(node, ...setOperations)) {
      pieces.push({ sql: cursor.identifier().toUpperCase(), role: 'keyword' });
      continue;
    }
    if (node?.kind === 'group' && isBranch(pieces.at(-1))) {
      cursor.next();
      pieces.push({ sql: `(${rewriteGroup(node, scope)})`, role: 'keyword' });
      continue;
    }
    pieces.push(...readPieces(cursor, scope, pieces.at(-1)));
  }
  return joinPieces(pieces);
}

// `IS DISTINCT FROM` is an operator, not a clause.
function startsFrom(cursor: Cursor, pieces: readonly Piece[]): boolean {
  return isWord(cursor.peek(), 'from') && pieces.at(-1)?.sql !== 'DISTINCT';
}

function isBranch(previous: Piece | undefined): boolean {
  return previous === undefined || /^(UNION|INTERSECT|EXCEPT|ALL)$/.test(previous.sql);
}

function rewriteWith(cursor: Cursor, outer: Scope): { sql: string; scope: Scope } {
  cursor.expect('with');
  const isRecursive = cursor.take('recursive');
  const names = new Set(outer.ctes);
  const definitions: string[] = [];
  do {
    const name = cursor.identifier();
    const columns = cursor.takeGroup();
    cursor.expect('as');
    if (isRecursive) names.add(name);
    const body = rewriteQuery(cursor.expectGroup().items, { ...outer, ctes: new Set(names) });
    names.add(name);
    const list = columns === undefined ? '' : ` (${columnNames(columns.items).map(quoteName).join(', ')})`;
    definitions.push(`${quoteName(name)}${list} AS (${body})`);
  } while (cursor.takeOperator(','));
  const sql = `WITH ${isRecursive ? 'RECURSIVE ' : ''}${definitions.join(', ')}`;
  return { sql, scope: { ...outer, ctes: names } };
}

function rewriteSelectList(cursor: Cursor, scope: Scope): string {
  let quantifier = '';
  if (cursor.take('distinct')) {
    if (isWord(cursor.peek(), 'on')) throw unsupported('SELECT DISTINCT ON');
    quantifier = 'DISTINCT ';
  } else cursor.take('all');
  const items: Piece[][] = [[]];
  while (!cursor.atEnd) {
    const item = items.at(-1) as Piece[];
    if (isWord(cursor.peek(), ...clauseEnds, ...setOperations) && !startsOperator(cursor, item)) break;
    if (cursor.takeOperator(',')) items.push([]);
    else if (cursor.take('as')) item.push({ sql: `AS ${quoteName(cursor.identifier())}`, role: 'operand' });
    else item.push(...readPieces(cursor, scope, item.at(-1)));
  }
  if (items.at(-1)?.at(-1)?.role === 'operator') throw cursor.unexpected();
  return `SELECT ${quantifier}${items.map(selectItem).join(', ')}`;
}

function startsOperator(cursor: Cursor, item: readonly Piece[]): boolean {
  return isWord(cursor.peek(), 'from') && item.at(-1)?.sql === 'DISTINCT';
}

/** Names an unnamed column as Redshift would. */
function selectItem(pieces: readonly Piece[]): string {
  const last = pieces.at(-1);
  if (last === undefined) throw new RedshiftError('syntax error in the select list');
  const hasAlias = last.role === 'operand' && pieces.at(-2)?.role === 'operand';
  const isStar = pieces[0]?.role === 'star';
  if (pieces.length === 1 && last.isNamed === true) return last.sql;
  if (hasAlias || isStar) return joinPieces(pieces);
  const label = (pieces.length === 1 ? last.label : undefined) ?? '?column?';
  return `${joinPieces(pieces)} AS ${quoteName(label)}`;
}

const joinWords = new Set(['inner', 'left', 'right', 'full', 'outer', 'cross', 'natural', 'join']);

/** Reads the FROM list up to the clause that ends it. */
function rewriteFrom(cursor: Cursor, scope: Scope): string {
  const parts = [rewriteFromItem(cursor, scope)];
  const pieces: Piece[] = [];
  const flush = (): void => {
    if (pieces.length > 0) parts.push(joinPieces(pieces.splice(0)));
  };
  while (!cursor.atEnd) {
    const node = cursor.peek();
    const isDistinctFrom = isWord(node, 'from') && pieces.at(-1)?.sql === 'DISTINCT';
    if (isWord(node, ...clauseEnds, ...setOperations, 'select', 'for', 'set', 'when') && !isDistinctFrom)
      break;
    if (cursor.takeOperator(',')) {
      flush();
      parts.push(',', rewriteFromItem(cursor, scope));
    } else if (isJoin(cursor)) {
      flush();
      const word = cursor.identifier();
      parts.push(word.toUpperCase());
      if (word === 'join') parts.push(rewriteFromItem(cursor, scope));
    } else if (isWord(node, 'using') && cursor.peek(1)?.kind === 'group') {
      flush();
      cursor.next();
      parts.push(`USING (${columnNames(cursor.expectGroup().items).map(quoteName).join(', ')})`);
    } else {
      pieces.push(...readPieces(cursor, scope, pieces.at(-1)));
    }
  }
  flush();
  return parts.join(' ');
}

function isJoin(cursor: Cursor): boolean {
  const node = cursor.peek();
  if (node?.kind !== 'word' || !joinWords.has(node.text)) return false;
  return !(isWord(node, 'left', 'right') && cursor.peek(1)?.kind === 'group');
}

function rewriteFromItem(cursor: Cursor, scope: Scope): string {
  const group = cursor.takeGroup();
  if (group !== undefined) {
    const [first, ...more] = group.items;
    const isQuery =
      isWord(first, 'select', 'with', 'values') ||
      isSetOperation(group.items) ||
      (first?.kind === 'group' && more.length === 0);
    const inner = isQuery ? rewriteGroup(group, scope) : rewriteFrom(new Cursor(group.items), scope);
    return `(${inner})${readAlias(cursor)?.sql ?? ''}`;
  }
  if (isWord(cursor.peek(), 'lateral', 'unnest'))
    throw unsupported(`${cursor.identifier().toUpperCase()} in FROM`);
  const name = readRelationName(cursor, scope);
  if (cursor.peek()?.kind === 'group') throw unsupported(`the table function ${name.name}`);
  if (name.schema === undefined && scope.ctes.has(name.name)) {
    return `${quoteName(name.name)}${readAlias(cursor)?.sql ?? ''}`;
  }
  const source = scope.context.relation(name);
  const alias = readAlias(cursor);
  const columns = source.columns?.map(quoteName).join(', ');
  const shown = alias?.name ?? name.name;
  if (columns !== undefined && alias?.hasColumns !== true)
    return `${source.sql} AS ${quoteName(shown)}(${columns})`;
  if (alias !== undefined) return `${source.sql}${alias.sql}`;
  return source.needsAlias ? `${source.sql} AS ${quoteName(name.name)}` : source.sql;
}

/** `table`, `schema.table` or `database.schema.table` of the connected database. */
function readRelationName(cursor: Cursor, scope: Scope): QualifiedName {
  const name = cursor.qualifiedName();
  if (!isOperator(cursor.peek(), '.')) return name;
  cursor.next();
  if (name.schema !== scope.context.database) throw unsupported(`queries across databases (${name.schema})`);
  return { schema: name.name, name: cursor.identifier() };
}

const notAliases = new Set([
  ...clauseEnds,
  ...setOperations,
  ...joinWords,
  'on',
  'using',
  'set',
  'when',
  'for',
  'select',
  'pivot',
  'unpivot',
  'tablesample',
]);

function readAlias(cursor: Cursor): { sql: string; name: string; hasColumns: boolean } | undefined {
  const node = cursor.peek();
  const isBare = node?.kind === 'quoted' || (node?.kind === 'word' && !notAliases.has(node.text));
  if (!cursor.take('as') && !isBare) return undefined;
  const name = cursor.identifier();
  const columns = cursor.takeGroup();
  const list = columns === undefined ? '' : `(${columnNames(columns.items).map(quoteName).join(', ')})`;
  return { sql: ` AS ${quoteName(name)}${list}`, name, hasColumns: columns !== undefined };
}

/** A plain list of column names. */
export function columnNames(nodes: readonly Node[]): string[] {
  const cursor = new Cursor(nodes);
  const names = [cursor.identifier()];
  while (cursor.takeOperator(',')) names.push(cursor.identifier());
  cursor.expectEnd();
  return names;
}
