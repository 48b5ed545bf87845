import type { SourceColumn } from './manifest.ts';
import type { Waiver, WaiverGrant } from './waiver.ts';

/**
 * What readers may see: one object per pipeline, replaced by compare-and-swap. The Glue catalog and the
 * warehouse are derived from it and healed by syncing again.
 */
export interface Publication {
  readonly version: 1;
  readonly pipeline: string;
  /** Rises by one with each publication, also with a rollback; starts at 1. */
  readonly sequence: number;
  /** ISO-8601 UTC. */
  readonly publishedAt: string;
  readonly runKey: string;
  readonly runKind: RunKind;
  /** By entity: up to where the lake holds the source. */
  readonly watermarks: Readonly<Record<string, Watermark>>;
  /** By entity: the folded rows, newest version of each key, internal. */
  readonly entities: Readonly<Record<string, TableVersion>>;
  /** By model: what analysts read. */
  readonly tables: Readonly<Record<string, TableVersion>>;
  /** By entity: its first load in ranges of keys, while there is no watermark yet. Absent means none. */
  readonly loads?: Readonly<Record<string, InitialLoad>>;
  /** Backfilled chunks by name, such as `<from>..<to>`, and the run that last published each. */
  readonly chunks: Readonly<Record<string, PublishedChunk>>;
  /** Decisions that let this publication pass. */
  readonly decisions: readonly DecisionRecord[];
  /** Known failures that open no gate, with those that ended lately. Absent means none. */
  readonly waivers?: readonly Waiver[];
  /** Entities that a decision left out of this publication; they stay on their last good generation. */
  readonly skippedEntities: readonly string[];
  /** By entity: columns that drift policy `evolve` carries beside the contract. */
  readonly evolved?: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;
  /** By entity and model: rows of recent runs, oldest first, for volume and history checks. */
  readonly rowHistory?: Readonly<Record<string, readonly RowCount[]>>;
}

/** How far a first load in ranges is joined on to the source's history. */
export interface InitialLoad {
  /** Of the oldest snapshot that any range was read under. */
  readonly oldest: Watermark;
  /** Ranges were read from different servers or tables, so that the entity has to be read whole. */
  readonly isBroken?: true;
}

export interface PublishedChunk {
  readonly runKey: string;
  /** ISO-8601 UTC. */
  readonly publishedAt: string;
  /** Who approved at a gate on the way; absent when nobody had to. */
  readonly approvedBy?: readonly string[];
}

/** Rows that a run extracted of an entity, or that a model had after it. */
export interface RowCount {
  readonly runKind: RunKind;
  readonly rowCount: number;
}

/** `live`: changes since the watermark; `full`: everything again; `backfill`: a business-date window. */
export type RunKind = 'live' | 'full' | 'backfill';

export interface Watermark {
  readonly source: string;
  /** Xid, decimal: every row written by an older transaction is in the lake. */
  readonly xid: string;
  /** Order of the newest snapshot that the entity was read under. */
  readonly snapshotOrder: string;
  readonly runKey: string;
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly relationIds: readonly string[];
  readonly schemaHash: string;
  /** The table as it was described, for the diff of a drift; absent in publications of older versions. */
  readonly seen?: readonly SourceColumn[];
  /** Timestamp cursor: lower bound of the next read, ISO-8601 UTC with microseconds. */
  readonly cursorFrom?: string;
  /** Sequence of the publication that replaced everything because the source had gone back; absent when it never did. */
  readonly rewoundIn?: number;
}

export interface TableVersion {
  /** Digest of what produced it (columns, SQL); another digest means a rebuild. */
  readonly definitionDigest: string;
  /** Sequence of the publication that last changed any partition. */
  readonly sequence: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Null for a table that is written whole; it then has exactly one partition with value ''. */
  readonly partitionBy: string | null;
  readonly partitions: readonly TablePartition[];
  /** Entities: order of the snapshot of the last full read. Rows of older snapshots that come late are dropped: the source may have deleted them. */
  readonly floor?: string;
  /**
   * Entities: order of the newest snapshot under which a backfill found rows of its window deleted. A run that read
   * the entity under an older snapshot reads again: a row that it holds may have left the window, not the source.
   */
  readonly windowDeletedAt?: string;
}

export interface TablePartition {
  /** Value of the partition column, '' for a table written whole. */
  readonly value: string;
  readonly generation: string;
  /** Prefix that holds the files, ends in `/`. */
  readonly location: string;
  readonly files: readonly TableFile[];
  readonly rowCount: number;
}

interface TableFile {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly etag: string;
}

/** A person's answer at a gate, as it ends in publication, ledger and docs. */
export interface DecisionRecord {
  readonly gate: string;
  readonly action: 'approve' | 'skip' | 'retry' | 'abort';
  readonly by: string;
  readonly reason: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly evidenceDigest: string;
  /** Where two people have to approve: the first of them. */
  readonly first?: { readonly by: string; readonly reason: string; readonly at: string };
  /** What the approval waives from the publication of this run on. */
  readonly waiver?: WaiverGrant;
}
