/** One row of a folded entity. */
interface LakeRow {
  readonly key: string;
  /** Order of the snapshot that it was read under. */
  readonly order: string;
  /** Its values as one text; null for the tombstone of a deleted row. */
  readonly line: string | null;
}

/** What one publication held. */
export interface LakeState {
  readonly sequence: number;
  readonly runKey: string;
  /** Folded rows of an entity. */
  readonly rows: readonly LakeRow[];
}

/**
 * What a history of publications, oldest first, did that must never happen: a number left out, a run that published
 * twice, a key twice or lost, a row that went back in snapshot order (I4), a row that no committed transaction wrote
 * (I2). `written` holds every line that was ever committed. The entity must not be read whole in between, which drops
 * tombstones.
 */
export function findViolations(history: readonly LakeState[], written: ReadonlySet<string>): string[] {
  return history.flatMap((state, nth) => {
    const before = history[nth - 1];
    const isNext = state.sequence === (before?.sequence ?? 0) + 1;
    const isSecond = history.findIndex((each) => each.runKey === state.runKey) < nth;
    const found = [
      ...(isNext ? [] : [`follows publication ${before?.sequence ?? 0}`]),
      ...(isSecond ? [`${state.runKey} has published before`] : []),
      ...findBadRows(state.rows, before?.rows ?? [], written),
    ];
    return found.map((what) => `publication ${state.sequence}: ${what}`);
  });
}

function findBadRows(
  rows: readonly LakeRow[],
  before: readonly LakeRow[],
  written: ReadonlySet<string>,
): string[] {
  const now = new Map(rows.map((row) => [row.key, row]));
  const twice = rows.filter((row) => now.get(row.key) !== row).map(({ key }) => `${key}: is there twice`);
  const phantoms = rows
    .filter(({ line }) => line !== null && !written.has(line))
    .map(({ key, line }) => `${key}: nobody wrote ${line}`);
  const back = before.flatMap(({ key, order }) => {
    const next = now.get(key);
    if (!next) return [`${key}: is lost`];
    return next.order < order ? [`${key}: went back from ${order} to ${next.order}`] : [];
  });
  return [...twice, ...phantoms, ...back];
}
