import { type Snapshot, snapshotOrder } from '../../core/manifest.ts';
import type { Session } from './session.ts';

/** The snapshot that everything in the session's transaction is read under. */
export async function readSnapshot(session: Session): Promise<Snapshot> {
  const [row] = await session.query<{ text: string }>('SELECT pg_current_snapshot()::text AS text');
  return parseSnapshot(row!.text);
}

/** Exports the snapshot of the session's transaction; the id is good until that transaction ends. */
export async function exportSnapshot(session: Session): Promise<string> {
  const [row] = await session.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  return row!.id;
}

/**
 * Parses `xmin:xmax:xip,...` as `pg_current_snapshot()` prints it (64-bit xids). On a standby the list is
 * always empty: PostgreSQL keeps the transactions in progress elsewhere there.
 */
export function parseSnapshot(text: string): Snapshot {
  const match = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/.exec(text);
  if (!match) throw new Error(`not a snapshot: ${text}`);
  const [, xmin, xmax, list] = match as unknown as [string, string, string, string];
  const inProgressCount = list === '' ? 0 : list.split(',').length;
  return { text, xmin, xmax, inProgressCount, order: snapshotOrder(xmax, inProgressCount) };
}
