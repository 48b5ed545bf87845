import type { EntityDefinition } from './definition.ts';
import type { LakeComparison } from './manifest.ts';
import type { Finding } from './verdict.ts';

/** An entity of few rows may lose most of them on an ordinary day, so shares are looked at from here on. */
const MIN_SHARE_ROWS = 20;
/** Of an audited entity whose definition sets no brake. */
const DEFAULT_BRAKE = { maxShare: 0.05, maxCount: 100_000 };

/** What a comparison of source and lake has to tell: deletions beyond the brake hold the run, rows that were missed warn. */
export function judgeComparison(entity: EntityDefinition, comparison: LakeComparison): Finding[] {
  const { goneCount, lakeRowCount, lateCount, lostCount, unhashedCount } = comparison;
  const finding = (
    check: string,
    severity: Finding['severity'],
    message: string,
    count: number,
  ): Finding => ({
    check,
    severity,
    subject: entity.name,
    column: null,
    message,
    rowCount: lakeRowCount,
    failedCount: count,
    sampleKeys: [],
  });
  const findings: Finding[] = [];
  const { maxShare, maxCount } = entity.deletes.mode === 'reconcile' ? entity.deletes : DEFAULT_BRAKE;
  const share = lakeRowCount === 0 ? 0 : goneCount / lakeRowCount;
  if (goneCount > maxCount || (goneCount >= MIN_SHARE_ROWS && share > maxShare))
    findings.push(
      finding(
        'delete-brake',
        'critical',
        `${goneCount} of ${lakeRowCount} rows (${percent(share)}) are no longer at the source; the brake allows ${percent(maxShare)} and ${maxCount} rows. Approve to delete them here too`,
        goneCount,
      ),
    );
  // Rows that were stored with a column that is gone differ without having been missed.
  const dropped = comparison.droppedColumns ?? [];
  if (dropped.length > 0 && (lateCount ?? 0) > 0)
    findings.push(
      finding(
        'dropped-columns',
        'info',
        `${lateCount} rows of the lake differ, as those do that still have values of ${dropped.join(', ')}, which the source no longer has; this run brings them as they are now. Take the column out of the definition, and the next audit tells late rows again`,
        lateCount!,
      ),
    );
  const missed = (dropped.length > 0 ? 0 : (lateCount ?? 0)) + (lostCount ?? 0);
  if (missed > 0)
    findings.push(
      finding(
        'late-rows',
        'warning',
        `${lostCount} rows of the source had never arrived and ${missed - (lostCount ?? 0)} were out of date, of ${comparison.comparedCount}; this run brings them. Something at the source is not seen by the cursor`,
        missed,
      ),
    );
  if (unhashedCount > 0)
    findings.push(
      finding(
        'not-compared',
        'warning',
        `${unhashedCount} rows of the lake have no hash and were not compared; a run of --kind full gives them one`,
        unhashedCount,
      ),
    );
  return findings;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
