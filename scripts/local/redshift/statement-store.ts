import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../glue/journal.ts';
import type { ResultSet } from './results.ts';
import { isTerminal, type StatementRecord } from './statement-record.ts';

const keptMs = 24 * 3_600_000;

/**
 * Statements, ClientTokens and results, on disk; they outlive the process and are kept for a day, as in the Data API.
 */
export class StatementStore {
  readonly #journal: Journal;
  readonly #results: string;

  constructor(stateDir: string) {
    this.#journal = new Journal(join(stateDir, 'statements.jsonl'));
    this.#results = join(stateDir, 'results');
    mkdirSync(this.#results, { recursive: true });
    this.#dropOld();
  }

  get(id: string): StatementRecord | undefined {
    return this.#journal.get<StatementRecord>(`statement/${id}`);
  }

  byToken(token: string): StatementRecord | undefined {
    const id = this.#journal.get<string>(`token/${token}`);
    return id === undefined ? undefined : this.get(id);
  }

  /** All statements, newest first. */
  list(): StatementRecord[] {
    const all = this.#journal.list<StatementRecord>('statement/');
    return all.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  }

  /** Statements that a crash left unfinished. */
  unfinished(): StatementRecord[] {
    return this.list().filter((record) => !isTerminal(record.status));
  }

  /** Keeps the record; its token, if any, is kept in the same write. */
  save(record: StatementRecord): void {
    const copy = structuredClone(record);
    const statement = [`statement/${record.id}`, copy] as const;
    const token = record.clientToken;
    const isNew = token !== undefined && this.#journal.get(`token/${token}`) === undefined;
    this.#journal.commit(isNew ? [statement, [`token/${token}`, record.id]] : [statement]);
  }

  saveResult(id: string, index: number, result: ResultSet): void {
    const path = this.#resultPath(id, index);
    writeFileSync(`${path}.new`, JSON.stringify(result));
    renameSync(`${path}.new`, path);
  }

  readResult(id: string, index: number): ResultSet | undefined {
    const path = this.#resultPath(id, index);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ResultSet) : undefined;
  }

  compact(): void {
    this.#journal.compact();
  }

  #resultPath(id: string, index: number): string {
    return join(this.#results, `${id}.${index}.json`);
  }

  #dropOld(): void {
    const oldest = Date.now() - keptMs;
    const old = this.list().filter((record) => record.createdAt < oldest);
    for (const { id, clientToken } of old) {
      const token = clientToken === undefined ? [] : [[`token/${clientToken}`, null] as const];
      this.#journal.commit([[`statement/${id}`, null], ...token]);
    }
    for (const file of readdirSync(this.#results)) {
      if (this.get(file.slice(0, file.indexOf('.'))) === undefined) rmSync(join(this.#results, file));
    }
  }
}
