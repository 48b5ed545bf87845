import { setTimeout as delay } from 'node:timers/promises';
import { TidemarkError } from '../../core/errors.ts';
import type { Session } from './session.ts';

export interface WatchOptions {
  /** Holds the snapshot and is otherwise idle; asking keeps it from its idle time-out. */
  readonly coordinator: Session;
  /** Sessions that read, by the process id that the server gives them. */
  readonly readers: ReadonlyMap<number, Session>;
  readonly idleTimeoutMs: number;
  readonly scope: AbortSignal;
  /** Called each time the server has answered: a long scan without rows is still progress. */
  readonly onAlive: () => void;
}

/** At most this long between two questions. */
const INTERVAL_MS = 5_000;

/**
 * Asks the server about its sessions until `scope` fires, and throws SOURCE_INTERRUPTED when the network has
 * swallowed something: no answer within `idleTimeoutMs`, or a reader that waits that long for bytes which the
 * server has sent or cannot send. A server that works without sending, as in a scan without matches, is not
 * disturbed. TCP alone would notice a stalled proxy never.
 */
export async function watchSessions(options: WatchOptions): Promise<void> {
  await Promise.race([watch(options), options.coordinator.lost]);
}

async function watch(options: WatchOptions): Promise<void> {
  const { coordinator, readers, idleTimeoutMs, scope } = options;
  const suspects = new Map<number, { waitingSince: number; seenAt: number }>();
  while (await pause(Math.min(INTERVAL_MS, idleTimeoutMs / 4), scope)) {
    const working = await readWorking(coordinator, [...readers.keys()], idleTimeoutMs);
    options.onAlive();
    for (const [pid, reader] of readers) {
      const { waitingSince } = reader;
      const suspect = suspects.get(pid);
      if (waitingSince === null || working.has(pid)) suspects.delete(pid);
      else if (suspect?.waitingSince !== waitingSince)
        suspects.set(pid, { waitingSince, seenAt: Date.now() });
      else if (Date.now() - suspect.seenAt > idleTimeoutMs) {
        throw new TidemarkError(
          'SOURCE_INTERRUPTED',
          `${coordinator.target}: a connection has been silent for ${idleTimeoutMs} ms; the network dropped it`,
        );
      }
    }
  }
}

/** Processes that compute; the others are idle, gone, or blocked because nobody takes what they send. */
async function readWorking(
  coordinator: Session,
  pids: readonly number[],
  limitMs: number,
): Promise<Set<number>> {
  // Within a transaction PostgreSQL shows the activity of the first look again until told otherwise.
  await coordinator.query('SELECT pg_stat_clear_snapshot()', [], limitMs);
  const rows = await coordinator.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
      WHERE pid = ANY ($1::int[]) AND state = 'active' AND wait_event IS DISTINCT FROM 'ClientWrite'`,
    [pids],
    limitMs,
  );
  return new Set(rows.map((row) => row.pid));
}

/** True after `ms`, false when `signal` fires first. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
