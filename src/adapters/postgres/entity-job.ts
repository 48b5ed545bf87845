import type { ExtractPart } from '../../core/manifest.ts';
import type { EntityToExtract, FinishedPart } from '../../ports/source.ts';
import { type BlockRange, blockFilter } from './block-ranges.ts';
import type { DescribedTable } from './describe-tables.ts';
import { writtenSince } from './row-filter.ts';

/** What is left to read of one entity, and what has been read. Readers share it; all changes are synchronous. */
export interface EntityJob {
  readonly entity: EntityToExtract;
  readonly table: DescribedTable;
  /** SQL of `rowFilter`. */
  readonly filter: string | null;
  /** Select list; default the entity's columns. */
  readonly select?: string;
  /** Ranges that no reader has taken yet. */
  readonly ranges: BlockRange[];
  /** CSV bytes from which a part takes no further range. */
  readonly partSizeBytes: number;
  /** Digest of what the parts hold, see `describeShape`. */
  readonly shape: string;
  /** Order of the snapshot, for the parts of an extract that began under an earlier one. */
  readonly order: string | undefined;
  nextPart: number;
  /** What each part under way has read. */
  readonly taken: Map<number, { readonly ranges: BlockRange[]; csvBytes: number }>;
  /** Sparse until all parts are stored. */
  readonly parts: ExtractPart[];
  /** What another try could go on from; empty when the entity has to be read in one piece. */
  readonly finished: FinishedPart[];
  /** Told after each stored part. */
  readonly onFinished: () => void;
  rowCount: number;
  csvBytes: number;
  hasTotalsTaken: boolean;
  totals: { readonly rowCount: number; readonly sums: Readonly<Record<string, string | null>> } | null;
}

/** One piece of work for a connection: a part that begins with a range, or the totals of an entity. */
export type Task =
  | { readonly kind: 'part'; readonly job: EntityJob; readonly part: number; readonly first: BlockRange }
  | { readonly kind: 'totals'; readonly job: EntityJob };

/** Takes the next task: ranges in the order of the entities, then totals; null when nothing is left. */
export function takeTask(jobs: readonly EntityJob[]): Task | null {
  const waiting = jobs.find((job) => job.ranges.length > 0);
  if (waiting) {
    const part = waiting.nextPart++;
    const first = waiting.ranges.shift()!;
    waiting.taken.set(part, { ranges: [first], csvBytes: 0 });
    return { kind: 'part', job: waiting, part, first };
  }
  const uncounted = jobs.find((job) => !job.hasTotalsTaken);
  if (!uncounted) return null;
  uncounted.hasTotalsTaken = true;
  return { kind: 'totals', job: uncounted };
}

/** Tells that the last range of a part is read, with the part's CSV bytes so far; takes the next while it is not full. */
export function takeRange(job: EntityJob, part: number, csvBytes: number): BlockRange | undefined {
  const taken = job.taken.get(part)!;
  taken.csvBytes = csvBytes;
  const next = csvBytes < job.partSizeBytes ? job.ranges.shift() : undefined;
  if (next) taken.ranges.push(next);
  return next;
}

/** Tells that a part is stored whole. */
export function finishPart(job: EntityJob, part: number, stored: ExtractPart): void {
  const { ranges, csvBytes } = job.taken.get(part)!;
  job.taken.delete(part);
  const ordered = job.order === undefined ? stored : { ...stored, order: job.order };
  job.parts[part] = ordered;
  if (!isResumable(job.entity, job.table)) return;
  job.finished.push({
    ...ordered,
    entity: job.entity.name,
    csvBytes,
    // Rows that an earlier part lacks add nothing to what the entity's blocks hold.
    blocks: ranges.filter(({ since }) => since === undefined).map(({ from, to }) => [from, to]),
    relationIds: job.table.storage,
    schemaHash: job.shape,
  });
  job.onFinished();
}

/**
 * Whether parts of an earlier try can be kept: what changed since then is found by xmin, in the same blocks. Read by
 * an index there is little to keep, and that would be a scan of the table.
 */
export function isResumable(entity: EntityToExtract, table: DescribedTable): boolean {
  return table.hasXmin && table.located.isReadable && !isReadByIndex(entity);
}

/** Whether the index of a cursor's column, or of the key, finds the rows. */
export function isReadByIndex({ read }: EntityToExtract): boolean {
  return read.mode === 'range' || (read.mode === 'incremental' && read.cursor !== undefined);
}

/** WHERE clause for a range of the entity's rows, with a leading blank; '' for all rows. */
export function whereClause(job: EntityJob, range: BlockRange): string {
  const since = range.since === undefined ? null : writtenSince(range.since);
  const conditions = [blockFilter(range), job.filter, since].filter((each) => each !== null);
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
}
