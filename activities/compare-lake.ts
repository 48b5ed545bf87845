import type { EntityExtract, ExtractPart, LakeComparison } from '../src/core/manifest.ts';
import type { TableVersion } from '../src/core/publication.ts';
import type { LakeState } from '../src/ports/lake-comparer.ts';
import type { EntityToExtract, ExtractRequest, ExtractResult } from '../src/ports/source.ts';
import type { ActivityDeps } from './deps.ts';

/** Comparing what a source holds with what the lake and an extract together hold, see core/comparison. */
export interface LakeComparisons {
  /** For the extract's request. */
  readonly compareBuckets: NonNullable<ExtractRequest['compareBuckets']>;
  /** Adds to the extracted entities what was found: rows that were missed as further parts, rows that are gone. */
  finish(
    extracted: ExtractResult['entities'],
    drills: ExtractResult['drills'],
  ): Promise<Record<string, EntityExtract>>;
}

export interface ComparisonScope {
  readonly entities: readonly EntityToExtract[];
  /** What is published of an entity: the state that the run's reads build on. */
  readonly publishedOf: (entity: string) => TableVersion | null;
  /** Where the gone rows of an entity go. */
  readonly goneUri: (entity: string) => string;
  readonly signal: AbortSignal;
}

export function makeComparisons(
  deps: Pick<ActivityDeps, 'lake' | 'store'>,
  { entities, publishedOf, goneUri, signal }: ComparisonScope,
): LakeComparisons {
  const found: Record<string, { lakeRowCount: number; unhashedCount: number; comparedCount: number }> = {};
  const stateOf = (name: string, parts: readonly ExtractPart[]): LakeState => {
    const { columns, key, compare } = entities.find((each) => each.name === name)!;
    const files = publishedOf(name)?.partitions.flatMap((part) => part.files.map((file) => file.uri)) ?? [];
    return { ...compare!, lakeFiles: files, parts, columns: columns.map((each) => each.name), key, signal };
  };
  return {
    compareBuckets: async (name, parts, buckets) => {
      const { differing, ...counts } = await deps.lake.findBuckets(stateOf(name, parts), buckets);
      found[name] = { ...counts, comparedCount: buckets.reduce((sum, each) => sum + each.rowCount, 0) };
      return differing;
    },
    finish: async (extracted, drills = {}) => {
      const finished = Object.entries(extracted).map(async ([name, entity]) => {
        const drill = drills[name];
        if (!drill) return [name, entity] as const;
        const state = stateOf(name, entity.parts);
        let gone: ExtractPart | null = null;
        const none = { goneCount: 0, lateCount: state.kind === 'rows' ? 0 : null };
        const counts =
          drill.parts.length === 0
            ? { ...none, lostCount: none.lateCount }
            : await deps.lake.compareRows(state, drill, async (body) => {
                const uri = goneUri(name);
                const { sizeBytes } = await deps.store.upload(uri, body, {
                  contentType: 'application/gzip',
                  signal,
                });
                gone = { uri, sizeBytes, rowCount: 0, sha256: null };
              });
        const comparison: LakeComparison = {
          kind: state.kind,
          bucketCount: state.bucketCount,
          differingBuckets: drill.buckets.length,
          droppedColumns: entities.find((each) => each.name === name)!.compare!.droppedColumns,
          ...found[name]!,
          ...counts,
          gone: gone && { ...(gone as ExtractPart), rowCount: counts.goneCount },
        };
        // The rows of the differing buckets are as the extract's last snapshot sees them, so bringing them all is harmless.
        const missed = (counts.lateCount ?? 0) + (counts.lostCount ?? 0) > 0 ? drill.parts : [];
        return [
          name,
          {
            ...entity,
            parts: [...entity.parts, ...missed],
            rowCount: entity.rowCount + missed.reduce((sum, part) => sum + part.rowCount, 0),
            csvBytes: entity.csvBytes + (missed.length > 0 ? drill.csvBytes : 0),
            comparison,
          },
        ] as const;
      });
      return Object.fromEntries(await Promise.all(finished));
    },
  };
}
