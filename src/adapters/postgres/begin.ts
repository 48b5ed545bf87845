import pg from 'pg';
import { TidemarkError } from '../../core/errors.ts';
import type { Session, SessionOptions } from './session.ts';
import { quoteTable, type TableName } from './table-name.ts';

export interface BeginOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Id of an exported snapshot to read under. */
  readonly snapshot?: string;
  /** Tables to lock in ACCESS SHARE mode before anything is read. */
  readonly lock?: readonly TableName[];
  /** How long the transaction may be idle; default the source's `idleTimeoutMs`. */
  readonly idleTimeoutMs?: number;
}

/**
 * Begins a REPEATABLE READ READ ONLY transaction with the settings that decide how values are written.
 * They are local to the transaction, so they hold behind a transaction pooler too.
 *
 * Locks come before the snapshot: TRUNCATE and rewriting ALTER TABLEs are not MVCC-safe, and one that commits
 * between the two would make the table look empty. The driver sends all of it in one message.
 */
export async function beginRead(
  session: Session,
  options: SessionOptions,
  begin: BeginOptions,
): Promise<void> {
  const settings: Record<string, string> = {
    application_name: begin.applicationName,
    client_encoding: 'UTF8',
    TimeZone: 'UTC',
    DateStyle: 'ISO, YMD',
    // P1Y2M3DT4H: the same in every language and no blanks, and read by Spark and DuckDB.
    IntervalStyle: 'iso_8601',
    bytea_output: 'hex',
    // The shortest text that reads back as the same double; a role may have set it lower.
    extra_float_digits: '1',
    // Nothing that the server's users create can stand in for a built-in name.
    search_path: 'pg_catalog, pg_temp',
    // Rows that a policy hides would be lost without a word: an error is better.
    row_security: 'off',
    statement_timeout: String(options.statementTimeoutMs),
    // Each range of a table is a statement of its own, and compiling each costs more than it gains.
    jit: 'off',
    lock_timeout: String(options.lockTimeoutMs),
    idle_in_transaction_session_timeout: String(begin.idleTimeoutMs ?? options.idleTimeoutMs),
    // A reader that hangs up while the server scans or waits for a lock is noticed within a second.
    client_connection_check_interval: '1000',
  };
  const statements = [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    ...Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${literal(name, value)}`),
  ];
  if (begin.snapshot) statements.push(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(begin.snapshot)}`);
  if (begin.lock?.length) {
    statements.push(`LOCK TABLE ${begin.lock.map(quoteTable).join(', ')} IN ACCESS SHARE MODE`);
  }
  try {
    await session.query(statements.join('; '));
  } catch (error) {
    const gone = begin.snapshot && error instanceof TidemarkError && /snapshot|22023/.test(error.message);
    if (!gone) throw error;
    throw new TidemarkError(
      'SOURCE_INTERRUPTED',
      `${session.target}: the exported snapshot is not known to the server that answered; does the URL lead to several servers?`,
      { cause: error },
    );
  }
}

/** Lists are written bare; all others as string literals, which every setting accepts. */
function literal(name: string, value: string): string {
  return name === 'search_path' || name === 'DateStyle' ? value : pg.escapeLiteral(value);
}
