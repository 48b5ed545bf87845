import type {
  EntityExtract,
  EntityRead,
  ExtractPart,
  Snapshot,
  SourceColumn,
  SourceServer,
} from '../core/manifest.ts';

/** A PostgreSQL database that entities are read from. */
export interface Source {
  /** What the database says of each table, in one read-only transaction; a table that is absent maps to null. */
  introspect(
    tables: readonly string[],
  ): Promise<{ server: SourceServer; snapshot: Snapshot; tables: Record<string, SourceTable | null> }>;
  /**
   * Reads all entities under one exported snapshot of one REPEATABLE READ READ ONLY transaction, streams each
   * as gzipped CSV (COPY, header line, UTC, ISO dates) through `upload`, and returns what a manifest needs.
   * Killed half-way it leaves only objects that nothing refers to.
   */
  extract(request: ExtractRequest): Promise<ExtractResult>;
  /** Rows that each read of a table would give, as the planner estimates them. */
  estimateRows(table: string, reads: readonly EntityRead[]): Promise<number[]>;
  /** Cuts a table into ranges of its key of about as many rows each, by a sample. */
  cutKeys(table: string, key: readonly string[], rowsPerRange: number): Promise<KeyCut>;
  /**
   * Tries the connection, SELECT on each table and what cursors and method need (doctor); resolves to problems in
   * words, empty when all is well. What is worth knowing and stops nothing begins with `note:` after the source's name.
   */
  probe(tables: readonly string[], cursors?: readonly TableCursor[]): Promise<string[]>;
}

/** Where a table's keys are cut. */
export interface KeyCut {
  /** Columns of the key in the order of its index. */
  readonly key: readonly string[];
  /** Rows of the table, as the planner estimates them. */
  readonly rowCount: number;
  /** First key of each range but the first, in order; empty when the table has to be read in one piece. */
  readonly bounds: readonly (readonly string[])[];
}

/** Keys `[from, to)`, each value as PostgreSQL prints it; null is open-ended. */
export interface KeyBounds {
  readonly key: readonly string[];
  readonly from: readonly string[] | null;
  readonly to: readonly string[] | null;
}

/** A table with a cursor on one of its columns. */
export interface TableCursor {
  readonly table: string;
  readonly mode: 'timestamp' | 'xid8-column';
  readonly column: string;
  readonly lagSeconds?: number;
}

export interface SourceTable {
  /** Kind of relation: `table`, `partitioned`, `view`. */
  readonly kind: string;
  readonly relationIds: readonly string[];
  /** In the table's order. `type` as `format_type` prints it, such as `numeric(10,2)` or `character varying(255)`. */
  readonly columns: readonly SourceColumn[];
  /** Column lists that a primary key or a valid unique index on NOT NULL columns keeps unique. */
  readonly uniqueKeys: readonly (readonly string[])[];
  readonly schemaHash: string;
}

export interface ExtractRequest {
  readonly entities: readonly EntityToExtract[];
  /** Shown in pg_stat_activity, such as `tidemark live-20240103T000000Z`. */
  readonly applicationName: string;
  /** Connections that read at the same time under the snapshot; default 2. */
  readonly parallel?: number;
  /** What earlier, broken tries have stored whole, verified by the caller; only the rest is read, and what changed since. */
  readonly resume?: FinishedWork;
  /** Told after each stored part, with everything that is whole by then. */
  readonly onFinished?: (work: FinishedWork) => void;
  /**
   * Compares an entity's rows in the source, in buckets of their key's hash, with the lake and this extract's rows.
   * Resolves to the buckets that differ; they are read under the same snapshot and come back as `drills`.
   */
  readonly compareBuckets?: (
    entity: string,
    parts: readonly ExtractPart[],
    buckets: readonly KeyBucket[],
  ) => Promise<readonly number[]>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { entity: string; rowCount: number; csvBytes: number }) => void;
  /** Stores one compressed part; called once per part with the bytes as they come. */
  readonly upload: (
    entity: string,
    part: number,
    body: import('node:stream').Readable,
  ) => Promise<{ uri: string; sizeBytes: number }>;
  /** For a database that writes parts to the store itself (`rds-export`), as uncompressed CSV. */
  readonly store?: {
    /** Where a part goes, such as `s3://raw/orders/part-00000.csv`. */
    locate(entity: string, part: number): string;
    /** What is there afterwards; null when nothing is. */
    head(uri: string): Promise<{ sizeBytes: number } | null>;
  };
}

export interface EntityToExtract {
  readonly name: string;
  readonly table: string;
  /** Columns in the order of the CSV. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly read: EntityRead;
  /** For a read of mode `range`. */
  readonly keys?: KeyBounds;
  /** Columns summed over the whole table for reconciliation. */
  readonly measures: readonly string[];
  readonly key: readonly string[];
  /** For a timestamp cursor: how far to hold back the bound of the next read, seconds. */
  readonly cursor?: { readonly mode: 'timestamp'; readonly column: string; readonly lagSeconds: number };
  /** Compare with the lake, after its rows are read. */
  readonly compare?: {
    readonly kind: 'keys' | 'rows';
    readonly bucketCount: number;
    /** Columns of the contract that the source no longer has. */
    readonly droppedColumns?: readonly string[];
  };
}

/** Rows of the source whose key's hash falls into one bucket. */
export interface KeyBucket {
  readonly bucket: number;
  readonly rowCount: number;
  /** Sum of the hashes (of keys, or of rows), decimal. */
  readonly sum: string;
}

/** Parts that are stored whole, of a try that may have broken; small enough for heartbeat details. */
export interface FinishedWork {
  readonly server: SourceServer;
  /** In the order of the tries. */
  readonly snapshots: readonly Snapshot[];
  readonly parts: readonly FinishedPart[];
}

export interface FinishedPart extends ExtractPart {
  readonly entity: string;
  readonly csvBytes: number;
  /** Blocks `[from, to)` of the table that it holds; `to` null is open-ended. */
  readonly blocks: readonly (readonly [from: number, to: number | null])[];
  /** Table and schema that it was read from; another one makes it useless. */
  readonly relationIds: string;
  readonly schemaHash: string;
}

/** The buckets of an entity that differ from the lake, as stored CSV: `_key` for `keys`, the entity's columns for `rows`. */
export interface Drill {
  readonly buckets: readonly number[];
  readonly parts: readonly ExtractPart[];
  /** CSV bytes before compression. */
  readonly csvBytes: number;
}

export interface ExtractResult {
  readonly server: SourceServer;
  readonly snapshot: Snapshot;
  readonly laterSnapshots?: readonly Snapshot[];
  /** By entity that was compared. */
  readonly drills?: Readonly<Record<string, Drill>>;
  readonly entities: Record<string, EntityExtract>;
}
