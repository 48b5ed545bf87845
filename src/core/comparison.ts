import type { EntityDefinition } from './definition.ts';
import type { EntityRead, LakeComparison } from './manifest.ts';
import type { TableVersion } from './publication.ts';
import type { Audit, ComparedEntity, ComparisonCounts, ExtractSummary } from './run.ts';

/** Rows to a bucket: one that differs is read again whole. */
const BUCKET_ROWS = 256;
const MIN_BUCKETS = 16;
const MAX_BUCKETS = 65_536;

/**
 * Whether and how an extract compares an entity with the lake: whole rows in an audit, keys where deletions are
 * reconciled; null when it is read whole or by window, or nothing of it is in the lake.
 */
export function planComparison(
  entity: EntityDefinition,
  read: EntityRead,
  base: TableVersion | null,
  audit: Audit | undefined,
): { readonly kind: 'keys' | 'rows'; readonly bucketCount: number } | null {
  if (read.mode !== 'incremental' || base === null) return null;
  const isAudited = isAuditOf(audit, entity.name);
  if (!isAudited && entity.deletes.mode !== 'reconcile') return null;
  const rowCount = base.partitions.reduce((sum, part) => sum + part.rowCount, 0);
  return { kind: isAudited ? 'rows' : 'keys', bucketCount: bucketsFor(rowCount) };
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
}: LakeComparison): ComparisonCounts {
  return { kind, comparedCount, differingBuckets, lateCount, lostCount, goneCount };
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
  const { kind, comparedCount, lateCount, lostCount, goneCount, healedCount } = compared;
  if (kind === 'keys')
    return goneCount > 0 ? [`${name}: ${goneCount} rows deleted at the source, ${healedCount} here`] : [];
  return [
    `${name}: ${comparedCount} rows compared, ${lateCount} late, ${lostCount} lost, ${goneCount} gone, ${healedCount} healed`,
  ];
}
