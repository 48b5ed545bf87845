import { type ColumnType, canonicalType, parseColumnType } from './column-type.ts';

/** How a type differs from an earlier one: holds more values, fewer, or others. */
export type TypeChange = 'widened' | 'narrowed' | 'retyped';

const WHOLE: readonly string[] = ['smallint', 'integer', 'bigint'];
const CHARACTER: readonly string[] = ['varchar', 'char', 'text'];

/**
 * Whether a contract's type takes every value of a source's: null when it does exactly, `warning` when a text may
 * be too long, `critical` when a number may not fit or it is another kind of type.
 */
export function judgeFit(wanted: string, found: string): 'critical' | 'warning' | null {
  if (canonicalType(wanted) === canonicalType(found)) return null;
  const want = parseColumnType(wanted);
  const have = parseColumnType(found);
  if (!want) return 'critical';
  if (want.name === 'text') return null;
  if (!have || have.name === 'printed') {
    // Enums, citext and the like travel as text; a longer one goes to quarantine, it is not lost.
    if (CHARACTER.includes(want.name)) return null;
    // So do values with more digits than the contract has room for.
    return want.name === 'numeric' && familyOf(found) === 'numeric' ? 'warning' : 'critical';
  }
  if (CHARACTER.includes(want.name) && CHARACTER.includes(have.name))
    return maxLength(have) <= maxLength(want) ? null : 'warning';
  if (WHOLE.includes(want.name) && WHOLE.includes(have.name))
    return WHOLE.indexOf(have.name) <= WHOLE.indexOf(want.name) ? null : 'critical';
  if (want.name === 'numeric' && have.name === 'numeric') {
    return have.scale <= want.scale && have.precision - have.scale <= want.precision - want.scale
      ? null
      : 'critical';
  }
  if (want.name === 'double' && have.name === 'real') return null;
  return 'critical';
}

/** How a source's type changed; null for two spellings of one type. */
export function findTypeChange(before: string, now: string): TypeChange | null {
  if (canonicalType(before) === canonicalType(now)) return null;
  if (familyOf(before) !== familyOf(now)) return 'retyped';
  if (canonicalType(now) === 'numeric') return 'widened';
  if (canonicalType(before) === 'numeric') return 'narrowed';
  if (judgeFit(now, before) === null) return 'widened';
  return judgeFit(before, now) === null ? 'narrowed' : 'retyped';
}

/** Whether stored values print another text after such a change, though no row was written. */
export function changesText(before: string, now: string): boolean {
  const family = familyOf(before);
  return family !== familyOf(now) || family !== 'character';
}

function familyOf(text: string): string {
  const name = parseColumnType(text)?.name ?? canonicalType(text);
  if (WHOLE.includes(name)) return 'whole';
  if (name === 'varchar' || name === 'text') return 'character';
  if (name === 'real' || name === 'double') return 'floating';
  if (name === 'printed')
    return /^numeric(\(.*\))?$/.test(canonicalType(text)) ? 'numeric' : canonicalType(text);
  return name;
}

function maxLength(type: ColumnType): number {
  return 'length' in type ? type.length : Number.POSITIVE_INFINITY;
}
