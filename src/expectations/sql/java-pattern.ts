import { CannotCheck } from '../cannot-check.ts';

/** Only a line feed ends a line, and letters of all alphabets have both cases, as in RE2. */
const FLAGS = '(?du)';
/** Java looks at letters of all alphabets here, RE2 at those of English. */
const BOUNDARY = '(?:(?<=\\w)(?!\\w)|(?<!\\w)(?=\\w))';
const NO_BOUNDARY = '(?:(?<=\\w)(?=\\w)|(?<!\\w)(?!\\w))';
/** Java adds the vertical tab. */
const SPACES = '\\t\\n\\f\\r ';

/** Pieces of a pattern that Java spells in another way, tried in this order; `at` is whether the piece stands in a class. */
const PIECES: readonly {
  readonly syntax: RegExp;
  readonly at?: 'class' | 'outside';
  readonly java: string | ((found: readonly string[]) => string);
}[] = [
  { syntax: /^\\C/, at: 'outside', java: () => refuse('\\C', '(?s:.)') },
  { syntax: /^\(\?[a-zA-Z]*U/, at: 'outside', java: ([found]) => refuse(found!, 'lazy quantifiers (*?)') },
  { syntax: /^\\0?[0-7]{2,3}/, java: ([found]) => refuse(found!, 'the character in hexadecimal (\\x41)') },
  { syntax: /^\\Q/, java: () => refuse('\\Q', 'a backslash before each character') },
  { syntax: /^\(\?P<\w+>/, at: 'outside', java: '(' },
  { syntax: /^\[:(\^?)([a-z]+):\]/, at: 'class', java: ([, not, name]) => namedClass(not!, name!) },
  { syntax: /^\[/, at: 'class', java: '\\[' },
  { syntax: /^&/, at: 'class', java: '\\&' },
  { syntax: /^\\v/, java: '\\x0B' },
  { syntax: /^\\s/, at: 'class', java: SPACES },
  { syntax: /^\\s/, at: 'outside', java: `[${SPACES}]` },
  { syntax: /^\\S/, at: 'outside', java: `[^${SPACES}]` },
  { syntax: /^\\b/, at: 'outside', java: BOUNDARY },
  { syntax: /^\\B/, at: 'outside', java: NO_BOUNDARY },
  { syntax: /^\\([pP])\{(\^?)(\w+)\}/, java: ([, letter, not, name]) => property(letter!, not!, name!) },
  { syntax: /^\{(?!\d+(?:,\d*)?\})/, at: 'outside', java: '\\{' },
];

/**
 * A pattern of RE2, which is what DuckDB reads, as Java's regular expressions spell it. Throws `CannotCheck` for what has no
 * counterpart. What RE2 does not know, such as look-around, is left as it is.
 */
export function javaPattern(pattern: string): string {
  const hasLines = /\(\?[a-zA-Z]*m/.test(pattern);
  let java = FLAGS;
  let isInClass = false;
  for (let rest = pattern; rest !== ''; ) {
    const [taken, spelled] = nextPiece(rest, isInClass, hasLines);
    if (!isInClass && rest.startsWith('[')) isInClass = true;
    else if (isInClass && taken === ']') isInClass = false;
    java += spelled;
    rest = rest.slice(taken.length);
  }
  return java;
}

/** The first piece of a pattern, and how Java spells it. */
function nextPiece(rest: string, isInClass: boolean, hasLines: boolean): readonly [string, string] {
  for (const { syntax, at, java } of PIECES) {
    const found = at === (isInClass ? 'outside' : 'class') ? null : syntax.exec(rest);
    if (found !== null) return [found[0], typeof java === 'string' ? java : java(found)];
  }
  // The end of the text alone, not the place before a last line feed.
  if (!isInClass && !hasLines && rest.startsWith('$')) return ['$', '\\z'];
  // A bracket that closes right after the opening one stands for itself.
  const opened = isInClass ? null : /^\[\^?\]?/.exec(rest);
  if (opened !== null) return [opened[0], opened[0].replace(']', '\\]')];
  const [plain] = /^\\.|^./su.exec(rest)!;
  return [plain, plain];
}

function namedClass(not: string, name: string): string {
  if (name === 'word') return not === '' ? '\\w' : '\\W';
  const java =
    name === 'xdigit' ? 'XDigit' : name === 'ascii' ? 'ASCII' : name[0]!.toUpperCase() + name.slice(1);
  return `\\${not === '' ? 'p' : 'P'}{${java}}`;
}

/** Categories have names of one or two letters, alphabets longer ones. */
function property(letter: string, not: string, name: string): string {
  const isNegated = (letter === 'P') !== (not === '^');
  return `\\${isNegated ? 'P' : 'p'}{${name.length > 2 ? 'Is' : ''}${name}}`;
}

function refuse(found: string, instead: string): never {
  throw new CannotCheck(`Spark has no counterpart of ${found} in a pattern; write ${instead} for it`);
}
