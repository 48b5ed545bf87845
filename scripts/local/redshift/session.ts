import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnInfo } from './column-info.ts';
import { RedshiftError } from './errors.ts';
import type { Lake } from './external/lake.ts';
import type { ResultSet } from './results.ts';
import { displayName, type QualifiedName } from './sql/cursor.ts';
import type { Transaction, Transactions } from './transactions.ts';

/** What one statement or batch runs in. */
export interface Session {
  connection: DuckDBConnection;
  database: string;
  user: string;
  /** A batch is one transaction block; some statements cannot run there. */
  isBlock: boolean;
  transaction: Transaction;
  transactions: Transactions;
  /** Columns of this session's temporary tables. */
  temporary: Map<string, ColumnInfo[]>;
  lake: Lake;
  /** Fires when the statement is cancelled. */
  signal: AbortSignal;
  /** Lends a session on a connection of its own, for look-ups that must not fix this one's snapshot. */
  outside<T>(use: (probe: Session) => Promise<T>): Promise<T>;
}

/** What a statement gave: rows, or how many rows it changed (-1 when that means nothing). */
export interface StatementOutcome {
  resultSet?: ResultSet;
  affected: number;
}

/** The outcome of statements that neither give nor change rows. */
export const done: StatementOutcome = { affected: -1 };

export async function beginTransaction(session: Session): Promise<void> {
  session.transaction = session.transactions.begin();
  await session.connection.run('BEGIN TRANSACTION');
}

/** Commits, or fails with error 1023 and leaves the roll-back to the caller. */
export async function commitTransaction(session: Session): Promise<void> {
  session.transactions.check(session.transaction);
  await session.connection.run('COMMIT');
  session.transactions.end(session.transaction, true);
}

/** Undoes the transaction; fine when the engine has already given it up. */
export async function rollBackTransaction(session: Session): Promise<void> {
  await session.connection.run('ROLLBACK').catch(() => undefined);
  session.transactions.end(session.transaction, false);
}

/** Makes writers of the table wait for each other, before the snapshot is taken if this is the first statement. */
export async function lockTable(session: Session, name: QualifiedName): Promise<void> {
  await session.transactions.acquire(session.transaction, tableId(session, name), session.signal);
}

/** Locks a table for writing and notes that this transaction writes it. Temporary tables are nobody else's. */
export async function claimTable(session: Session, name: QualifiedName): Promise<void> {
  if (isTemporary(session, name)) return;
  await lockTable(session, name);
  session.transaction.takeSnapshot();
  session.transaction.writes.add(tableId(session, name));
}

/** Notes that this transaction read a table. */
export function noteRead(session: Session, name: QualifiedName): void {
  session.transaction.takeSnapshot();
  session.transaction.reads.add(tableId(session, name));
}

export function isTemporary(session: Session, name: QualifiedName): boolean {
  return name.schema === undefined && session.temporary.has(name.name);
}

/** Refuses what Redshift does not run in a transaction block. */
export function refuseInBlock(session: Session, statement: string): void {
  if (session.isBlock) throw new RedshiftError(`${statement} cannot run inside a transaction block`);
}

/** One spelling for a table, for locks and conflict checks. */
function tableId(session: Session, { schema = 'public', name }: QualifiedName): string {
  return `${session.database}.${displayName({ schema, name })}`;
}
