import { TidemarkError } from '../../core/errors.ts';
import type { EntityToExtract } from '../../ports/source.ts';
import type { Session } from './session.ts';

/** Up to where stamps are settled: what commits later is stamped at or after `settledAt`. */
export interface StampBound {
  /** ISO-8601 UTC with microseconds. */
  readonly settledAt: string;
  /** Transactions that were prepared do not tell when they began. */
  readonly hasPrepared: boolean;
}

/**
 * Reads the bound of timestamp cursors. It has to be read before the snapshot: whatever that snapshot does not
 * see was running here, or began after it. Read in the order clock, sessions, prepared transactions: one that
 * begins, or is prepared, in between is caught by the next of them.
 *
 * Throws when the server does not show what it is asked for, see `describeBlindness`.
 */
export async function readStampBound(session: Session): Promise<StampBound> {
  const blindness = await describeBlindness(session);
  if (blindness) {
    throw new TidemarkError(blindness.code, `${session.target}: a timestamp cursor ${blindness.reason}`);
  }
  const [clock] = await session.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
  // Vacuum stamps nothing, and it may run for hours. Transactions of other databases cannot write here.
  const [bound] = await session.query<{ settledAt: string; hidden: number }>(
    `SELECT to_char(least($1::timestamptz, min(xact_start)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "settledAt",
            count(*) FILTER (WHERE state = 'disabled')::int AS hidden
       FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type IS DISTINCT FROM 'autovacuum worker'`,
    [clock!.now],
  );
  if (bound!.hidden > 0) {
    throw new TidemarkError(
      'DEFINITION_INVALID',
      `${session.target}: a timestamp cursor cannot be used while ${bound!.hidden} session(s) run with track_activities off: nobody sees when their transactions began`,
    );
  }
  const [prepared] = await session.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM pg_prepared_xacts WHERE database = current_database()',
  );
  return { settledAt: bound!.settledAt, hasPrepared: prepared!.count > 0 };
}

/** Why this server or role does not show when all running transactions began, in words; null when it does. */
export async function describeBlindness(
  session: Session,
): Promise<{ code: 'DEFINITION_INVALID' | 'SOURCE_ACCESS_DENIED'; reason: string } | null> {
  const [row] = await session.query<{ standby: boolean; visible: boolean; role: string }>(
    `SELECT pg_is_in_recovery() AS standby, pg_has_role('pg_read_all_stats', 'USAGE') AS visible, current_user::text AS role`,
  );
  if (row!.standby) {
    return {
      code: 'DEFINITION_INVALID',
      reason: 'cannot be used on a standby, which does not show the sessions of its primary; use xmin',
    };
  }
  if (!row!.visible) {
    return {
      code: 'SOURCE_ACCESS_DENIED',
      reason: `needs to see when the transactions of all sessions began: GRANT pg_read_all_stats TO ${row!.role}, or use xmin`,
    };
  }
  return null;
}

/**
 * Lower bound of an entity's next read; undefined when none is safe, so that the next read is whole.
 *
 * While a transaction waits for COMMIT PREPARED the bound stays where it is: the transaction began after the
 * last bound was read, or was held back for then too. What it wrote may be stamped long before it was prepared.
 */
export function nextCursorFrom(entity: EntityToExtract, bound: StampBound | null): string | undefined {
  const { cursor, read } = entity;
  if (!cursor || !bound || read.mode === 'window') return undefined;
  if (bound.hasPrepared) {
    return read.mode === 'incremental' && read.cursor?.mode === 'timestamp' ? read.cursor.from : undefined;
  }
  return subtractSeconds(bound.settledAt, cursor.lagSeconds);
}

/** Date knows milliseconds; rounding down only repeats rows. */
function subtractSeconds(at: string, seconds: number): string {
  const earlier = new Date(Date.parse(at) - Math.ceil(seconds * 1000));
  return earlier.toISOString().replace('Z', '000Z');
}
