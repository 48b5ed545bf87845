/** Blocks `[from, to)` of a table and of each of its partitions; `to` null is open-ended. */
export interface BlockRange {
  readonly from: number;
  readonly to: number | null;
  /** Only rows whose writer has this xid (decimal) or a newer one: an earlier try has stored the others. */
  readonly since?: string;
}

/** 128 MiB of 8 KiB pages. */
const LARGEST_PAGES = 16_384;
/** Ranges shrink towards the end of a table, so that its last readers are done at about the same time. */
const SHARE_OF_THE_REST = 1 / 8;
/** 16 MiB: below it, what a statement costs would show. */
const SMALLEST_PAGES = 2_048;

/**
 * Cuts a table into block ranges of 128 MiB of heap, at the end less, which connections read side by side under one
 * snapshot. A row version never moves while the snapshot is held, so each is in exactly one range. The ranges of
 * a partitioned table apply to all partitions at once. A table of less than two ranges, or without a heap, gives
 * one range over everything.
 */
export function cutBlockRanges(
  pages: { readonly largest: number; readonly total: number },
  largestPages = LARGEST_PAGES,
): BlockRange[] {
  const smallestPages = Math.min(SMALLEST_PAGES, largestPages);
  if (pages.total < 2 * smallestPages) return [{ from: 0, to: null }];
  const membersRead = pages.total / pages.largest;
  const ranges: BlockRange[] = [];
  for (let from = 0; from < pages.largest; ) {
    const share = (pages.largest - from) * membersRead * SHARE_OF_THE_REST;
    const step = Math.ceil(Math.min(Math.max(share, smallestPages), largestPages) / membersRead);
    ranges.push({ from, to: from + step });
    from += step;
  }
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

/** A range in two, by the pages of the table's largest member; null when it has one block, or none as far as is known. */
export function halve(range: BlockRange, pages: number): readonly [BlockRange, BlockRange] | null {
  const middle = Math.ceil((range.from + (range.to ?? pages)) / 2);
  if (middle <= range.from || middle >= (range.to ?? pages)) return null;
  return [
    { ...range, to: middle },
    { ...range, from: middle },
  ];
}
