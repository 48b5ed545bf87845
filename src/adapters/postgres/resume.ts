import { createHash } from 'node:crypto';
import type { Snapshot, SourceServer } from '../../core/manifest.ts';
import type { EntityToExtract, FinishedPart, FinishedWork } from '../../ports/source.ts';
import type { BlockRange } from './block-ranges.ts';
import type { DescribedTable } from './describe-tables.ts';
import { isResumable } from './entity-job.ts';
import { mergeRanges, subtractRanges } from './range-set.ts';
import { describeBadWatermark } from './row-filter.ts';

/** Digest of what a part's CSV holds: the table's columns, those that are read, and which rows. */
export function describeShape(entity: EntityToExtract, table: DescribedTable): string {
  const { columns, read } = entity;
  return createHash('sha256')
    .update(JSON.stringify([table.schemaHash, columns, read]))
    .digest('hex');
}

/** The work of earlier tries where the server and its history are the same; null where nothing of it can be kept. */
export function acceptWork(
  work: FinishedWork | undefined,
  server: SourceServer,
  snapshot: Snapshot,
): FinishedWork | null {
  const [first, last] = [work?.snapshots[0], work?.snapshots.at(-1)];
  if (!work || !first || !last) return null;
  const isSameServer =
    work.server.systemIdentifier === server.systemIdentifier && work.server.timeline === server.timeline;
  if (!isSameServer || describeBadWatermark(first.xmin, snapshot)) return null;
  // With one order for two snapshots, nothing tells which version of a row is newer.
  if (last.order >= snapshot.order && !isSame(last, snapshot)) return null;
  return work;
}

/** Equal in all that they see: a standby's text leaves out what is in progress. */
function isSame(a: Snapshot, b: Snapshot): boolean {
  return a.text === b.text && (a.inProgressCount > 0 || a.xmin === a.xmax);
}

/** Parts of an entity that hold what a read of today would, and what is left to read. */
export function splitWork(
  work: FinishedWork | null,
  entity: EntityToExtract,
  table: DescribedTable,
  snapshot: Snapshot,
  ranges: readonly BlockRange[],
): { readonly kept: readonly FinishedPart[]; readonly ranges: BlockRange[] } {
  const shape = describeShape(entity, table);
  const kept = (work?.parts ?? []).filter(
    (part) =>
      part.entity === entity.name &&
      part.blocks.length > 0 &&
      part.relationIds === table.storage &&
      part.schemaHash === shape,
  );
  if (!work || kept.length === 0 || !isResumable(entity, table)) return { kept: [], ranges: [...ranges] };
  const covered = kept.flatMap((part) => part.blocks.map(([from, to]) => ({ from, to })));
  const first = work.snapshots.find((each) => kept.some((part) => orderOf(part, work) === each.order));
  // Whatever is in a covered block and not in its part was written by a transaction that the first snapshot did not see.
  const changed =
    first && !isSame(first, snapshot)
      ? mergeRanges(covered).map((range) => ({ ...range, since: first.xmin }))
      : [];
  return { kept, ranges: [...subtractRanges(ranges, covered), ...changed] };
}

/** Snapshots of the kept parts in their order, the present one last. */
export function usedSnapshots(
  work: FinishedWork | null,
  kept: readonly FinishedPart[],
  snapshot: Snapshot,
): [first: Snapshot, ...later: Snapshot[]] {
  const earlier = (work?.snapshots ?? []).filter(
    (each) => each.order !== snapshot.order && kept.some((part) => orderOf(part, work!) === each.order),
  );
  const [first = snapshot, ...later] = [...earlier, snapshot];
  return [first, ...later];
}

function orderOf(part: FinishedPart, work: FinishedWork): string {
  return part.order ?? work.snapshots[0]!.order;
}
