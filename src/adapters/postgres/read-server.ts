import type { SourceServer } from '../../core/manifest.ts';
import type { Session } from './session.ts';

/**
 * Identity of the server behind a session that is inside a transaction.
 *
 * Managed services may refuse the control functions to the role, or not have them. Then the identifier is
 * `unknown:<database>/<oid>`, which still tells one database from another but not a database from its restored
 * copy, and the timeline is 0; only the snapshot's place in history guards against a rewind.
 * The timeline of a primary is read from its WAL position: what pg_control_checkpoint() says lags behind a
 * failover until the next checkpoint. A standby cannot tell its WAL position and uses the checkpoint's.
 */
export async function readServer(session: Session): Promise<SourceServer & { readonly isStandby: boolean }> {
  const [base] = await session.query<{ version: number; standby: boolean; database: string; oid: string }>(
    `SELECT current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS standby,
            datname::text AS database, oid::text
       FROM pg_database WHERE datname = current_database()`,
  );
  const { version, standby, database, oid } = base!;
  const systemIdentifier = await tryValue(session, 'SELECT system_identifier::text FROM pg_control_system()');
  const timeline =
    (standby
      ? null
      : await tryValue(
          session,
          `SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int::text`,
        )) ?? (await tryValue(session, 'SELECT timeline_id::text FROM pg_control_checkpoint()'));
  return {
    systemIdentifier: systemIdentifier ?? `unknown:${database}/${oid}`,
    timeline: Number(timeline ?? 0),
    version,
    isStandby: standby,
  };
}

/** One value, or null when the server refuses; the transaction goes on either way. */
async function tryValue(session: Session, text: string): Promise<string | null> {
  await session.query('SAVEPOINT identity');
  try {
    const [row] = await session.query<Record<string, string>>(text);
    return Object.values(row!)[0] ?? null;
  } catch {
    // A connection that broke fails the next statement, so nothing is hidden here.
    await session.query('ROLLBACK TO SAVEPOINT identity');
    return null;
  } finally {
    await session.query('RELEASE SAVEPOINT identity');
  }
}
