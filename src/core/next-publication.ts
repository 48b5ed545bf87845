import type { ExtractManifest } from './manifest.ts';
import type {
  DecisionRecord,
  Publication,
  RunKind,
  TablePartition,
  TableVersion,
  Watermark,
} from './publication.ts';
import type { BusinessWindow } from './run.ts';
import type { ModelManifest, WrittenFile, WrittenTable } from './stage.ts';

export interface NextPublicationRequest {
  readonly base: Publication | null;
  readonly pipeline: string;
  readonly runKey: string;
  readonly runKind: RunKind;
  readonly window?: BusinessWindow;
  readonly publishedAt: string;
  readonly extracts: readonly ExtractManifest[];
  /** Null when nothing changed, so that only watermarks move. */
  readonly model: ModelManifest | null;
  /** Rows by file, as read from the footers. */
  readonly rowCounts: ReadonlyMap<string, number>;
  readonly decisions: readonly DecisionRecord[];
  readonly skippedEntities: readonly string[];
}

/**
 * Computes the publication that follows `base`: new partitions replace the touched ones, watermarks move
 * with the data that they cover and never back.
 */
export function nextPublication(request: NextPublicationRequest): Publication {
  const { base, model } = request;
  const sequence = (base?.sequence ?? 0) + 1;
  const merge = (
    old: Readonly<Record<string, TableVersion>>,
    written: Readonly<Record<string, WrittenTable>>,
  ) => ({
    ...old,
    ...Object.fromEntries(
      Object.entries(written).map(([name, table]) => [
        name,
        mergeTable(old[name] ?? null, table, sequence, model!.generation, request.rowCounts),
      ]),
    ),
  });
  // A chunk from which an entity was left out still has to be done.
  const isWhole = request.skippedEntities.length === 0;
  const chunk = request.window && isWhole ? `${request.window.from}..${request.window.to}` : null;
  return {
    version: 1,
    pipeline: request.pipeline,
    sequence,
    publishedAt: request.publishedAt,
    runKey: request.runKey,
    runKind: request.runKind,
    watermarks: { ...base?.watermarks, ...newWatermarks(request) },
    entities: merge(base?.entities ?? {}, model?.entities ?? {}),
    tables: merge(base?.tables ?? {}, model?.tables ?? {}),
    chunks: {
      ...base?.chunks,
      ...(chunk ? { [chunk]: { runKey: request.runKey, publishedAt: request.publishedAt } } : {}),
    },
    decisions: request.decisions,
    skippedEntities: request.skippedEntities,
  };
}

function newWatermarks(request: NextPublicationRequest): Record<string, Watermark> {
  const moved: Record<string, Watermark> = {};
  for (const extract of request.extracts) {
    for (const [name, entity] of Object.entries(extract.entities)) {
      if (entity.watermark === null || request.skippedEntities.includes(name)) continue;
      const current = request.base?.watermarks[name];
      const isSameServer =
        current?.systemIdentifier === extract.server.systemIdentifier &&
        current.timeline === extract.server.timeline;
      const isRewound = entity.read.mode === 'full' && entity.read.isRewound === true;
      if (current && isSameServer && !isRewound && current.snapshotOrder >= extract.snapshot.order) continue;
      moved[name] = {
        source: extract.source,
        xid: entity.watermark,
        snapshotOrder: extract.snapshot.order,
        runKey: request.runKey,
        systemIdentifier: extract.server.systemIdentifier,
        timeline: extract.server.timeline,
        relationIds: entity.relationIds,
        schemaHash: entity.schemaHash,
        seen: entity.seen,
        cursorFrom: entity.cursorFrom,
      };
    }
  }
  return moved;
}

function mergeTable(
  old: TableVersion | null,
  written: WrittenTable,
  sequence: number,
  generation: string,
  rowCounts: ReadonlyMap<string, number>,
): TableVersion {
  const byValue = new Map<string, WrittenFile[]>();
  for (const file of written.files)
    byValue.set(file.partition, [...(byValue.get(file.partition) ?? []), file]);
  const stray = [...byValue.keys()].find((value) => !written.touched.includes(value));
  if (stray !== undefined) {
    throw new Error(
      `partition "${stray}" was written to ${written.location} though no changed row touches it`,
    );
  }
  const fresh = [...byValue].map(([value, files]): TablePartition => {
    const counted = files.map(({ uri, sizeBytes, etag }) => ({
      uri,
      sizeBytes,
      etag,
      rowCount: rowCounts.get(uri) ?? 0,
    }));
    const first = files[0]!.uri;
    return {
      value,
      generation,
      location: first.slice(0, first.lastIndexOf('/') + 1),
      files: counted,
      rowCount: counted.reduce((sum, file) => sum + file.rowCount, 0),
    };
  });
  const kept = (old?.partitions ?? []).filter((part) => !written.touched.includes(part.value));
  return {
    definitionDigest: written.definitionDigest,
    sequence,
    columns: written.columns,
    partitionBy: written.partitionBy,
    partitions: [...kept, ...fresh].sort((a, b) => (a.value < b.value ? -1 : 1)),
  };
}

/**
 * Says whether what a run read joins on to what is published: a live run covers everything since the
 * watermark that it started from, so a watermark that went back (rollback) leaves a gap.
 */
export function findWatermarkGap(
  base: Publication | null,
  extracts: readonly ExtractManifest[],
): string | null {
  for (const extract of extracts) {
    for (const [name, entity] of Object.entries(extract.entities)) {
      if (entity.read.mode !== 'incremental') continue;
      const current = base?.watermarks[name];
      if (!current || BigInt(entity.read.fromXid) > BigInt(current.xid)) return name;
    }
  }
  return null;
}
