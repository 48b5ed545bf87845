import type { EntityDefinition } from './definition.ts';
import type { EntityExtract, EntityRead } from './manifest.ts';
import type { Publication, RowCount, RunKind } from './publication.ts';
import type { Finding } from './verdict.ts';

/** Rows of recent runs by entity and model, oldest first. */
export type RowHistory = Readonly<Record<string, readonly RowCount[]>>;

/** Counts that are kept of each subject and kind of run. */
const KEPT = 20;

/** Fewest earlier reads that say what is usual. */
const MIN_RUNS = 3;

/** The history with counts behind it; of each subject and kind the newest 20 stay, so that a long backfill pushes no live run out. */
export function appendHistory(
  history: RowHistory,
  counts: readonly (RowCount & { subject: string })[],
): RowHistory {
  const next: Record<string, readonly RowCount[]> = { ...history };
  for (const { subject, runKind, rowCount } of counts) {
    const all = [...(next[subject] ?? []), { runKind, rowCount }];
    const excess = all.filter((each) => each.runKind === runKind).length - KEPT;
    next[subject] =
      excess > 0
        ? all.toSpliced(
            all.findIndex((each) => each.runKind === runKind),
            1,
          )
        : all;
  }
  return next;
}

/** Under which kind the rows of a read are counted: a live run that reads an entity whole says nothing of a usual day. */
export function kindOfRead(read: EntityRead): RunKind {
  return read.mode === 'incremental' ? 'live' : read.mode === 'full' ? 'full' : 'backfill';
}

/** Rows that earlier reads of the same kind brought of an entity, oldest first. */
export function extractHistory(publication: Publication | null, entity: string, read: EntityRead): number[] {
  const kind = kindOfRead(read);
  return (publication?.rowHistory?.[entity] ?? [])
    .filter((each) => each.runKind === kind)
    .map((each) => each.rowCount);
}

/** Rows that a model had after earlier runs, oldest first. */
export function tableHistory(publication: Publication | null, model: string): number[] {
  return (publication?.rowHistory?.[model] ?? []).map((each) => each.rowCount);
}

/** The finding `volume`: an incremental read brought many times what it usually does, before Spark is paid for. */
export function findVolume(
  entity: EntityDefinition,
  extract: EntityExtract,
  history: readonly number[],
): Finding | null {
  const { maxFactor, minRows } = entity.volume;
  if (extract.read.mode !== 'incremental' || history.length < MIN_RUNS) return null;
  const usual = median(history);
  if (extract.rowCount < minRows || extract.rowCount <= maxFactor * usual) return null;
  const times = usual === 0 ? '' : `, ${Math.floor(extract.rowCount / usual)} times as many`;
  return {
    check: 'volume',
    severity: 'critical',
    subject: entity.name,
    column: null,
    message: `${extract.rowCount} rows were written since the last run; ${usual} is the median of ${history.length} runs${times} (volume.maxFactor ${maxFactor}, from ${minRows} rows on)`,
    rowCount: extract.rowCount,
    failedCount: null,
    sampleKeys: [],
  };
}

function median(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
