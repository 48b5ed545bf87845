import { Cursor, displayName, type QualifiedName } from '../sql/cursor.ts';
import { isOperator, isWord, type Node, splitCommas } from '../sql/tree.ts';

/** Whether a partition with this value of a key can hold wanted rows. */
type ValueTest = (value: string) => boolean;

/** Tests that every wanted partition of one relation passes, by partition key. */
export interface Pruning {
  relation: string;
  /** Kinds of keys decide what may be compared: text only for equality. */
  testsFor(key: string, type: string): ValueTest[];
}

const clauses = ['where', 'group', 'having', 'order', 'limit', 'offset', 'qualify'];
const joins = ['join', 'union', 'intersect', 'except', 'minus', 'with'];

/**
 * What WHERE says of the partition keys, for a query of one relation: `key = literal`, `IN`, `BETWEEN`, `<`, `>` ...
 * joined by AND. Undefined for any other query. The filter itself stays in the query; this only spares listing and
 * opening files, which is what takes the time on a table of a thousand partitions.
 */
export function readPruning(nodes: readonly Node[]): Pruning | undefined {
  if (!isWord(nodes[0], 'select') || nodes.some((node) => isWord(node, ...joins))) return undefined;
  const cursor = new Cursor(nodes);
  cursor.until('from');
  if (!cursor.take('from') || cursor.peek()?.kind === 'group') return undefined;
  const name = cursor.qualifiedName();
  const between = cursor.until(...clauses);
  if (between.some((node) => isOperator(node, ',', '.'))) return undefined;
  if (!cursor.take('where')) return undefined;
  const where = cursor.until(...clauses.slice(1));
  if (where.some((node) => isWord(node, 'or'))) return undefined;
  return pruningOf(name, conjuncts(where));
}

function pruningOf(name: QualifiedName, parts: readonly Node[][]): Pruning {
  return {
    relation: displayName(name),
    testsFor: (key, type) =>
      parts.map((part) => readTest(part, key, type)).filter((test) => test !== undefined),
  };
}

/** Cuts at AND, but not at the one of BETWEEN. */
function conjuncts(nodes: readonly Node[]): Node[][] {
  const parts: Node[][] = [[]];
  let isBetween = false;
  for (const node of nodes) {
    if (isWord(node, 'between')) isBetween = true;
    if (isWord(node, 'and') && !isBetween) parts.push([]);
    else {
      if (isWord(node, 'and')) isBetween = false;
      parts.at(-1)?.push(node);
    }
  }
  return parts;
}

function readTest(nodes: readonly Node[], key: string, type: string): ValueTest | undefined {
  const at = nodes.findIndex((node) => (node.kind === 'word' || node.kind === 'quoted') && node.text === key);
  const isQualified = at === 2 && isOperator(nodes[1], '.');
  if (at !== 0 && !isQualified) return undefined;
  const [operator, ...operands] = nodes.slice(at + 1);
  const compare = comparison(type);
  if (isWord(operator, 'in') && operands[0]?.kind === 'group' && operands.length === 1) {
    const wanted = splitCommas(operands[0].items).map((part) => literal(part, type));
    if (!wanted.every((one) => one !== undefined)) return undefined;
    return (value) => wanted.some((one) => compare(value, one) === 0);
  }
  if (isWord(operator, 'between')) {
    const and = operands.findIndex((node) => isWord(node, 'and'));
    const low = literal(operands.slice(0, and), type);
    const high = literal(operands.slice(and + 1), type);
    if (low === undefined || high === undefined || !isOrdered(type)) return undefined;
    return (value) => compare(value, low) >= 0 && compare(value, high) <= 0;
  }
  if (operator?.kind !== 'operator') return undefined;
  const wanted = literal(operands, type);
  const holds = orders[operator.text];
  if (wanted === undefined || holds === undefined) return undefined;
  if (operator.text !== '=' && !isOrdered(type)) return undefined;
  return (value) => holds(compare(value, wanted));
}

const orders: Record<string, ((order: number) => boolean) | undefined> = {
  '=': (order) => order === 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};

const isNumeric = (type: string): boolean => /^(tinyint|smallint|int|bigint)$/.test(type);
const isOrdered = (type: string): boolean => isNumeric(type) || type === 'date';

function comparison(type: string): (a: string, b: string) => number {
  if (isNumeric(type)) return (a, b) => Number(a) - Number(b);
  return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
}

/** A literal whose comparison as text or number is that of its type; undefined for all else. */
function literal(nodes: readonly Node[], type: string): string | undefined {
  const isTyped = isWord(nodes[0], 'date') && nodes[1]?.kind === 'string';
  const [node, ...more] = isTyped ? nodes.slice(1) : nodes;
  if (more.length > 0 || (node?.kind !== 'string' && node?.kind !== 'number')) return undefined;
  if (isNumeric(type)) return /^\d{1,15}$/.test(node.text) ? node.text : undefined;
  if (type === 'date') return /^\d{4}-\d\d-\d\d$/.test(node.text) ? node.text : undefined;
  return /^(string|varchar.*)$/.test(type) && node.kind === 'string' ? node.text : undefined;
}
