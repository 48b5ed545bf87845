import type { Snapshot, SourceServer } from '../../core/manifest.ts';
import type { ExtractRequest } from '../../ports/source.ts';
import { cutBlockRanges } from './block-ranges.ts';
import type { DescribedTable } from './describe-tables.ts';
import { type EntityJob, isReadByIndex } from './entity-job.ts';
import { acceptWork, describeShape, splitWork, usedSnapshots } from './resume.ts';
import { rowFilter } from './row-filter.ts';

export interface JobContext {
  readonly server: SourceServer;
  readonly snapshot: Snapshot;
  readonly partSizeBytes: number;
}

const PAGE_BYTES = 8_192;

/** What has to be read of each entity, and the snapshots that the extract consists of, the present one last. */
export function planJobs(
  request: ExtractRequest,
  tables: Readonly<Record<string, DescribedTable>>,
  { server, snapshot, partSizeBytes }: JobContext,
): { readonly jobs: readonly EntityJob[]; readonly snapshots: readonly [Snapshot, ...Snapshot[]] } {
  const work = acceptWork(request.resume, server, snapshot);
  const rangePages = Math.ceil(partSizeBytes / PAGE_BYTES);
  const planned = request.entities.map((entity) => {
    const table = tables[entity.table]!;
    // Ranges of blocks would have the index searched again for each of them.
    const ranges = isReadByIndex(entity) ? [{ from: 0, to: null }] : cutBlockRanges(table.pages, rangePages);
    return { entity, table, ...splitWork(work, entity, table, snapshot, ranges) };
  });
  const snapshots = usedSnapshots(
    work,
    planned.flatMap((each) => each.kept),
    snapshot,
  );
  const order = snapshots.length > 1 ? snapshot.order : undefined;
  const jobs: EntityJob[] = planned.map(({ entity, table, kept, ranges }) => ({
    entity,
    table,
    filter: rowFilter(entity.read, table.columns, entity.keys),
    ranges,
    partSizeBytes,
    shape: describeShape(entity, table),
    order,
    nextPart: kept.length,
    taken: new Map(),
    parts: kept.map(({ uri, sizeBytes, rowCount, sha256, order }) => ({
      uri,
      sizeBytes,
      rowCount,
      sha256,
      ...(order !== undefined && { order }),
    })),
    finished: [...kept],
    onFinished: () => request.onFinished?.({ server, snapshots, parts: jobs.flatMap((job) => job.finished) }),
    rowCount: kept.reduce((sum, part) => sum + part.rowCount, 0),
    csvBytes: kept.reduce((sum, part) => sum + part.csvBytes, 0),
    // One range says nothing of the table, and each would scan it.
    hasTotalsTaken: entity.read.mode === 'range',
    totals: null,
  }));
  return { jobs, snapshots };
}
