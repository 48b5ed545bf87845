import type { CleanCounts } from './run.ts';

/** What the clean step leaves behind: cleaned rows by entity, and the partitions that they touch. */
export interface CleanManifest {
  readonly version: 1;
  readonly runKey: string;
  readonly generation: string;
  /** Publication that the touched partitions were looked up in. */
  readonly baseSequence: number;
  readonly entities: Readonly<Record<string, CleanedEntity>>;
}

export interface CleanedEntity {
  readonly files: readonly WrittenFile[];
  /** Partition values that the rows are in, or were in before; `['']` for an entity stored in one part. */
  readonly touched: readonly string[];
  readonly counts: CleanCounts;
  /** Order of the newest business-date read that found rows of its window deleted. */
  readonly windowDeletedAt?: string;
}

/** What the model step leaves behind, before anybody may read it. */
export interface ModelManifest {
  readonly version: 1;
  readonly runKey: string;
  readonly generation: string;
  readonly baseSequence: number;
  readonly entities: Readonly<Record<string, WrittenTable>>;
  readonly tables: Readonly<Record<string, WrittenTable>>;
}

export interface WrittenTable {
  readonly definitionDigest: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly partitionBy: string | null;
  /** Partitions that were computed again; one without files became empty. */
  readonly touched: readonly string[];
  /** Prefix that ends in `/`. */
  readonly location: string;
  readonly files: readonly WrittenFile[];
  readonly rowCount: number;
  readonly sums: Readonly<Record<string, string | null>>;
  /** Entities: see `TableVersion`. */
  readonly floor?: string;
  readonly windowDeletedAt?: string;
}

export interface WrittenFile {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Partition value, '' in a table of one part. */
  readonly partition: string;
}
