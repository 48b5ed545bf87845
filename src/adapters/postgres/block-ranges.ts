/** Blocks `[from, to)` of a table and of each of its partitions; `to` null is open-ended. */
export interface BlockRange {
  readonly from: number;
  readonly to: number | null;
}

/** 128 MiB of 8 KiB pages. */
const RANGE_PAGES = 16_384;

/**
 * Cuts a table into block ranges of about 128 MiB of heap, which connections read side by side under one
 * snapshot. A row version never moves while the snapshot is held, so each is in exactly one range. The ranges of
 * a partitioned table apply to all partitions at once. A table below the size, or without a heap, gives one
 * range over everything.
 */
export function cutBlockRanges(
  pages: { readonly largest: number; readonly total: number },
  rangePages = RANGE_PAGES,
): BlockRange[] {
  const count = Math.ceil(pages.total / rangePages);
  if (count <= 1) return [{ from: 0, to: null }];
  const step = Math.max(1, Math.ceil(pages.largest / count));
  const ranges: BlockRange[] = [];
  for (let from = 0; from < pages.largest; from += step) ranges.push({ from, to: from + step });
  // The table may have grown since it was measured.
  ranges.push({ from: ranges.pop()!.from, to: null });
  return ranges;
}

/** SQL that holds for the rows of a range, null when it is all of them. */
export function blockFilter({ from, to }: BlockRange): string | null {
  const bounds = [
    from > 0 ? `t.ctid >= '(${from},0)'::tid` : null,
    to === null ? null : `t.ctid < '(${to},0)'::tid`,
  ].filter((each) => each !== null);
  return bounds.length > 0 ? bounds.join(' AND ') : null;
}
