import { CancelledError, RedshiftError, serializationFailure } from './errors.ts';

interface Committed {
  id: number;
  order: number;
  reads: ReadonlySet<string>;
  writes: ReadonlySet<string>;
}

interface Lock {
  holder: Transaction;
  queue: { transaction: Transaction; proceed: () => void }[];
}

/**
 * Table locks and serializable isolation for all transactions of the warehouse.
 *
 * DuckDB gives each transaction a snapshot and refuses writes to the same row. Redshift also makes writers of one
 * table wait for each other and refuses, by table, transactions that cannot be put in an order; that is done here.
 */
export class Transactions {
  readonly #locks = new Map<string, Lock>();
  readonly #active = new Set<Transaction>();
  #committed: Committed[] = [];
  #nextId = 1;
  #order = 0;

  begin(): Transaction {
    const transaction = new Transaction(this.#nextId++, this);
    this.#active.add(transaction);
    return transaction;
  }

  /** How many transactions have committed: where a snapshot stands. */
  get order(): number {
    return this.#order;
  }

  /** Waits for the table; `deadlock detected` when waiting would never end. Held until the transaction is over. */
  async acquire(transaction: Transaction, table: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const lock = this.#locks.get(table);
    if (lock === undefined) {
      this.#locks.set(table, { holder: transaction, queue: [] });
      return;
    }
    if (lock.holder === transaction) return;
    for (let other: Transaction | undefined = lock.holder; other !== undefined; ) {
      if (other === transaction) throw new RedshiftError('deadlock detected');
      const waitsFor: string | undefined = other.waitsFor;
      other = waitsFor === undefined ? undefined : this.#locks.get(waitsFor)?.holder;
    }
    transaction.waitsFor = table;
    try {
      await new Promise<void>((resolve, reject) => {
        const entry = { transaction, proceed: resolve };
        lock.queue.push(entry);
        signal.addEventListener('abort', () => {
          const at = lock.queue.indexOf(entry);
          if (at >= 0) lock.queue.splice(at, 1);
          reject(new CancelledError());
        });
      });
    } finally {
      transaction.waitsFor = undefined;
    }
  }

  /**
   * Error 1023 when a transaction that committed after this one's snapshot wrote what this one read and read what
   * this one writes: neither could have come first.
   */
  check(transaction: Transaction): void {
    const { snapshot, reads, writes } = transaction;
    if (snapshot === undefined || writes.size === 0) return;
    for (const other of this.#committed) {
      if (other.order <= snapshot) continue;
      const conflict = [...other.writes].find((table) => reads.has(table));
      if (conflict !== undefined && [...other.reads].some((table) => writes.has(table))) {
        throw serializationFailure(conflict, [transaction.id, other.id]);
      }
    }
  }

  /** Ends a transaction and lets the next in line have its locks. */
  end(transaction: Transaction, isCommitted: boolean): void {
    this.#active.delete(transaction);
    if (isCommitted && transaction.writes.size > 0) {
      this.#order += 1;
      const { id, reads, writes } = transaction;
      this.#committed.push({ id, order: this.#order, reads, writes });
    }
    const oldest = Math.min(this.#order, ...[...this.#active].map((one) => one.snapshot ?? this.#order));
    this.#committed = this.#committed.filter((one) => one.order > oldest);
    for (const [table, lock] of [...this.#locks]) {
      if (lock.holder !== transaction) continue;
      const next = lock.queue.shift();
      if (next === undefined) this.#locks.delete(table);
      else {
        lock.holder = next.transaction;
        next.proceed();
      }
    }
  }
}

/** One transaction: its snapshot and the tables that it read and wrote. */
export class Transaction {
  readonly id: number;
  readonly reads = new Set<string>();
  readonly writes = new Set<string>();
  /** The table it is waiting for. */
  waitsFor: string | undefined;
  snapshot: number | undefined;
  readonly #transactions: Transactions;

  constructor(id: number, transactions: Transactions) {
    this.id = id;
    this.#transactions = transactions;
  }

  /** Fixes the snapshot; LOCK alone does not. */
  takeSnapshot(): void {
    this.snapshot ??= this.#transactions.order;
  }
}
