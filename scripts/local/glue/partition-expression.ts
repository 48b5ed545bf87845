import { invalid } from './input.ts';
import type { Column } from './shapes.ts';

/** Whether a partition with these values is wanted. */
export type PartitionFilter = (values: readonly string[]) => boolean;

type Token = { kind: 'word' | 'string' | 'number' | 'symbol'; text: string };

const tokenPattern = /\s+|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|<>|!=|[=<>(),])/y;
const numericTypes = /^(tinyint|smallint|int|integer|bigint|float|double|decimal.*)$/;

/**
 * Compiles the `Expression` of GetPartitions: `=`, `<>`, `!=`, `<`, `>`, `<=`, `>=`, IN, BETWEEN, AND, OR, NOT and
 * parentheses over partition keys and literals. Numeric keys compare as numbers, all others as text.
 *
 * `InvalidInputException` when a name is no partition key or the text does not parse.
 */
export function compilePartitionExpression(expression: string, keys: readonly Column[]): PartitionFilter {
  const tokens = tokenize(expression);
  let position = 0;
  const peek = (): string | undefined => tokens[position]?.text.toLowerCase();
  const take = (text: string): boolean => {
    if (peek() !== text || tokens[position]?.kind === 'string') return false;
    position += 1;
    return true;
  };
  const expect = (text: string): void => {
    if (!take(text)) throw invalid(`Unsupported expression '${expression}': expected ${text}`);
  };
  const literal = (): string => {
    const token = tokens[position++];
    if (token?.kind !== 'string' && token?.kind !== 'number') {
      throw invalid(`Unsupported expression '${expression}': expected a literal`);
    }
    return token.text;
  };

  const or = (): PartitionFilter => {
    let left = and();
    while (take('or')) left = either(left, and());
    return left;
  };
  const and = (): PartitionFilter => {
    let left = factor();
    while (take('and')) left = both(left, factor());
    return left;
  };
  const factor = (): PartitionFilter => {
    if (take('not')) return negate(factor());
    if (take('(')) {
      const inner = or();
      expect(')');
      return inner;
    }
    return comparison();
  };
  const comparison = (): PartitionFilter => {
    const name = tokens[position++];
    const index = keys.findIndex((key) => key.Name.toLowerCase() === name?.text.toLowerCase());
    if (name?.kind !== 'word' || index < 0) {
      throw invalid(`Unsupported expression '${expression}': ${name?.text ?? 'its end'} is no partition key`);
    }
    const compare = comparator(keys[index]?.Type ?? 'string');
    const value = (values: readonly string[]): string => values[index] ?? '';
    if (take('not')) return negate(membership(compare, value));
    if (peek() === 'in' || peek() === 'between') return membership(compare, value);
    const operator = tokens[position++]?.text ?? '';
    const right = literal();
    const holds = operators[operator];
    if (holds === undefined) throw invalid(`Unsupported expression '${expression}': operator ${operator}`);
    return (values) => holds(compare(value(values), right));
  };
  const membership = (
    compare: (a: string, b: string) => number,
    value: (values: readonly string[]) => string,
  ): PartitionFilter => {
    if (take('between')) {
      const low = literal();
      expect('and');
      const high = literal();
      return (values) => compare(value(values), low) >= 0 && compare(value(values), high) <= 0;
    }
    expect('in');
    expect('(');
    const wanted = [literal()];
    while (take(',')) wanted.push(literal());
    expect(')');
    return (values) => wanted.some((one) => compare(value(values), one) === 0);
  };

  const filter = or();
  if (position < tokens.length) throw invalid(`Unsupported expression '${expression}' at ${peek()}`);
  return filter;
}

const operators: Record<string, ((order: number) => boolean) | undefined> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};

const either =
  (a: PartitionFilter, b: PartitionFilter): PartitionFilter =>
  (values) =>
    a(values) || b(values);
const both =
  (a: PartitionFilter, b: PartitionFilter): PartitionFilter =>
  (values) =>
    a(values) && b(values);
const negate =
  (a: PartitionFilter): PartitionFilter =>
  (values) =>
    !a(values);

function comparator(type: string): (a: string, b: string) => number {
  if (numericTypes.test(type)) return (a, b) => Number(a) - Number(b);
  return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < expression.length) {
    const match = tokenPattern.exec(expression);
    if (match === null) throw invalid(`Unsupported expression '${expression}'`);
    const [, string, number, word, symbol] = match;
    if (string !== undefined) tokens.push({ kind: 'string', text: string.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
  }
  return tokens;
}
