import { RedshiftError, syntaxError, unsupported } from '../errors.ts';
import { Cursor } from './cursor.ts';
import { type Call, castSql, functionRule, translateSpecial } from './functions.ts';
import { expressionSql, type Piece, type Scope } from './rewriter.ts';
import { quoteLiteral, quoteName } from './tokens.ts';
import { describeNode, type Group, isOperator, isWord, type Node, splitCommas } from './tree.ts';
import { readType } from './types.ts';

const keywords = new Set(
  (
    'all and any as asc between by cross desc distinct else escape except exists from full group having ilike in ' +
    'inner intersect is join like limit natural not nulls offset on or order outer qualify select some then union ' +
    'using values when where with'
  ).split(' '),
);
// Words that only mean something here in a window's definition; elsewhere they may be columns.
const windowKeywords = new Set('partition rows range unbounded preceding following current row'.split(' '));
const refused: Record<string, string> = {
  similar: 'SIMILAR TO',
  into: 'SELECT INTO',
  top: 'SELECT TOP; use LIMIT',
  lateral: 'LATERAL',
  pivot: 'PIVOT',
  unpivot: 'UNPIVOT',
  filter: 'FILTER',
  approximate: 'APPROXIMATE',
};
const niladic: Record<string, ((scope: Scope) => string) | undefined> = {
  null: () => 'NULL',
  true: () => 'TRUE',
  false: () => 'FALSE',
  sysdate: () => 'CAST(now() AS TIMESTAMP)',
  current_timestamp: () => 'now()',
  current_date: () => 'CAST(now() AS DATE)',
  current_user: ({ context }) => quoteLiteral(context.user),
  session_user: ({ context }) => quoteLiteral(context.user),
  user: ({ context }) => quoteLiteral(context.user),
};
const constants = new Set(['null', 'true', 'false']);
const literalTypes = new Set(['date', 'timestamp', 'timestamptz', 'interval']);
const intervalUnits = new Set(['year', 'month', 'day', 'hour', 'minute', 'second']);

/** Translates an expression, or a list of them, into pieces. */
export function rewritePieces(nodes: readonly Node[], scope: Scope): Piece[] {
  const cursor = new Cursor(nodes);
  const pieces: Piece[] = [];
  while (!cursor.atEnd) pieces.push(...readPieces(cursor, scope, pieces.at(-1)));
  return pieces;
}

/** Reads the next operator, keyword or operand. */
export function readPieces(cursor: Cursor, scope: Scope, previous: Piece | undefined): Piece[] {
  const node = cursor.peek();
  if (node?.kind === 'operator') return readOperator(cursor, scope, previous);
  if (isKeyword(cursor, scope, previous)) return [readKeyword(cursor)];
  return [readOperand(cursor, scope)];
}

function isKeyword(cursor: Cursor, scope: Scope, previous: Piece | undefined): boolean {
  const node = cursor.peek();
  if (node?.kind !== 'word') return false;
  if (node.text === 'left' || node.text === 'right') return cursor.peek(1)?.kind !== 'group';
  if (node.text === 'at') return cursor.sees('at', 'time', 'zone');
  if (node.text === 'grouping') return cursor.sees('grouping', 'sets');
  if (node.text === 'sets') return previous?.sql === 'GROUPING';
  if (node.text === 'rollup' || node.text === 'cube') return cursor.peek(1)?.kind === 'group';
  if (node.text === 'exclude') return previous?.role === 'star';
  if (scope.isWindow === true && windowKeywords.has(node.text)) return true;
  return keywords.has(node.text);
}

function readKeyword(cursor: Cursor): Piece {
  if (cursor.take('at', 'time', 'zone')) return { sql: 'AT TIME ZONE', role: 'operator' };
  for (const end of ['first', 'last']) {
    if (cursor.take('nulls', end)) return { sql: `NULLS ${end.toUpperCase()}`, role: 'keyword' };
  }
  return { sql: cursor.identifier().toUpperCase(), role: 'keyword' };
}

function readOperator(cursor: Cursor, scope: Scope, previous: Piece | undefined): Piece[] {
  const token = cursor.next();
  const text = token.kind === 'operator' ? token.text : '';
  if (text === '*' && previous?.role !== 'operand') return [{ sql: '*', role: 'star' }];
  if (text === '::' || text === '.' || text === ';') throw syntaxError(text);
  const operator: Piece = { sql: text, role: 'operator' };
  if (text !== '/' && text !== '%') return [operator];
  const sign = cursor.takeOperator('-') ? '-' : '';
  const divisor = readOperand(cursor, scope);
  return [operator, { ...divisor, sql: `memory.fn.nonzero(${sign}${divisor.sql})` }];
}

/** Reads one operand with the casts behind it: a literal, a column, a call, a CASE or what is in parentheses. */
function readOperand(cursor: Cursor, scope: Scope): Piece {
  let operand = readBareOperand(cursor, scope);
  while (cursor.takeOperator('::')) {
    const type = readType(cursor);
    const label = operand.label === undefined || operand.label === '?column?' ? type.short : operand.label;
    operand = { sql: castSql(operand.sql, type), role: 'operand', label };
  }
  return operand;
}

function readBareOperand(cursor: Cursor, scope: Scope): Piece {
  const node = cursor.next();
  switch (node.kind) {
    case 'string':
      return { sql: quoteLiteral(node.text), role: 'operand', label: '?column?' };
    case 'number':
      return { sql: node.text, role: 'operand', label: '?column?' };
    case 'parameter':
      throw new RedshiftError(`the parameter :${node.text} has no value`);
    case 'group':
      return { sql: `(${rewriteGroup(node, scope)})`, role: 'operand', label: '?column?' };
    case 'case':
      return { sql: rewriteCase(node.items, scope), role: 'operand', label: 'case' };
    case 'operator':
      throw syntaxError(node.text);
    default:
      return readName(node, cursor, scope);
  }
}

/** What stands in parentheses: a query or a list of expressions. */
export function rewriteGroup(group: Group, scope: Scope): string {
  const [first] = group.items;
  const isQuery =
    isWord(first, 'select', 'with', 'values') || (first?.kind === 'group' && isSetOperation(group.items));
  return isQuery ? scope.rewriter.query(group.items, scope) : expressionSql(group.items, scope);
}

/** Whether UNION, INTERSECT or EXCEPT joins what stands here. */
export function isSetOperation(items: readonly Node[]): boolean {
  return items.some((node) => isWord(node, 'union', 'intersect', 'except', 'minus'));
}

function rewriteCase(items: readonly Node[], scope: Scope): string {
  return `CASE ${expressionSql(items, scope)} END`;
}

function readName(node: Node, cursor: Cursor, scope: Scope): Piece {
  if (node.kind !== 'word' && node.kind !== 'quoted') throw syntaxError(describeNode(node));
  if (node.kind === 'word') {
    const reason = refused[node.text];
    if (reason !== undefined && !isOperator(cursor.peek(), '.')) throw unsupported(reason);
    const group = cursor.takeGroup();
    if (group !== undefined) return readCall(node.text, group, cursor, scope);
    if (literalTypes.has(node.text) && cursor.peek()?.kind === 'string') {
      return typedLiteral(node.text, cursor);
    }
    const constant = niladic[node.text];
    if (constant !== undefined) {
      return {
        sql: constant(scope),
        role: 'operand',
        label: constants.has(node.text) ? '?column?' : node.text,
      };
    }
  }
  const names = [node.text];
  while (cursor.takeOperator('.')) {
    if (cursor.takeOperator('*')) return { sql: `${quoteName(names.at(-1) ?? '')}.*`, role: 'star' };
    names.push(cursor.identifier());
  }
  // schema.table.column: the table is known here by its own name alone.
  const sql = names.slice(-2).map(quoteName).join('.');
  return { sql, role: 'operand', label: names.at(-1), isNamed: true };
}

function typedLiteral(type: string, cursor: Cursor): Piece {
  const value = cursor.string();
  const unit = cursor.peek();
  let suffix = '';
  if (type === 'interval' && unit?.kind === 'word' && intervalUnits.has(unit.text)) {
    suffix = ` ${cursor.identifier().toUpperCase()}`;
  }
  return { sql: `${type.toUpperCase()} ${quoteLiteral(value)}${suffix}`, role: 'operand', label: type };
}

function readCall(name: string, group: Group, cursor: Cursor, scope: Scope): Piece {
  const special = specials.has(name) ? translateSpecial(name, group.items, scope) : undefined;
  if (special !== undefined)
    return { sql: special, role: 'operand', label: specialLabel(name, group, scope) };
  const rule = functionRule(name);
  if (rule === undefined) throw unsupported(`function ${name}`);
  const distinct = isWord(group.items[0], 'distinct');
  const items = distinct ? group.items.slice(1) : group.items;
  const nulls = readNullTreatment(cursor);
  const withinGroup = cursor.take('within', 'group')
    ? expressionSql(cursor.expectGroup().items, scope)
    : undefined;
  const nodes = splitCommas(items);
  const inner = nodes.map((arg) => withoutNullTreatment(arg));
  const treatment = nulls ?? inner.find((arg) => arg.nulls !== undefined)?.nulls ?? '';
  const over = readNullTreatment(cursor) ?? treatment;
  const window = cursor.take('over') ? cursor.expectGroup() : undefined;
  const call: Call = {
    name,
    nodes,
    args: inner.map((arg, index) => {
      const sql = name === 'convert' && index === 0 ? '' : expressionSql(arg.nodes, scope);
      return index === 0 && over !== '' ? `${sql} ${over}` : sql;
    }),
    isDistinct: distinct,
    isWindow: window !== undefined,
    scope,
    ...(withinGroup === undefined ? {} : { withinGroup }),
  };
  const sql = rule.translate(call);
  if (window === undefined) {
    if (rule.kind === 'window') throw new RedshiftError(`window function ${name} requires an OVER clause`);
    return { sql, role: 'operand', label: name === 'nvl' ? 'coalesce' : name };
  }
  if (rule.kind === 'scalar') throw new RedshiftError(`OVER specified, but ${name} is not a window function`);
  requireFrame(name, rule.kind, window);
  return {
    sql: `${sql} OVER (${expressionSql(window.items, { ...scope, isWindow: true })})`,
    role: 'operand',
    label: name,
  };
}

const specials = new Set(['cast', 'extract', 'position', 'trim', 'substring']);

function specialLabel(name: string, group: Group, scope: Scope): string {
  if (name === 'extract') return 'date_part';
  if (name !== 'cast') return name === 'trim' ? 'btrim' : name;
  const at = group.items.findIndex((node) => isWord(node, 'as'));
  const pieces = rewritePieces(group.items.slice(0, at), scope);
  const label = pieces.length === 1 ? pieces[0]?.label : undefined;
  return label === undefined || label === '?column?'
    ? readType(new Cursor(group.items.slice(at + 1))).short
    : label;
}

function readNullTreatment(cursor: Cursor): string | undefined {
  if (cursor.take('ignore', 'nulls')) return 'IGNORE NULLS';
  if (cursor.take('respect', 'nulls')) return 'RESPECT NULLS';
  return undefined;
}

function withoutNullTreatment(nodes: readonly Node[]): { nodes: readonly Node[]; nulls?: string } {
  const word = nodes.at(-2);
  if (!isWord(nodes.at(-1), 'nulls') || !isWord(word, 'ignore', 'respect')) return { nodes };
  return { nodes: nodes.slice(0, -2), nulls: `${describeNode(word).toUpperCase()} NULLS` };
}

const frameless = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'percent_rank',
  'cume_dist',
  'ntile',
  'lag',
  'lead',
]);

function requireFrame(name: string, kind: string, window: Group): void {
  const isOrdered = window.items.some((node) => isWord(node, 'order'));
  const hasFrame = window.items.some((node) => isWord(node, 'rows', 'range'));
  if (isOrdered && !hasFrame && !frameless.has(name)) {
    throw new RedshiftError('Aggregate window functions with an ORDER BY clause require a frame clause');
  }
  if (hasFrame && kind === 'window' && frameless.has(name)) {
    throw new RedshiftError(`${name} does not take a frame clause`);
  }
}
