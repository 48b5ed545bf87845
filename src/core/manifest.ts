/**
 * What an extract leaves behind. One manifest per run and source, written last and create-only: when it
 * exists, every object that it names is complete, and all entities in it were read under one snapshot.
 */
export interface ExtractManifest {
  readonly version: 1;
  readonly pipeline: string;
  readonly runKey: string;
  readonly source: string;
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  readonly server: SourceServer;
  readonly snapshot: Snapshot;
  readonly entities: Readonly<Record<string, EntityExtract>>;
}

/** Identity of the PostgreSQL cluster that was read; another identity means that xids cannot be compared. */
export interface SourceServer {
  /** `pg_control_system().system_identifier`, decimal. */
  readonly systemIdentifier: string;
  /** `pg_control_checkpoint().timeline_id`; it rises at a failover or a point-in-time restore. */
  readonly timeline: number;
  /** `server_version_num`, such as 180004. */
  readonly version: number;
}

/** A PostgreSQL snapshot: `pg_current_snapshot()`. Xids are 64-bit decimal strings. */
export interface Snapshot {
  /** `xmin:xmax:xip,...` as PostgreSQL prints it. */
  readonly text: string;
  readonly xmin: string;
  readonly xmax: string;
  readonly inProgressCount: number;
  /** Sortable text of the snapshot's place in history, see `snapshotOrder`. */
  readonly order: string;
}

export interface EntityExtract {
  /** Qualified source table, such as `public.orders`. */
  readonly table: string;
  /** Ids of the table and its partitions, decimal, sorted. */
  readonly relationIds: readonly string[];
  /** Digest of column names, types and nullability, as introspected. */
  readonly schemaHash: string;
  readonly read: EntityRead;
  /** The watermark to publish with this data; null for reads that must not move it (backfills). */
  readonly watermark: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly parts: readonly ExtractPart[];
  readonly rowCount: number;
  /** CSV bytes before compression. */
  readonly csvBytes: number;
  /** The whole table under the same snapshot, for reconciliation; sums are exact decimals, null when no row has a value. */
  readonly source: { readonly rowCount: number; readonly sums: Readonly<Record<string, string | null>> };
}

/** Which rows of an entity a run reads. */
export type EntityRead =
  /** Rows written since the watermark (settled-snapshot cursor); `fromXid` is the watermark of the published parent. */
  | { readonly mode: 'incremental'; readonly fromXid: string }
  /** All rows; `reason` says why. */
  | {
      readonly mode: 'full';
      readonly reason: string;
      /** The source went back in time: everything published of the entity is replaced, newer snapshots included. */
      readonly isRewound?: true;
    }
  /** Rows of a business-date window `[from, to)`; dates `YYYY-MM-DD`. */
  | { readonly mode: 'window'; readonly column: string; readonly from: string; readonly to: string };

export interface ExtractPart {
  readonly uri: string;
  /** Compressed bytes as stored. */
  readonly sizeBytes: number;
  readonly rowCount: number;
  /** Of the stored (compressed) bytes, hex. */
  readonly sha256: string;
}

/**
 * Gives the text by which rows are merged: a snapshot that saw more sorts later.
 * Order is xmax first; with the same xmax, the one with fewer transactions in progress is the later.
 * Compare as plain text; it never contains a value of the row.
 */
export function snapshotOrder(xmax: string, inProgressCount: number): string {
  if (!/^\d{1,20}$/.test(xmax)) throw new Error(`xmax is not a 64-bit decimal: ${xmax}`);
  const settled = 99_999_999 - inProgressCount;
  if (settled < 0)
    throw new Error(`a snapshot with ${inProgressCount} transactions in progress cannot be ordered`);
  return `${xmax.padStart(20, '0')}.${String(settled).padStart(8, '0')}`;
}
