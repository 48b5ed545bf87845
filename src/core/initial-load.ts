import { chunkName } from './backfill.ts';
import type { FailedChunkRecord, PlannedChunk } from './backfill-plan.ts';
import type { EntityDefinition } from './definition.ts';
import type { EntityRead } from './manifest.ts';
import type { InitialLoad, Publication, Watermark } from './publication.ts';
import type { KeyRange } from './run.ts';

/** The ranges of keys in which entities are loaded for the first time; stored on S3 under its digest, and never changed. */
export interface LoadPlan {
  readonly version: 1;
  readonly pipeline: string;
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  /** In the order of the definition. */
  readonly entities: readonly LoadedEntity[];
}

export interface LoadedEntity {
  readonly name: string;
  /** Columns by which its ranges are cut. */
  readonly key: readonly string[];
  /** One that is open at both ends is the whole table. */
  readonly ranges: readonly PlannedRange[];
}

/** Keys `[from, to)`, each value as PostgreSQL prints it; null is open-ended. */
export interface PlannedRange {
  /** Number within the plan, over all its entities, from 1. */
  readonly nth: number;
  readonly from: readonly string[] | null;
  readonly to: readonly string[] | null;
  /** About so many. */
  readonly rowCount: number;
}

/** An entity as it is to be cut; `bounds` are the first keys of all ranges but the first, in order. */
export interface CutEntity {
  readonly name: string;
  readonly key: readonly string[];
  readonly rowCount: number;
  readonly bounds: readonly (readonly string[])[];
}

/** Ranges that cover all keys that are or will be there, so that a plan stays right however old it is. */
export function makeLoadPlan(pipeline: string, createdAt: string, cuts: readonly CutEntity[]): LoadPlan {
  let nth = 0;
  const entities = cuts.map(({ name, key, rowCount, bounds }) => {
    const ends = [null, ...bounds, null];
    const ranges = ends.slice(1).map((to, at): PlannedRange => {
      nth += 1;
      return { nth, from: ends[at]!, to, rowCount: Math.round(rowCount / (ends.length - 1)) };
    });
    return { name, key, ranges };
  });
  return { version: 1, pipeline, createdAt, entities };
}

/** How a chunk reads its entity: a range of keys, or, where there is but one, the whole table. */
export function planRange({ entities }: LoadPlan, { load, nth, entity }: KeyRange): EntityRead {
  const { ranges } = entities.find((each) => each.name === entity)!;
  if (ranges.length === 1) return { mode: 'full', reason: 'its first load' };
  return { mode: 'range', load, nth, first: ranges[0]!.nth, last: ranges.at(-1)!.nth };
}

/** Every chunk of a load, with what is there of it. A run that has read the entity whole has done its chunks too. */
export function planLoad(
  load: string,
  plan: LoadPlan,
  publication: Publication | null,
  failures: ReadonlyMap<string, FailedChunkRecord>,
): PlannedChunk[] {
  return plan.entities.flatMap(({ name: entity, ranges }) =>
    ranges.map(({ nth }): PlannedChunk => {
      const window: KeyRange = { load, nth, entity };
      const published = publication?.chunks[chunkName(window)] ?? null;
      const isTodo = published === null && publication?.watermarks[entity] === undefined;
      const failure = isTodo ? (failures.get(chunkName(window)) ?? null) : null;
      const state = !isTodo ? 'published' : failure ? 'failed' : 'missing';
      return { window, isTodo, state, published, failure, conflicts: [] };
    }),
  );
}

/** Whether a plan has nothing left to do, or no longer fits its entities. */
export function isLoadOver(
  load: string,
  plan: LoadPlan,
  publication: Publication | null,
  entities: readonly EntityDefinition[],
): boolean {
  const fits = plan.entities.every(({ name, key }) => {
    const defined = entities.find((each) => each.name === name);
    return defined?.key.length === key.length && defined.key.every((column) => key.includes(column));
  });
  return !fits || planLoad(load, plan, publication, new Map()).every((each) => !each.isTodo);
}

/** What an extract says of an entity's place in the source's history. */
export interface SeenEntity {
  readonly name: string;
  readonly read: EntityRead;
  readonly watermark: Watermark;
}

/**
 * Follows first loads in ranges. Each range is read under a snapshot of its own, and a row that changes between two
 * of them may be in neither as it is now: so the watermark of the whole is that of the oldest snapshot, and appears with
 * the last range. Two snapshots of different servers or tables do not join: such a load never gets a watermark, and
 * the next live run reads the entity whole.
 */
export function followLoads(
  base: Publication | null,
  seen: readonly SeenEntity[],
  chunks: Publication['chunks'],
  runKey: string,
): { loads: Record<string, InitialLoad>; watermarks: Record<string, Watermark> } {
  const loads: Record<string, InitialLoad> = { ...base?.loads };
  const watermarks: Record<string, Watermark> = {};
  for (const { name, watermark } of seen) loads[name] = join(loads[name], watermark);
  for (const { name, read } of seen) {
    const { oldest, isBroken } = loads[name]!;
    if (!isBroken && isComplete(name, read, chunks)) watermarks[name] = { ...oldest, runKey };
  }
  return { loads, watermarks };
}

function join(load: InitialLoad | undefined, next: Watermark): InitialLoad {
  if (!load) return { oldest: next };
  const { oldest } = load;
  const isSame =
    oldest.systemIdentifier === next.systemIdentifier &&
    oldest.timeline === next.timeline &&
    oldest.relationIds.join() === next.relationIds.join();
  if (load.isBroken || !isSame) return { oldest, isBroken: true };
  const isOlder =
    BigInt(next.xid) < BigInt(oldest.xid) ||
    (next.xid === oldest.xid && next.snapshotOrder < oldest.snapshotOrder);
  return { oldest: isOlder ? next : oldest };
}

function isComplete(entity: string, read: EntityRead, chunks: Publication['chunks']): boolean {
  if (read.mode !== 'range') return false;
  for (let nth = read.first; nth <= read.last; nth++)
    if (!chunks[chunkName({ load: read.load, nth, entity })]) return false;
  return true;
}
