import { chunkName } from './backfill.ts';
import type { EvolvedColumns } from './evolve.ts';
import { followLoads, type SeenEntity } from './initial-load.ts';
import type { EntityExtract, ExtractManifest } from './manifest.ts';
import type {
  DecisionRecord,
  Publication,
  PublishedChunk,
  RunKind,
  TablePartition,
  TableVersion,
  Watermark,
} from './publication.ts';
import { appendHistory, kindOfRead, type RowHistory } from './row-history.ts';
import type { BusinessWindow, KeyRange } from './run.ts';
import type { ModelManifest, WrittenFile, WrittenTable } from './stage.ts';
import { nextWaivers } from './waiver.ts';

export interface NextPublicationRequest {
  readonly base: Publication | null;
  readonly pipeline: string;
  readonly runKey: string;
  readonly runKind: RunKind;
  /** Windows of a backfill that this publication covers whole; default none. */
  readonly windows?: readonly BusinessWindow[];
  /** Ranges of a first load that this publication covers; default none. */
  readonly ranges?: readonly KeyRange[];
  readonly publishedAt: string;
  readonly extracts: readonly ExtractManifest[];
  /** Null when nothing changed, so that only watermarks move. */
  readonly model: ModelManifest | null;
  /** Rows by file, as read from the footers. */
  readonly rowCounts: ReadonlyMap<string, number>;
  readonly decisions: readonly DecisionRecord[];
  readonly skippedEntities: readonly string[];
  /** By entity: columns that are carried beside the contract from now on; default none. */
  readonly evolved?: EvolvedColumns;
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
  const tables = merge(base?.tables ?? {}, model?.tables ?? {});
  const chunks = { ...base?.chunks, ...newChunks(request) };
  const followed = followLoads(base, seenRanges(request), chunks, request.runKey);
  const watermarks = { ...base?.watermarks, ...newWatermarks(request) };
  // A run that has read an entity whole meanwhile covers what its load would.
  for (const [name, watermark] of Object.entries(followed.watermarks)) watermarks[name] ??= watermark;
  return {
    version: 1,
    pipeline: request.pipeline,
    sequence,
    publishedAt: request.publishedAt,
    runKey: request.runKey,
    runKind: request.runKind,
    watermarks,
    loads: Object.fromEntries(Object.entries(followed.loads).filter(([name]) => !watermarks[name])),
    entities: merge(base?.entities ?? {}, model?.entities ?? {}),
    tables,
    chunks,
    decisions: request.decisions,
    waivers: nextWaivers(base?.waivers ?? [], request.runKey, request.decisions, request.publishedAt),
    skippedEntities: request.skippedEntities,
    evolved: request.evolved ?? {},
    rowHistory: newHistory(request, tables),
  };
}

/** Rows that each read brought, and that each computed model has now. */
function newHistory(
  { base, extracts, model, runKind, skippedEntities }: NextPublicationRequest,
  tables: Readonly<Record<string, TableVersion>>,
): RowHistory {
  const reads = extracts.flatMap((extract) =>
    Object.entries(extract.entities)
      .filter(([name]) => !skippedEntities.includes(name))
      .map(([name, { read, rowCount }]) => ({ subject: name, runKind: kindOfRead(read), rowCount })),
  );
  const models = Object.keys(model?.tables ?? {}).map((name) => ({
    subject: name,
    runKind,
    rowCount: tables[name]!.partitions.reduce((sum, part) => sum + part.rowCount, 0),
  }));
  return appendHistory(base?.rowHistory ?? {}, [...reads, ...models]);
}

function newChunks(request: NextPublicationRequest): Record<string, PublishedChunk> {
  const { windows = [], ranges = [], runKey, publishedAt, decisions } = request;
  // A chunk from which an entity was left out still has to be done.
  if (request.skippedEntities.length > 0) return {};
  const approvers = decisions.filter((each) => each.action === 'approve').map((each) => each.by);
  const approvedBy = approvers.length > 0 ? [...new Set(approvers)] : undefined;
  return Object.fromEntries(
    [...windows, ...ranges].map((chunk) => [chunkName(chunk), { runKey, publishedAt, approvedBy }]),
  );
}

/** What extracts of ranges say of their entities. */
function seenRanges({ extracts, skippedEntities, runKey }: NextPublicationRequest): SeenEntity[] {
  return extracts.flatMap((extract) =>
    Object.entries(extract.entities)
      .filter(([name, { read }]) => read.mode === 'range' && !skippedEntities.includes(name))
      .map(([name, entity]) => ({ name, read: entity.read, watermark: watermarkOf(extract, name, runKey) })),
  );
}

/** The watermark that an extract gives an entity which has none. */
function watermarkOf(extract: ExtractManifest, name: string, runKey: string): Watermark {
  const entity = extract.entities[name]!;
  return {
    source: extract.source,
    xid: entity.watermark!,
    snapshotOrder: extract.snapshot.order,
    runKey,
    systemIdentifier: extract.server.systemIdentifier,
    timeline: extract.server.timeline,
    relationIds: entity.relationIds,
    ...seenOf(entity, undefined),
    cursorFrom: entity.cursorFrom,
  };
}

function newWatermarks(request: NextPublicationRequest): Record<string, Watermark> {
  const moved: Record<string, Watermark> = {};
  for (const extract of request.extracts) {
    for (const [name, entity] of Object.entries(extract.entities)) {
      if (entity.watermark === null || request.skippedEntities.includes(name)) continue;
      if (entity.read.mode === 'range') continue;
      const current = request.base?.watermarks[name];
      const isSameServer =
        current?.systemIdentifier === extract.server.systemIdentifier &&
        current.timeline === extract.server.timeline;
      const isRewound = entity.read.mode === 'full' && entity.read.isRewound === true;
      if (current && isSameServer && !isRewound && current.snapshotOrder >= extract.snapshot.order) continue;
      moved[name] = {
        ...watermarkOf(extract, name, request.runKey),
        ...seenOf(entity, current),
        rewoundIn: isRewound ? (request.base?.sequence ?? 0) + 1 : current?.rewoundIn,
      };
    }
  }
  return moved;
}

/**
 * How the table was when it was compared with its contract. Columns that changed between that and the read are left
 * for the next run to find.
 */
function seenOf(
  entity: EntityExtract,
  current: Watermark | undefined,
): Pick<Watermark, 'schemaHash' | 'seen'> {
  const wasCompared = entity.checkedHash === undefined || entity.checkedHash === entity.schemaHash;
  if (wasCompared || !current) return { schemaHash: entity.schemaHash, seen: entity.seen };
  return { schemaHash: current.schemaHash, seen: current.seen };
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
    floor: written.floor,
    windowDeletedAt: written.windowDeletedAt,
  };
}

/**
 * Says whether what a run read joins on to what is published: a live run covers everything since the
 * watermark that it started from, so a watermark that went back (rollback) leaves a gap. So does a backfill that
 * deleted rows of its window under a newer snapshot: they may have moved to another date, which this run alone saw.
 * What was read before its source went back, and not published by then, is of a history that is no more.
 */
export function findWatermarkGap(
  base: Publication | null,
  extracts: readonly ExtractManifest[],
): string | null {
  for (const extract of extracts) {
    for (const [name, entity] of Object.entries(extract.entities)) {
      const { windowDeletedAt = '' } = base?.entities[name] ?? {};
      const isRewound = entity.read.mode === 'full' && entity.read.isRewound;
      const { rewoundIn = 0 } = base?.watermarks[name] ?? {};
      if (rewoundIn > 0 && (extract.baseSequence ?? 0) < rewoundIn) return name;
      if (entity.read.mode !== 'window' && !isRewound && windowDeletedAt > extract.snapshot.order)
        return name;
      if (entity.read.mode !== 'incremental') continue;
      const current = base?.watermarks[name];
      if (!current || BigInt(entity.read.fromXid) > BigInt(current.xid)) return name;
    }
  }
  return null;
}
