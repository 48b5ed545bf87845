import { createPermutation } from './permutation.ts';
import { createRandom } from './random.ts';

/** How often one kind of dirt occurs: `rate` of the rows, but never fewer than `atLeast` rows. */
export interface DirtRate {
  rate: number;
  atLeast: number;
}

/** One dirty row: its kind, and its number among the rows of that kind (from 0), by which variants take turns. */
export interface DirtMark<Kind extends string> {
  kind: Kind;
  ordinal: number;
}

/** Says beforehand and exactly which rows are dirty. A row has at most one kind, so kinds never hide each other. */
export interface DirtPlan<Kind extends string> {
  /** The dirt of row `index` (from 0), or undefined for a clean row and for indexes outside the plan. */
  markOf(index: number): DirtMark<Kind> | undefined;
  /** Rows of each kind. */
  counts: Record<Kind, number>;
}

/** How many rows of each kind `rowCount` rows get. */
export function countDirt<Kind extends string>(
  rowCount: number,
  rates: Readonly<Record<Kind, DirtRate>>,
): Record<Kind, number> {
  const counts = {} as Record<Kind, number>;
  for (const kind of Object.keys(rates) as Kind[]) {
    counts[kind] = Math.max(rates[kind].atLeast, Math.round(rates[kind].rate * rowCount));
  }
  return counts;
}

/**
 * Places exactly `counts` rows of each kind among `rowCount` rows, spread over the whole range.
 * Throws when the kinds together need more rows than there are.
 */
export function planDirt<Kind extends string>(
  seed: number,
  stream: string,
  rowCount: number,
  counts: Readonly<Record<Kind, number>>,
): DirtPlan<Kind> {
  const kinds = Object.keys(counts) as Kind[];
  const total = kinds.reduce((sum, kind) => sum + counts[kind], 0);
  if (total > rowCount) throw new Error(`${stream}: ${total} dirty rows do not fit into ${rowCount} rows`);

  const placeOf = createPermutation(createRandom(seed, `dirt ${stream}`), rowCount);
  return {
    counts: { ...counts },
    markOf(index) {
      if (index < 0 || index >= rowCount) return undefined;
      let ordinal = placeOf(index);
      if (ordinal >= total) return undefined;
      for (const kind of kinds) {
        if (ordinal < counts[kind]) return { kind, ordinal };
        ordinal -= counts[kind];
      }
      return undefined;
    },
  };
}
