import type { Readable } from 'node:stream';
import type { ExtractPart } from '../core/manifest.ts';
import type { KeyBucket } from './source.ts';

/** Compares the source's rows, by their hashes, with what the lake and an extract together hold. */
export interface LakeComparer {
  /** Buckets in which count or sum differ from the source's, ascending. */
  findBuckets(
    state: LakeState,
    buckets: readonly KeyBucket[],
  ): Promise<{ differing: number[]; lakeRowCount: number; unhashedCount: number }>;
  /**
   * Row by row within the buckets that were read from the source (`drill`). Gone rows go to `storeGone` as gzipped CSV
   * with a header line, columns `_key` and `_hash`; it is not called when there is none.
   */
  compareRows(
    state: LakeState,
    drill: { readonly buckets: readonly number[]; readonly parts: readonly ExtractPart[] },
    storeGone: (body: Readable) => Promise<void>,
  ): Promise<RowComparison>;
}

/** The lake and the extract, newest row of a key. Errors of both calls are those of `CheckRunner`. */
export interface LakeState {
  /** `keys`: by the hash of the key alone; `rows`: by the hash of the whole row. */
  readonly kind: 'keys' | 'rows';
  /** A power of two; a row's bucket is its key's hash, of which the low bits are taken. */
  readonly bucketCount: number;
  /** Parquet files of the folded entity. */
  readonly lakeFiles: readonly string[];
  /** CSV parts of the extract; a part of a later snapshot names its order. */
  readonly parts: readonly ExtractPart[];
  /** Columns of the parts in the order of the CSV, and the key's. */
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly signal?: AbortSignal;
}

interface RowComparison {
  /** Rows that the lake and the extract have and the source no longer has. */
  readonly goneCount: number;
  /** Rows that differ; null for `keys`. */
  readonly lateCount: number | null;
  /** Rows of the source that neither has; null for `keys`. */
  readonly lostCount: number | null;
}
