import type { EntityExtract, EntityRead, Snapshot, SourceServer } from '../core/manifest.ts';

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
  /** Tries the connection and SELECT on each table (doctor); resolves to problems in words, empty when all is well. */
  probe(tables: readonly string[]): Promise<string[]>;
}

export interface SourceTable {
  /** Kind of relation: `table`, `partitioned`, `view`. */
  readonly kind: string;
  readonly relationIds: readonly string[];
  /** In the table's order. `type` as `format_type` prints it, such as `numeric(10,2)` or `character varying(255)`. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  /** Column lists that a primary key or a valid unique index on NOT NULL columns keeps unique. */
  readonly uniqueKeys: readonly (readonly string[])[];
  readonly schemaHash: string;
}

export interface ExtractRequest {
  readonly entities: readonly EntityToExtract[];
  /** Shown in pg_stat_activity, such as `tidemark live-20240103T000000Z`. */
  readonly applicationName: string;
  /** Entities read at the same time under the snapshot; default 2. */
  readonly parallel?: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { entity: string; rowCount: number; csvBytes: number }) => void;
  /** Stores one compressed part; called once per part with the bytes as they come. */
  readonly upload: (
    entity: string,
    part: number,
    body: import('node:stream').Readable,
  ) => Promise<{ uri: string; sizeBytes: number }>;
}

export interface EntityToExtract {
  readonly name: string;
  readonly table: string;
  /** Columns in the order of the CSV. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly read: EntityRead;
  /** Columns summed over the whole table for reconciliation. */
  readonly measures: readonly string[];
}

export interface ExtractResult {
  readonly server: SourceServer;
  readonly snapshot: Snapshot;
  readonly entities: Record<string, EntityExtract>;
}
