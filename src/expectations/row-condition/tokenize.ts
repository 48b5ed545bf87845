import { ConditionError } from './condition.ts';

/** A word of a condition: `value` is unquoted and unescaped. */
export interface Token {
  readonly kind: 'name' | 'quoted-name' | 'string' | 'number' | 'symbol' | 'end';
  readonly value: string;
  /** Position of its first character in the text, from 0. */
  readonly at: number;
}

const SYMBOLS = [
  '==',
  '!=',
  '<>',
  '<=',
  '>=',
  '&&',
  '||',
  '<',
  '>',
  '=',
  '(',
  ')',
  '[',
  ']',
  ',',
  '.',
  '&',
  '|',
  '~',
  '!',
  '-',
  '+',
];
const NAME = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;

/** Splits a condition into tokens, ending in an `end` token. Throws `ConditionError` at a character that has no place. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (/\s/.test(character)) {
      at++;
      continue;
    }
    const token = quoted(text, at) ?? matched(text, at, NUMBER, 'number') ?? matched(text, at, NAME, 'name');
    if (token !== null) {
      tokens.push(token.token);
      at = token.next;
      continue;
    }
    const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at));
    if (symbol === undefined) throw new ConditionError(`unexpected ${JSON.stringify(character)} at ${at}`);
    tokens.push({ kind: 'symbol', value: symbol, at });
    at += symbol.length;
  }
  tokens.push({ kind: 'end', value: '', at });
  return tokens;
}

interface Found {
  readonly token: Token;
  readonly next: number;
}

function matched(text: string, at: number, pattern: RegExp, kind: Token['kind']): Found | null {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found === null ? null : { token: { kind, value: found[0], at }, next: at + found[0].length };
}

/** A string in single or double quotes, or a column name in backquotes; a backslash takes the next character as it is. */
function quoted(text: string, at: number): Found | null {
  const quote = text[at]!;
  if (quote !== '"' && quote !== "'" && quote !== '`') return null;
  let value = '';
  for (let next = at + 1; next < text.length; next++) {
    const character = text[next]!;
    if (character === quote && text[next + 1] === quote) {
      value += quote;
      next++;
    } else if (character === quote) {
      const kind = quote === '`' ? 'quoted-name' : 'string';
      return { token: { kind, value, at }, next: next + 1 };
    } else if (character === '\\' && next + 1 < text.length) {
      next++;
      value += text[next]!;
    } else {
      value += character;
    }
  }
  throw new ConditionError(`the quote that opens at ${at} is never closed`);
}
