import type { EntityDefinition } from './definition.ts';
import type { EntityRead, LakeComparison } from './manifest.ts';
import type { TableVersion } from './publication.ts';
import type { Audit, ComparedEntity, ComparisonCounts, ExtractSummary } from './run.ts';

/** Rows to a bucket: one that differs is read again whole. */
const BUCKET_ROWS = 256;
const MIN_BUCKETS = 16;
const MAX_BUCKETS = 65_536;

interface PlannedComparison {
  readonly kind: 'keys' | 'rows';
  readonly bucketCount: number;
  /** Columns of the contract that the source no longer has; rows that were stored with them differ. Absent means none. */
  readonly droppedColumns?: readonly string[];
}

/**
 * Whether and how an extract compares an entity with the lake: whole rows in an audit, keys where deletions are
 * reconciled; null when it is read whole or by window, or nothing of it is in the lake.
 */
export function planComparison(
  entity: EntityDefinition,
  read: EntityRead,
  base: TableVersion | null,
  audit: Audit | undefined,
  planned?: readonly { readonly name: string }[],
): PlannedComparison | null {
  if (read.mode !== 'incremental' || base === null) return null;
  const isAudited = isAuditOf(audit, entity.name);
  if (!isAudited && entity.deletes.mode !== 'reconcile') return null;
  const rowCount = base.partitions.reduce((sum, part) => sum + part.rowCount, 0);
  const bucketCount = bucketsFor(rowCount);
  if (!isAudited) return { kind: 'keys', bucketCount };
  const droppedColumns = Object.keys(entity.columns).filter(
    (name) => planned && !planned.some((column) => column.name === name),
  );
  return { kind: 'rows', bucketCount, ...(droppedColumns.length > 0 && { droppedColumns }) };
}

/** Whether the run audits the entity. */
function isAuditOf(audit: Audit | undefined, entity: string): boolean {
  return audit === true || (Array.isArray(audit) && audit.includes(entity));
}

/** A power of two, so that a bucket is the low bits of a hash. */
function bucketsFor(rowCount: number): number {
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(rowCount / BUCKET_ROWS, 1)));
  return Math.min(Math.max(wanted, MIN_BUCKETS), MAX_BUCKETS);
}

/** The counts of a comparison, without where its rows are. */
export function summarizeComparison({
  kind,
  comparedCount,
  differingBuckets,
  lateCount,
  lostCount,
  goneCount,
  droppedColumns,
}: LakeComparison): ComparisonCounts {
  return { kind, comparedCount, differingBuckets, lateCount, lostCount, goneCount, droppedColumns };
}

/** By entity that was compared: what was found, and what has been put right by publishing it. */
export function reportComparisons(
  extracts: readonly ExtractSummary[],
  skipped: readonly string[],
): Record<string, ComparedEntity> {
  const found = extracts.flatMap((extract) =>
    Object.entries(extract.entities).flatMap(([name, { comparison }]) => {
      if (!comparison) return [];
      const { lateCount, lostCount, goneCount } = comparison;
      const healedCount = skipped.includes(name) ? 0 : (lateCount ?? 0) + (lostCount ?? 0) + goneCount;
      return [[name, { ...comparison, healedCount }] as const];
    }),
  );
  return Object.fromEntries(found);
}

/** A line for people, where there is something to tell. */
export function describeCompared(name: string, compared: ComparedEntity): string[] {
  const { kind, comparedCount, lateCount, lostCount, goneCount, healedCount, droppedColumns } = compared;
  const found = (lateCount ?? 0) + (lostCount ?? 0) + goneCount;
  const end = found > 0 && healedCount === 0 ? '; left out by decision, so the lake stays as it was' : '';
  if (kind === 'keys')
    return goneCount > 0
      ? [`${name}: ${goneCount} rows deleted at the source, ${healedCount} here${end}`]
      : [];
  const late = droppedColumns?.length
    ? `${lateCount} with other values or still with those of ${droppedColumns.join(', ')}, which the source no longer has`
    : `${lateCount} late`;
  return [
    `${name}: ${comparedCount} rows compared, ${late}, ${lostCount} lost, ${goneCount} gone, ${healedCount} healed${end}`,
  ];
}
