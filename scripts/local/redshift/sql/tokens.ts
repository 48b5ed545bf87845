import { RedshiftError, syntaxError, unsupported } from '../errors.ts';

/** A lexical unit. Words and quoted identifiers are folded to lower case; strings are decoded. */
export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'operator' | 'parameter';
  text: string;
  /** Offset in the statement, for cutting out original text. */
  position: number;
}

const space = /\s+/y;
const lineComment = /--[^\n]*/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const parameter = /:([A-Za-z_]\w*)/y;
const operator = /::|\|\||<=|>=|<>|!=|[-+*/%^<>=(),.;]/y;

/**
 * Cuts a Redshift statement into tokens; comments are left out.
 *
 * Backslashes escape inside string literals, as in Redshift. Operators outside the supported set (`~`, `[`, `->` ...) are refused.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(sql);
  };
  const push = (kind: Token['kind'], text: string, end: number): void => {
    tokens.push({ kind, text, position });
    position = end;
  };
  while (position < sql.length) {
    const skipped = match(space) ?? match(lineComment);
    if (skipped !== null) {
      position += skipped[0].length;
      continue;
    }
    if (sql.startsWith('/*', position)) {
      position = endOfComment(sql, position);
      continue;
    }
    const character = sql.charAt(position);
    if (character === "'") {
      const { value, end } = readString(sql, position);
      push('string', value, end);
      continue;
    }
    if (character === '"') {
      const { value, end } = readQuoted(sql, position);
      push('quoted', value.toLowerCase(), end);
      continue;
    }
    const found = match(word);
    if (found !== null) {
      push('word', found[0].toLowerCase(), position + found[0].length);
      continue;
    }
    const digits = match(number);
    if (digits !== null) {
      push('number', digits[0], position + digits[0].length);
      continue;
    }
    const symbol = match(operator);
    if (symbol !== null) {
      push('operator', symbol[0], position + symbol[0].length);
      continue;
    }
    const named = match(parameter);
    if (named?.[1] !== undefined) {
      push('parameter', named[1], position + named[0].length);
      continue;
    }
    throw unsupported(`the character ${character}`);
  }
  return tokens;
}

function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length - 1; at += 1) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') depth += 1;
    if (pair === '*/') depth -= 1;
    if (pair === '/*' || pair === '*/') at += 1;
    if (depth === 0) return at + 1;
  }
  throw new RedshiftError('unterminated /* comment');
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function readString(sql: string, start: number): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < sql.length; at += 1) {
    const character = sql.charAt(at);
    if (character === "'" && sql.charAt(at + 1) !== "'") return { value, end: at + 1 };
    if (character === "'" || character === '\\') {
      at += 1;
      const escaped = sql.charAt(at);
      value += character === '\\' ? (escapes[escaped] ?? escaped) : escaped;
    } else {
      value += character;
    }
  }
  throw new RedshiftError(`unterminated quoted string at or near "${sql.slice(start, start + 20)}"`);
}

function readQuoted(sql: string, start: number): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < sql.length; at += 1) {
    if (sql.charAt(at) !== '"') value += sql.charAt(at);
    else if (sql.charAt(at + 1) === '"') {
      value += '"';
      at += 1;
    } else if (value === '') throw syntaxError('""');
    else return { value, end: at + 1 };
  }
  throw new RedshiftError(`unterminated quoted identifier at or near "${sql.slice(start, start + 20)}"`);
}

/** A string as a DuckDB literal. */
export function quoteLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A name as a DuckDB identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
