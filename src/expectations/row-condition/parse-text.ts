import { type Comparator, type Condition, ConditionError, type Constant } from './condition.ts';
import { type Token, tokenize } from './tokenize.ts';

const COMPARATORS: Readonly<Record<string, Comparator>> = {
  '==': '==',
  '=': '==',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const FLIPPED: Readonly<Record<Comparator, Comparator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
const NULL_TESTS: Readonly<Record<string, boolean>> = {
  notnull: false,
  notna: false,
  isnull: true,
  isna: true,
};
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 100;

type Operand = { readonly column: string } | { readonly constant: Constant };

/**
 * Reads a condition text: `status == "paid" and (total > 0 or total is null)`, `col("status").notnull()`,
 * `country in ["AT", "DE"]`, `col("ts") >= date("2024-06-01")`. Accepts what is common to pandas queries, Spark filters and
 * SQL, and Great Expectations' own form; nothing else, above all no function calls. Throws `ConditionError`.
 */
export function parseConditionText(text: string): Condition {
  if (text.length > MAX_LENGTH) throw new ConditionError(`longer than ${MAX_LENGTH} characters`);
  const parser = new ConditionParser(tokenize(text));
  return parser.parse();
}

class ConditionParser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Condition {
    const condition = this.#or();
    if (this.#peek().kind !== 'end') this.#fail('"and", "or" or the end');
    return condition;
  }

  #or(): Condition {
    const terms = [this.#and()];
    while (this.#accept('or', '|', '||')) terms.push(this.#and());
    return terms.length === 1 ? terms[0]! : { kind: 'or', terms };
  }

  #and(): Condition {
    const terms = [this.#not()];
    while (this.#accept('and', '&', '&&')) terms.push(this.#not());
    return terms.length === 1 ? terms[0]! : { kind: 'and', terms };
  }

  #not(): Condition {
    if (++this.#depth > MAX_DEPTH) throw new ConditionError(`nested deeper than ${MAX_DEPTH}`);
    try {
      if (this.#accept('not', '~', '!')) return { kind: 'not', term: this.#not() };
      if (this.#accept('(')) {
        const inner = this.#or();
        this.#expect(')');
        return inner;
      }
      return this.#comparison();
    } finally {
      this.#depth--;
    }
  }

  #comparison(): Condition {
    const left = this.#operand();
    if ('column' in left) {
      const special = this.#nullTest(left.column) ?? this.#membership(left.column);
      if (special !== null) return special;
    }
    const comparator = COMPARATORS[this.#peek().kind === 'symbol' ? this.#peek().value : ''];
    if (comparator === undefined) this.#fail('a comparison such as ==, <, in or is null');
    this.#next++;
    const right = this.#operand();
    if ('column' in left && 'column' in right) {
      return { kind: 'compare-columns', column: left.column, comparator, other: right.column };
    }
    if ('column' in left && 'constant' in right) {
      return { kind: 'compare', column: left.column, comparator, value: right.constant };
    }
    if ('constant' in left && 'column' in right) {
      return { kind: 'compare', column: right.column, comparator: FLIPPED[comparator], value: left.constant };
    }
    throw new ConditionError(`a comparison of two constants before ${this.#peek().at}`);
  }

  #nullTest(column: string): Condition | null {
    const test: Condition = { kind: 'is-null', column };
    if (this.#accept('.')) {
      const isNull = NULL_TESTS[this.#peek().value.toLowerCase()];
      if (isNull === undefined) this.#fail('notnull() or isnull()');
      this.#next++;
      this.#expect('(');
      this.#expect(')');
      return isNull ? test : { kind: 'not', term: test };
    }
    if (!this.#accept('is')) return null;
    const isNegated = this.#accept('not');
    this.#expect('null');
    return isNegated ? { kind: 'not', term: test } : test;
  }

  #membership(column: string): Condition | null {
    const isNegated = this.#accept('not');
    if (!this.#accept('in')) {
      if (isNegated) this.#fail('"in"');
      return null;
    }
    const close = this.#accept('[') ? ']' : this.#accept('(') ? ')' : this.#fail('a list in brackets');
    const values: Constant[] = [];
    while (!this.#accept(close)) {
      if (values.length > 0) this.#expect(',');
      const operand = this.#operand();
      if (!('constant' in operand)) throw new ConditionError('a list may hold constants only');
      values.push(operand.constant);
    }
    const test: Condition = { kind: 'in', column, values };
    return isNegated ? { kind: 'not', term: test } : test;
  }

  #operand(): Operand {
    const token = this.#peek();
    this.#next++;
    if (token.kind === 'string') return { constant: token.value };
    if (token.kind === 'number') return { constant: Number(token.value) };
    if (token.kind === 'quoted-name') return { column: token.value };
    if (token.kind === 'symbol' && (token.value === '-' || token.value === '+')) {
      const number = this.#peek();
      if (number.kind !== 'number') this.#fail('a number');
      this.#next++;
      return { constant: token.value === '-' ? -Number(number.value) : Number(number.value) };
    }
    if (token.kind !== 'name') {
      this.#next--;
      this.#fail('a column or a constant');
    }
    const word = token.value.toLowerCase();
    if (word === 'true' || word === 'false') return { constant: word === 'true' };
    if (word === 'col' && this.#accept('(')) return { column: this.#argument('a column name in quotes') };
    if (word === 'date' && this.#accept('(')) return { constant: this.#argument('a date in quotes') };
    if (['and', 'or', 'not', 'in', 'is', 'null', 'none'].includes(word)) {
      this.#next--;
      this.#fail('a column or a constant');
    }
    return { column: token.value };
  }

  /** The text in quotes that stands in the parentheses of `col` and `date`. */
  #argument(expected: string): string {
    const token = this.#peek();
    if (token.kind !== 'string') this.#fail(expected);
    this.#next++;
    this.#expect(')');
    return token.value;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)]!;
  }

  #accept(...words: readonly string[]): boolean {
    const token = this.#peek();
    const isWord = token.kind === 'symbol' || token.kind === 'name';
    if (!isWord || !words.includes(token.value.toLowerCase())) return false;
    this.#next++;
    return true;
  }

  #expect(word: string): void {
    if (!this.#accept(word)) this.#fail(JSON.stringify(word));
  }

  #fail(expected: string): never {
    const token = this.#peek();
    const found = token.kind === 'end' ? 'the end' : JSON.stringify(token.value);
    throw new ConditionError(`expected ${expected} at ${token.at}, found ${found}`);
  }
}
