import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One change of a journal: a key and its new value, or `null` for "removed". */
export type Change = readonly [key: string, value: unknown];

/**
 * A map of JSON values that survives kill -9: every commit is one appended line, so it is there whole or not at all.
 *
 * Opening replays the file and rewrites it without what was replaced. A last line that was cut off by a crash is
 * dropped. The file is not fsynced: it outlives the process, not a power cut.
 */
export class Journal {
  readonly #path: string;
  readonly #values = new Map<string, unknown>();

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) this.#replay(readFileSync(path, 'utf8'));
    this.compact();
  }

  /** The value under a key, or undefined. Treat it as frozen; change it by {@link commit}. */
  get<T>(key: string): T | undefined {
    return this.#values.get(key) as T | undefined;
  }

  /** Values whose key starts with the prefix, in key order. */
  list<T>(prefix: string): T[] {
    return this.keys(prefix).map((key) => this.#values.get(key) as T);
  }

  /** Keys that start with the prefix, in order. */
  keys(prefix: string): string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** Applies all changes together. */
  commit(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    appendFileSync(this.#path, `${JSON.stringify(changes)}\n`);
    this.#apply(changes);
  }

  /** Rewrites the file to hold current values only. */
  compact(): void {
    const lines = [...this.#values].map((entry) => `${JSON.stringify([entry])}\n`);
    writeFileSync(`${this.#path}.new`, lines.join(''));
    renameSync(`${this.#path}.new`, this.#path);
  }

  #replay(text: string): void {
    const lines = text.split('\n');
    // A whole line ends in a newline, so what follows the last one is either empty or torn.
    for (const line of lines.slice(0, -1)) this.#apply(JSON.parse(line) as Change[]);
  }

  #apply(changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
    }
  }
}
