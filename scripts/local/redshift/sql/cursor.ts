import { syntaxError } from '../errors.ts';
import { describeNode, type Group, isOperator, isWord, type Node } from './tree.ts';

/** A table, view or schema-less name as written; `schema` is undefined when it was left out. */
export interface QualifiedName {
  schema: string | undefined;
  name: string;
}

/** How a name is written in messages. */
export function displayName({ schema, name }: QualifiedName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** Reads nodes from left to right; every `expect` throws Redshift's syntax error at what stands there instead. */
export class Cursor {
  readonly #nodes: readonly Node[];
  #at = 0;

  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  peek(ahead = 0): Node | undefined {
    return this.#nodes[this.#at + ahead];
  }

  next(): Node {
    const node = this.#nodes[this.#at];
    if (node === undefined) throw syntaxError('');
    this.#at += 1;
    return node;
  }

  get atEnd(): boolean {
    return this.#at >= this.#nodes.length;
  }

  /** What has not been read; reads it. */
  rest(): Node[] {
    const rest = this.#nodes.slice(this.#at);
    this.#at = this.#nodes.length;
    return rest;
  }

  /** Nodes up to the first top-level word of these, which stays unread. */
  until(...words: string[]): Node[] {
    const taken: Node[] = [];
    while (!this.atEnd && !isWord(this.peek(), ...words)) taken.push(this.next());
    return taken;
  }

  /** Whether the next nodes are these words, in this order. */
  sees(...words: string[]): boolean {
    return words.every((word, index) => isWord(this.peek(index), word));
  }

  /** Reads these words if they all come next. */
  take(...words: string[]): boolean {
    if (!this.sees(...words)) return false;
    this.#at += words.length;
    return true;
  }

  takeOperator(operator: string): boolean {
    if (!isOperator(this.peek(), operator)) return false;
    this.#at += 1;
    return true;
  }

  expect(...words: string[]): void {
    for (const word of words) if (!this.take(word)) throw this.unexpected();
  }

  expectOperator(operator: string): void {
    if (!this.takeOperator(operator)) throw this.unexpected();
  }

  expectEnd(): void {
    if (!this.atEnd) throw this.unexpected();
  }

  takeGroup(): Group | undefined {
    const node = this.peek();
    if (node?.kind !== 'group') return undefined;
    this.#at += 1;
    return node;
  }

  expectGroup(): Group {
    const group = this.takeGroup();
    if (group === undefined) throw this.unexpected();
    return group;
  }

  /** A plain or quoted identifier. */
  identifier(): string {
    const node = this.peek();
    if (node?.kind !== 'word' && node?.kind !== 'quoted') throw this.unexpected();
    this.#at += 1;
    return node.text;
  }

  /** `name` or `schema.name`. */
  qualifiedName(): QualifiedName {
    const first = this.identifier();
    if (!this.takeOperator('.')) return { schema: undefined, name: first };
    return { schema: first, name: this.identifier() };
  }

  string(): string {
    const node = this.peek();
    if (node?.kind !== 'string') throw this.unexpected();
    this.#at += 1;
    return node.text;
  }

  integer(): number {
    const sign = this.takeOperator('-') ? -1 : 1;
    const node = this.peek();
    if (node?.kind !== 'number' || !/^\d+$/.test(node.text)) throw this.unexpected();
    this.#at += 1;
    return sign * Number(node.text);
  }

  unexpected(): Error {
    return syntaxError(describeNode(this.peek()));
  }
}
