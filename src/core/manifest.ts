/**
 * What an extract leaves behind. One manifest per run and source, written last and create-only: when it
 * exists, every object that it names is complete, and all entities in it were read under one snapshot; an extract
 * that was resumed names the snapshot of each part that was read under a later one.
 */
export interface ExtractManifest {
  readonly version: 1;
  readonly pipeline: string;
  readonly runKey: string;
  readonly source: string;
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  readonly server: SourceServer;
  /** Sequence of the publication that the reads were planned on; absent in manifests of older versions. */
  readonly baseSequence?: number;
  /** The first snapshot; watermarks come from it. */
  readonly snapshot: Snapshot;
  /** Later snapshots of an extract that was resumed, in their order; absent when there was one only. */
  readonly laterSnapshots?: readonly Snapshot[];
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
  /** Timestamp cursor: lower bound of the next read, ISO-8601 UTC with microseconds. */
  readonly cursorFrom?: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly parts: readonly ExtractPart[];
  readonly rowCount: number;
  /** CSV bytes before compression. */
  readonly csvBytes: number;
  /**
   * The whole table under the same snapshot, for reconciliation; sums are exact decimals, null when no row has a value.
   * Of a range of keys its own rows, without sums.
   */
  readonly source: { readonly rowCount: number; readonly sums: Readonly<Record<string, string | null>> };
  /** Digest of the columns as they were compared with the contract before the read; absent in manifests of older versions. */
  readonly checkedHash?: string;
  /** The table as the source described it, for drift; absent in manifests of older versions. */
  readonly seen?: readonly SourceColumn[];
  /** What comparing the keys of source and lake found; absent when they were not compared. */
  readonly comparison?: LakeComparison;
}

/** A column as the source describes it. */
export interface SourceColumn {
  readonly name: string;
  /** As `format_type` prints it, such as `numeric(10,2)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Number of the column in its table; kept by a renamed one, never given again. Absent in descriptions of older versions. */
  readonly position?: number;
  /** Labels of an enum type in their order. */
  readonly enumLabels?: readonly string[];
  /** Rows that are older than the column have its default, and no xid tells of it. */
  readonly hasMissingValue?: boolean;
}

/** Source against lake with this extract's rows, under the extract's last snapshot. */
export interface LakeComparison {
  /** `keys`: finds deleted rows; `rows`: also rows that differ. */
  readonly kind: 'keys' | 'rows';
  readonly bucketCount: number;
  readonly differingBuckets: number;
  /** Rows of the source. */
  readonly comparedCount: number;
  /** Rows of the lake before the deletions. */
  readonly lakeRowCount: number;
  /** Rows that the lake has and the source no longer has. */
  readonly goneCount: number;
  /** Rows that the lake has as they were before; null when only keys were compared. */
  readonly lateCount: number | null;
  /** Columns of the contract that the source no longer has: rows that still have their values are among the late ones. Absent means none. */
  readonly droppedColumns?: readonly string[];
  /** Rows that no extract had brought; null when only keys were compared. */
  readonly lostCount: number | null;
  /** Rows that older versions stored without a hash, and that were not compared; a full read gives them one. */
  readonly unhashedCount: number;
  /** `_key` and `_hash` of each gone row, as gzipped CSV with a header line; null when there is none. */
  readonly gone: ExtractPart | null;
}

/** Which rows of an entity a run reads. */
export type EntityRead =
  /** Rows written since the watermark; `fromXid` is the watermark of the published parent. */
  | {
      readonly mode: 'incremental';
      readonly fromXid: string;
      /** Absent for the settled-snapshot cursor. */
      readonly cursor?: CursorBound;
    }
  /** All rows; `reason` says why. */
  | {
      readonly mode: 'full';
      readonly reason: string;
      /** The source went back in time: everything published of the entity is replaced, newer snapshots included. */
      readonly isRewound?: true;
    }
  /** Rows of a business-date window `[from, to)`; dates `YYYY-MM-DD`, whose midnights are those of `timeZone` (default UTC). */
  | {
      readonly mode: 'window';
      readonly column: string;
      readonly from: string;
      readonly to: string;
      readonly timeZone?: string;
    }
  /** Range `nth` of a first load, see `LoadPlan`; ranges `first` to `last` of it are those of the entity. */
  | {
      readonly mode: 'range';
      /** Digest of the load's plan. */
      readonly load: string;
      readonly nth: number;
      readonly first: number;
      readonly last: number;
    };

/** Where a read of a cursor other than `xmin` begins. */
export type CursorBound =
  /** `from`: ISO-8601 UTC with microseconds. Rows without a stamp are read each time. */
  | { readonly mode: 'timestamp'; readonly column: string; readonly from: string }
  /** Begins at `fromXid`. */
  | { readonly mode: 'xid8-column'; readonly column: string };

export interface ExtractPart {
  readonly uri: string;
  /** Compressed bytes as stored. */
  readonly sizeBytes: number;
  readonly rowCount: number;
  /** Of the stored (compressed) bytes, hex; null for objects that the database wrote itself. */
  readonly sha256: string | null;
  /** Order of the snapshot that it was read under, when that is not the manifest's first. */
  readonly order?: string;
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
