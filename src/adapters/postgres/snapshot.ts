import { type Snapshot, snapshotOrder } from '../../core/manifest.ts';
import type { Session } from './session.ts';

/**
 * The snapshot that everything in the session's transaction is read under. On a standby its text does not tell which
 * transactions are in progress, so two that see different rows may read the same. There the place of replay, read
 * before (`replayedBefore`, by `readReplayed`) and after the snapshot, completes the order: of two snapshots taken
 * one after the other, either the first is sorted first, or nothing was replayed between them.
 */
export async function readSnapshot(
  session: Session,
  replayedBefore: string | null = null,
): Promise<Snapshot> {
  const [row] = await session.query<{ text: string }>('SELECT pg_current_snapshot()::text AS text');
  const snapshot = parseSnapshot(row!.text);
  if (replayedBefore === null) return snapshot;
  const replayedAfter = (await readReplayed(session)) ?? replayedBefore;
  const order = [snapshot.order, replayedBefore.padStart(20, '0'), replayedAfter.padStart(20, '0')].join('.');
  return { ...snapshot, order };
}

/** Up to which byte of the WAL a standby has replayed, decimal; null on a primary. */
export async function readReplayed(session: Session): Promise<string | null> {
  const [row] = await session.query<{ bytes: string | null }>(
    `SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0')::text END AS bytes`,
  );
  return row!.bytes;
}

/** Exports the snapshot of the session's transaction; the id is good until that transaction ends. */
export async function exportSnapshot(session: Session): Promise<string> {
  const [row] = await session.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  return row!.id;
}

/**
 * Parses `xmin:xmax:xip,...` as `pg_current_snapshot()` prints it (64-bit xids). On a standby the list is
 * always empty: PostgreSQL keeps the transactions in progress elsewhere there, see `readSnapshot`.
 */
export function parseSnapshot(text: string): Snapshot {
  const match = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/.exec(text);
  if (!match) throw new Error(`not a snapshot: ${text}`);
  const [, xmin, xmax, list] = match as unknown as [string, string, string, string];
  const inProgressCount = list === '' ? 0 : list.split(',').length;
  return { text, xmin, xmax, inProgressCount, order: snapshotOrder(xmax, inProgressCount) };
}
