import type { Snapshot, SourceServer } from '../../core/manifest.ts';
import type { ExtractRequest } from '../../ports/source.ts';
import { cutBlockRanges } from './block-ranges.ts';
import type { DescribedTable } from './describe-tables.ts';
import type { EntityJob } from './entity-job.ts';
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
    // Ranges would have the index of the cursor's column searched again for each of them.
    const isIndexed = entity.read.mode === 'incremental' && entity.read.cursor !== undefined;
    const ranges = isIndexed ? [{ from: 0, to: null }] : cutBlockRanges(table.pages, rangePages);
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
    filter: rowFilter(entity.read, table.columns),
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
    hasTotalsTaken: false,
    totals: null,
  }));
  return { jobs, snapshots };
}
