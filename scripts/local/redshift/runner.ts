import { setTimeout as delay } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { EngineFault, EngineFaults } from './engine-faults.ts';
import { CancelledError, RedshiftError, serializationFailure } from './errors.ts';
import type { Lake } from './external/lake.ts';
import { resultSizeBytes } from './results.ts';
import { beginTransaction, commitTransaction, rollBackTransaction, type Session } from './session.ts';
import { bindParameters } from './sql/parameters.ts';
import { tokenize } from './sql/tokens.ts';
import { type Node, parseTree } from './sql/tree.ts';
import { isTerminal, type StatementRecord, type SubStatement } from './statement-record.ts';
import type { StatementStore } from './statement-store.ts';
import { isQuery, runStatement } from './statements/dispatch.ts';
import { Transactions } from './transactions.ts';
import { isInterrupt, redshiftMessage } from './translate-error.ts';
import type { Warehouse } from './warehouse.ts';

// Those that wait for a lock take no thread of the engine, so this is more than the machine has cores.
const maxRunning = 8;
const interruptEveryMs = 20;

interface Running {
  cancel: AbortController;
  connection?: DuckDBConnection;
  /** Repeats the interrupt of a cancelled statement. */
  interrupting?: NodeJS.Timeout;
  /** The commit is under way: too late to cancel. */
  isCommitting: boolean;
  over: Promise<void>;
}

/** Runs submitted statements one beside the other and notes what became of them. */
export class Runner {
  readonly #warehouse: Warehouse;
  readonly #store: StatementStore;
  readonly #lake: Lake;
  readonly #faults: EngineFaults;
  readonly #transactions = new Transactions();
  readonly #running = new Map<string, Running>();
  readonly #waiting: (() => void)[] = [];
  #free = maxRunning;

  constructor(warehouse: Warehouse, store: StatementStore, lake: Lake, faults: EngineFaults) {
    this.#warehouse = warehouse;
    this.#store = store;
    this.#lake = lake;
    this.#faults = faults;
  }

  /** Settles what a crash interrupted: finished when its transaction had committed, else failed with nothing applied. */
  async recover(): Promise<void> {
    for (const record of this.#store.unfinished()) {
      const outcome = await this.#committedOutcome(record);
      if (outcome !== undefined) this.#store.save({ ...record, ...outcome });
      else {
        fail(record, 'ERROR: connection to the warehouse was lost: nothing of the statement was applied');
        this.#store.save(record);
      }
    }
  }

  /** Starts a statement; returns at once. */
  submit(record: StatementRecord): void {
    const running: Running = { cancel: new AbortController(), isCommitting: false, over: Promise.resolve() };
    this.#running.set(record.id, running);
    this.#store.save(record);
    running.over = this.#run(record, running).finally(() => this.#running.delete(record.id));
  }

  /** Resolves when the statement is over; at once for one that is. */
  async whenOver(id: string): Promise<void> {
    await this.#running.get(id)?.over;
  }

  /** Tells a running statement to stop. False when it is over, or so far that it will finish. */
  cancel(id: string): boolean {
    const running = this.#running.get(id);
    if (running === undefined || running.isCommitting) return false;
    running.cancel.abort(new CancelledError());
    // One interrupt would be lost when it falls between two calls of the engine.
    running.interrupting ??= setInterval(() => running.connection?.interrupt(), interruptEveryMs);
    return true;
  }

  async #run(record: StatementRecord, running: Running): Promise<void> {
    await this.#enter();
    let connection: DuckDBConnection | undefined;
    const startedAt = process.hrtime.bigint();
    try {
      running.cancel.signal.throwIfAborted();
      record.status = 'PICKED';
      this.#store.save(record);
      if (!this.#warehouse.databases.includes(record.database)) {
        throw new RedshiftError(`database "${record.database}" does not exist`);
      }
      connection = await this.#warehouse.connect(record.database);
      running.connection = connection;
      const session = this.#session(record, connection, running.cancel.signal);
      record.status = 'STARTED';
      this.#store.save(record);
      await this.#execute(record, session, running);
    } catch (error) {
      const message = `ERROR: ${redshiftMessage(error, record.database)}`;
      fail(record, message, isInterrupt(error) ? 'ABORTED' : 'FAILED');
    } finally {
      clearInterval(running.interrupting);
      connection?.closeSync();
      record.durationNs = Number(process.hrtime.bigint() - startedAt);
      record.updatedAt = Date.now();
      this.#store.save(record);
      this.#leave();
    }
  }

  async #execute(record: StatementRecord, session: Session, running: Running): Promise<void> {
    const fault = this.#faults.take(record.subs.map((sub) => sub.sql));
    if (fault?.mode === 'slow') await delay(fault.delayMs, undefined, { signal: session.signal });
    if (record.isAutoCommit) {
      for (const index of record.subs.keys()) {
        await this.#transact(record, [index], session, running, fault).catch(() => undefined);
      }
    } else {
      await this.#transact(record, [...record.subs.keys()], session, running, fault).catch(() => undefined);
    }
    const failed = record.subs.findIndex((sub) => sub.status !== 'FINISHED');
    const sub = record.subs[failed];
    record.status = sub?.status ?? 'FINISHED';
    if (sub?.error !== undefined) {
      record.error =
        record.isBatch && sub.status === 'FAILED'
          ? `Query #${failed + 1} failed with ${sub.error}`
          : sub.error;
    }
  }

  /** Runs some of the SQL texts in one transaction, whose outcome is kept in it. */
  async #transact(
    record: StatementRecord,
    indexes: readonly number[],
    session: Session,
    running: Running,
    fault: EngineFault | undefined,
  ): Promise<void> {
    let current = indexes[0] ?? 0;
    await beginTransaction(session);
    try {
      let isReadOnly = true;
      for (const index of indexes) {
        current = index;
        const sub = record.subs[index] as SubStatement;
        const nodes = parse(sub.sql, record);
        isReadOnly &&= isQuery(nodes);
        await this.#runOne(record, index, sub, nodes, session);
      }
      if (fault?.mode === 'slow-commit') await delay(fault.delayMs, undefined, { signal: session.signal });
      if (fault?.mode === 'conflict') throw serializationFailure('100000', [session.transaction.id]);
      if (fault?.mode === 'fail') throw new RedshiftError(fault.message);
      session.signal.throwIfAborted();
      running.isCommitting = true;
      if (!isReadOnly) await keepOutcome(record, session);
      await commitTransaction(session);
    } catch (error) {
      clearInterval(running.interrupting);
      await rollBackTransaction(session);
      const table = [...session.transaction.writes][0] ?? record.database;
      markFailed(record, indexes, current, `ERROR: ${redshiftMessage(error, table)}`, isInterrupt(error));
      throw error;
    } finally {
      running.isCommitting = false;
    }
  }

  async #runOne(
    record: StatementRecord,
    index: number,
    sub: SubStatement,
    nodes: readonly Node[],
    session: Session,
  ): Promise<void> {
    session.signal.throwIfAborted();
    const startedAt = process.hrtime.bigint();
    sub.status = 'STARTED';
    sub.updatedAt = Date.now();
    this.#store.save(record);
    const { resultSet, affected } = await runStatement(session, nodes, sub.sql);
    if (resultSet !== undefined) {
      this.#store.saveResult(record.id, index, resultSet);
      sub.resultSize = resultSizeBytes(resultSet);
    }
    sub.hasResultSet = resultSet !== undefined;
    sub.resultRows = affected;
    sub.durationNs = Number(process.hrtime.bigint() - startedAt);
    sub.status = 'FINISHED';
    sub.updatedAt = Date.now();
  }

  #session(record: StatementRecord, connection: DuckDBConnection, signal: AbortSignal): Session {
    const session: Session = {
      connection,
      database: record.database,
      user: record.user,
      isBlock: record.isBatch && !record.isAutoCommit,
      transaction: this.#transactions.begin(),
      transactions: this.#transactions,
      temporary: new Map(),
      lake: this.#lake,
      signal,
      outside: async (use) => {
        const other = await this.#warehouse.connect(record.database);
        try {
          return await use({ ...session, connection: other });
        } finally {
          other.closeSync();
        }
      },
    };
    this.#transactions.end(session.transaction, false);
    return session;
  }

  async #committedOutcome(record: StatementRecord): Promise<Partial<StatementRecord> | undefined> {
    if (!this.#warehouse.databases.includes(record.database)) return undefined;
    const connection = await this.#warehouse.connect(record.database);
    try {
      const reader = await connection.runAndReadAll(
        'SELECT outcome FROM stand_in.outcomes WHERE id = $1 ORDER BY rowid',
        [record.id],
      );
      const outcome = reader.getRows().at(-1)?.[0];
      return outcome === undefined ? undefined : (JSON.parse(String(outcome)) as Partial<StatementRecord>);
    } finally {
      connection.closeSync();
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

function parse(sql: string, record: StatementRecord): Node[] {
  return parseTree(bindParameters(tokenize(sql), record.parameters));
}

/** Written by the transaction itself: there after a crash if, and only if, its effects are. */
async function keepOutcome(record: StatementRecord, { connection }: Session): Promise<void> {
  const isWhole = record.subs.every((sub) => sub.status === 'FINISHED');
  const outcome: Partial<StatementRecord> = {
    status: isWhole ? 'FINISHED' : 'FAILED',
    subs: record.subs,
    updatedAt: Date.now(),
    ...(isWhole
      ? {}
      : { error: 'ERROR: connection to the warehouse was lost half-way; see the sub-statements' }),
  };
  await connection.run('INSERT INTO stand_in.outcomes VALUES ($1, $2)', [record.id, JSON.stringify(outcome)]);
}

function markFailed(
  record: StatementRecord,
  indexes: readonly number[],
  current: number,
  message: string,
  isCancelled: boolean,
): void {
  for (const index of indexes) {
    const sub = record.subs[index] as SubStatement;
    sub.updatedAt = Date.now();
    if (index === current) {
      sub.status = isCancelled ? 'ABORTED' : 'FAILED';
      sub.error = message;
    } else if (index > current) sub.status = 'ABORTED';
  }
}

function fail(record: StatementRecord, message: string, status: 'FAILED' | 'ABORTED' = 'FAILED'): void {
  record.status = status;
  record.error = message;
  record.updatedAt = Date.now();
  for (const sub of record.subs) {
    if (isTerminal(sub.status)) continue;
    sub.status = status;
    sub.error = message;
  }
}
