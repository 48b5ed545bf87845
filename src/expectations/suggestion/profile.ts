import type { ColumnType } from '../column-type.ts';
import type { ResultValue } from '../types.ts';

/** What was counted of one column. Figures that make no sense for its type are null. */
export interface ColumnProfile {
  readonly name: string;
  readonly type: ColumnType;
  /** The type was guessed from the first rows, and later ones need not keep to it. */
  readonly isGuessed?: boolean;
  /** Where they do not: the type that all values read as. */
  readonly readableAs?: string;
  /** Values must not be written into a suite. */
  readonly isMasked: boolean;
  readonly missingCount: number;
  /** Texts that do not read as the column's type. */
  readonly unreadableCount: number;
  /** Different values: exact where it is up to `MAX_SET_SIZE` or near the number of values, else an estimate. */
  readonly distinctCount: number;
  /** All different values, sorted, where there are at most `MAX_SET_SIZE`. */
  readonly values: readonly ResultValue[] | null;
  /** Smallest and largest value as text; numbers, dates and instants only. */
  readonly min: string | null;
  readonly max: string | null;
  readonly minLength: number | null;
  readonly maxLength: number | null;
  /** Values that match, by the name of a text pattern. */
  readonly matches: Readonly<Record<string, number>>;
}

/** Two columns of dates or instants: how many rows have both, and in how many the first is later than the second. */
export interface OrderedPair {
  readonly earlier: string;
  readonly later: string;
  readonly bothCount: number;
  readonly disorderedCount: number;
}

/** What was counted of a table. */
export interface TableProfile {
  readonly rowCount: number;
  readonly columns: readonly ColumnProfile[];
  readonly pairs: readonly OrderedPair[];
}

/** Most different values that are listed one by one. */
export const MAX_SET_SIZE = 30;
