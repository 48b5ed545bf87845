import type { EntityDefinition } from './definition.ts';
import type { EntityRead, Snapshot, SourceServer } from './manifest.ts';
import type { Watermark } from './publication.ts';
import type { Finding, Severity } from './verdict.ts';

/** Identity and place in history of a source, as it is now. */
export interface SourceState {
  readonly server: SourceServer;
  readonly snapshot: Snapshot;
}

/** A table, as far as incremental reads of it depend on it. */
export interface TableState {
  readonly kind: string;
  readonly relationIds: readonly string[];
  readonly schemaHash: string;
}

/** What follows a rewind: a decision, a full read, or, for a backfill, which cannot mend it, a wait for another run. */
type RewindPolicy = 'gate' | 'full' | 'after-a-live-run';

/** SOURCE_REWOUND: the source is another server, on another timeline, or behind the published watermark; null otherwise. */
export function findRewind(
  source: string,
  watermark: Watermark | undefined,
  state: SourceState,
  policy: RewindPolicy,
): Finding | null {
  const what = watermark && describeRewind(watermark, state);
  if (!what) return null;
  const severity = policy === 'full' ? 'warning' : 'critical';
  return guardFinding('SOURCE_REWOUND', severity, source, `${what}. ${AFTER_REWIND[policy]}`);
}

function describeRewind(watermark: Watermark, { server, snapshot }: SourceState): string | null {
  if (server.systemIdentifier !== watermark.systemIdentifier)
    return `is another database server than the one that the lake was filled from (system identifier ${server.systemIdentifier}, before ${watermark.systemIdentifier}): its URL changed, or a dump was restored elsewhere`;
  if (server.timeline !== watermark.timeline)
    return `is on timeline ${server.timeline}, the lake was filled from timeline ${watermark.timeline}: a standby was promoted (failover), or a backup was restored to a point in time`;
  if (BigInt(snapshot.xmax) < BigInt(watermark.xid))
    return `went back in time: its next transaction is ${snapshot.xmax}, and the lake has everything before ${watermark.xid}. A backup was restored over it (or it is a standby that lags: retry when it has caught up)`;
  return null;
}

const AFTER_REWIND: Readonly<Record<RewindPolicy, string>> = {
  gate: 'Reading on would miss rows, so nothing was read. If this is the right database, approve: its entities are read whole and replace what the lake has, so rows that it lost go from the lake too. If not, correct the URL, restart the worker and retry',
  full: 'Its entities are read whole and replace what the lake has',
  'after-a-live-run':
    'A backfill cannot catch up with that, so nothing was read: let a live run read the source whole, then retry',
};

/** RELATION_CHANGED: the table or its partitions are not those that were read; null otherwise, and for reads that follow no watermark. */
export function findRelationChange(
  entity: EntityDefinition,
  read: EntityRead,
  watermark: Watermark | undefined,
  table: TableState,
): Finding | null {
  if (read.mode !== 'incremental' || !watermark) return null;
  const [before, now] = [watermark.relationIds, table.relationIds];
  if (before.join() === now.join()) return null;
  const count = (ids: readonly string[], others: readonly string[]) =>
    ids.filter((id) => !others.includes(id)).length;
  const message = `${entity.table} is not what was read: ${count(now, before)} of its ${now.length} tables are new, ${count(before, now)} of ${before.length} are gone (swapped, attached or detached); rows in it may be older than the watermark`;
  const severity = entity.onRelationChange === 'gate' ? 'critical' : 'info';
  return guardFinding('RELATION_CHANGED', severity, entity.name, message);
}

function guardFinding(check: string, severity: Severity, subject: string, message: string): Finding {
  return {
    check,
    severity,
    subject,
    column: null,
    message,
    rowCount: null,
    failedCount: null,
    sampleKeys: [],
  };
}

/** Beyond this many transactions the 32-bit xids of rows can no longer be compared safely. */
const MAX_XID_DISTANCE = 1_500_000_000n;

/** The read that is safe: an incremental one becomes a full one where it would miss rows, or values of them. */
export function guardRead(
  read: EntityRead,
  watermark: Watermark | undefined,
  table: TableState,
  snapshot: Snapshot,
  reread: string | null,
): EntityRead {
  if (read.mode !== 'incremental' || !watermark) return read;
  const isByRowVersion = read.cursor === undefined;
  const reason =
    isByRowVersion && table.kind === 'view'
      ? 'it is a view, which has no row versions'
      : table.relationIds.join() !== watermark.relationIds.join()
        ? 'its table or partitions were replaced'
        : watermark.seen === undefined && table.schemaHash !== watermark.schemaHash
          ? 'its columns changed at the source'
          : (reread ??
            (isByRowVersion && BigInt(snapshot.xmax) - BigInt(read.fromXid) > MAX_XID_DISTANCE
              ? 'the watermark is too many transactions ago'
              : null));
  return reason ? { mode: 'full', reason } : read;
}

/** Transaction ids of a restored source start below those that the lake has seen, so nothing of it may win by age. */
export function readRewound(read: EntityRead): EntityRead {
  return read.mode === 'window' ? read : { mode: 'full', reason: 'the source was rewound', isRewound: true };
}
