import type { ExtractPart } from '../../core/manifest.ts';
import type { EntityToExtract } from '../../ports/source.ts';
import { type BlockRange, blockFilter } from './block-ranges.ts';
import type { DescribedTable } from './describe-tables.ts';

/** What is left to read of one entity, and what has been read. Readers share it; all changes are synchronous. */
export interface EntityJob {
  readonly entity: EntityToExtract;
  readonly table: DescribedTable;
  /** SQL of `rowFilter`. */
  readonly filter: string | null;
  /** Ranges that no reader has taken yet. */
  readonly ranges: BlockRange[];
  nextPart: number;
  /** Sparse until all parts are stored. */
  readonly parts: ExtractPart[];
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
    return { kind: 'part', job: waiting, part: waiting.nextPart++, first: waiting.ranges.shift()! };
  }
  const uncounted = jobs.find((job) => !job.hasTotalsTaken);
  if (!uncounted) return null;
  uncounted.hasTotalsTaken = true;
  return { kind: 'totals', job: uncounted };
}

/** WHERE clause for a range of the entity's rows, with a leading blank; '' for all rows. */
export function whereClause(job: EntityJob, range: BlockRange): string {
  const conditions = [blockFilter(range), job.filter].filter((each) => each !== null);
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
}
