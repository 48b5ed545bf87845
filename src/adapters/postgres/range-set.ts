import type { BlockRange } from './block-ranges.ts';

/** What `ranges` hold beyond `covered`. */
export function subtractRanges(ranges: readonly BlockRange[], covered: readonly BlockRange[]): BlockRange[] {
  const merged = mergeRanges(covered);
  return ranges.flatMap((range) => {
    const left: BlockRange[] = [];
    let { from } = range;
    for (const hole of merged) {
      if (endOf(hole) <= from || hole.from >= endOf(range)) continue;
      if (hole.from > from) left.push({ from, to: hole.from });
      from = endOf(hole);
    }
    if (from < endOf(range)) left.push({ from, to: range.to });
    return left;
  });
}

/** The same blocks in as few ranges as can be, in order. */
export function mergeRanges(ranges: readonly BlockRange[]): BlockRange[] {
  const merged: { from: number; to: number | null }[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (!last || endOf(last) < range.from) merged.push({ from: range.from, to: range.to });
    else if (endOf(range) > endOf(last)) last.to = range.to;
  }
  return merged;
}

function endOf({ to }: BlockRange): number {
  return to ?? Number.POSITIVE_INFINITY;
}
