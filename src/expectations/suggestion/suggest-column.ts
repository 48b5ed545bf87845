import { isNumeric } from '../column-type.ts';
import type { ExpectationConfig, Kwargs, Severity } from '../types.ts';
import type { ColumnProfile } from './profile.ts';
import { roundBounds } from './round-bounds.ts';
import { TEXT_PATTERNS } from './text-patterns.ts';

/** Fewer rows say nothing about what is usual. */
export const ENOUGH_ROWS = 20;
/** Times that each of a closed set of values has to occur on average. */
const OCCURRENCES = 20;
/** Share of values from which a rule that most of them keep is suggested. */
const MOST = 0.95;
/** Whole numbers with more values than this are amounts, not categories. */
const MAX_NUMBERS_IN_SET = 5;
/** Longer texts tell something, and do not name. */
export const MAX_KEY_LENGTH = 64;

/** An expectation with the reason for it, in Great Expectations' form of notes. */
export function suggested(
  type: string,
  kwargs: Kwargs,
  severity: Severity,
  reason: string,
): ExpectationConfig {
  return { type, kwargs, severity, meta: { notes: { format: 'markdown', content: [reason] } } };
}

/** Whether every row has a value of its own, of a type that keys have. */
export function isKeyLike(profile: ColumnProfile, rowCount: number): boolean {
  const { missingCount, distinctCount } = profile;
  return canBeKey(profile) && rowCount >= ENOUGH_ROWS && missingCount === 0 && distinctCount === rowCount;
}

/** Whether values of such a type and length name things. */
export function canBeKey({ type: { family }, maxLength }: ColumnProfile): boolean {
  const isShort = (maxLength ?? 0) <= MAX_KEY_LENGTH;
  return family === 'integer' || family === 'uuid' || (family === 'text' && isShort);
}

/** What is worth expecting of one column; `isKey` says that it is the table's own key. */
export function suggestForColumn(
  profile: ColumnProfile,
  rowCount: number,
  isKey: boolean,
): ExpectationConfig[] {
  const valueCount = rowCount - profile.missingCount;
  return [
    ...typeOf(profile, valueCount),
    ...presence(profile, rowCount),
    ...uniqueness(profile, rowCount, isKey),
    ...(valueCount >= ENOUGH_ROWS && !profile.isMasked ? values(profile, valueCount) : []),
  ];
}

/** Whether nearly all values read as the type; a guess has to hold for all, since it is of the first rows only. */
export function suggestsType({ unreadableCount, isGuessed }: ColumnProfile, valueCount: number): boolean {
  return isGuessed ? unreadableCount === 0 : mostlyOf(unreadableCount, valueCount) !== null;
}

function typeOf(profile: ColumnProfile, valueCount: number): ExpectationConfig[] {
  const { name, type, unreadableCount } = profile;
  if (['text', 'json', 'binary', 'other'].includes(type.family) || valueCount === 0) return [];
  if (!suggestsType(profile, valueCount)) return [];
  const mostly = mostlyOf(unreadableCount, valueCount) ?? {};
  const share =
    unreadableCount === 0
      ? 'Every value reads'
      : `${count(unreadableCount)} of ${count(valueCount)} values do not read`;
  return [
    suggested(
      'expect_column_values_to_be_of_type',
      { column: name, type_: type.declared, ...mostly },
      'critical',
      `${share} as ${type.declared}; another type breaks what computes with it.`,
    ),
  ];
}

function presence({ name, missingCount }: ColumnProfile, rowCount: number): ExpectationConfig[] {
  const mostly = rowCount === 0 ? null : mostlyOf(missingCount, rowCount);
  if (mostly === null) return [];
  const type = 'expect_column_values_to_not_be_null';
  if (missingCount === 0) {
    return [suggested(type, { column: name }, 'critical', `None of ${count(rowCount)} values is missing.`)];
  }
  const reason = `${count(missingCount)} of ${count(rowCount)} values are missing; many more would be news.`;
  return [suggested(type, { column: name, ...mostly }, 'warning', reason)];
}

function uniqueness(profile: ColumnProfile, rowCount: number, isKey: boolean): ExpectationConfig[] {
  if (!isKeyLike(profile, rowCount)) return [];
  const reason = isKey
    ? `All ${count(rowCount)} values differ, and it is the first such column: it looks like the key.`
    : `All ${count(rowCount)} values differ.`;
  const severity = isKey ? 'critical' : 'warning';
  return [suggested('expect_column_values_to_be_unique', { column: profile.name }, severity, reason)];
}

function values(profile: ColumnProfile, valueCount: number): ExpectationConfig[] {
  const { name, type, min, max } = profile;
  const set = closedSet(profile, valueCount);
  if (set !== null) return [set];
  if (type.family === 'text') return texts(profile, valueCount);
  if (min === null || max === null || profile.unreadableCount > 0) return [];
  const between = (kwargs: Kwargs, reason: string) =>
    suggested('expect_column_values_to_be_between', { column: name, ...kwargs }, 'warning', reason);
  if (isNumeric(type)) {
    const { reason, ...bounds } = roundBounds(Number(min), Number(max), type.family === 'integer');
    if (
      !Number.isSafeInteger(Math.round(bounds.max_value)) ||
      !Number.isSafeInteger(Math.round(bounds.min_value))
    )
      return [];
    // Numbers that name things grow for ever.
    if (isKeyLike(profile, valueCount) || /(^|_)id$/i.test(name)) {
      return [
        between({ min_value: bounds.min_value }, `It names things, so it grows; seen: ${min} to ${max}.`),
      ];
    }
    return [between(bounds, reason)];
  }
  const years = [min, max].map((text) => /^(\d{4})-/.exec(text)?.[1]);
  if (years[0] === undefined || years[1] === undefined || type.family === 'time') return [];
  const bounds = {
    min_value: `${years[0]}-01-01`,
    max_value: `${Math.min(Number(years[1]) + 1, 9999)}-12-31`,
  };
  return [between(bounds, `From the year of the first to the year after the last; seen: ${min} to ${max}.`)];
}

/** The values themselves, where there are few and each occurs often enough to be no accident. */
function closedSet(profile: ColumnProfile, valueCount: number): ExpectationConfig | null {
  const { name, type, values: found, unreadableCount } = profile;
  const isCategory =
    type.family === 'text' || (type.family === 'integer' && (found?.length ?? 0) <= MAX_NUMBERS_IN_SET);
  if (!isCategory || found === null || found.length === 0 || unreadableCount > 0) return null;
  if (valueCount < found.length * OCCURRENCES) return null;
  const reason =
    found.length === 1
      ? `The only value in ${count(valueCount)} rows; another one is worth a look.`
      : `${found.length} values make up all ${count(valueCount)}; a new one is worth a look.`;
  return suggested(
    'expect_column_values_to_be_in_set',
    { column: name, value_set: [...found] },
    'warning',
    reason,
  );
}

function texts(profile: ColumnProfile, valueCount: number): ExpectationConfig[] {
  const { name, minLength, maxLength, matches } = profile;
  const found: ExpectationConfig[] = [];
  for (const { name: form, regex } of TEXT_PATTERNS) {
    const others = valueCount - (matches[form] ?? 0);
    const mostly = mostlyOf(others, valueCount);
    if (mostly === null) continue;
    const reason =
      others === 0 ? `Every value looks like ${form}.` : `All but ${count(others)} values look like ${form}.`;
    found.push(
      suggested('expect_column_values_to_match_regex', { column: name, regex, ...mostly }, 'warning', reason),
    );
    break;
  }
  if (minLength !== null && minLength === maxLength && minLength > 0) {
    const reason = `Every value has ${minLength} characters.`;
    found.push(
      suggested(
        'expect_column_value_lengths_to_equal',
        { column: name, value: minLength },
        'warning',
        reason,
      ),
    );
  } else if (found.length === 0 && minLength !== null && minLength > 0) {
    const reason = `No value is empty; seen: ${minLength} to ${maxLength} characters.`;
    found.push(
      suggested('expect_column_value_lengths_to_be_between', { column: name, min_value: 1 }, 'info', reason),
    );
  }
  return found;
}

/** `mostly` for so many exceptions: nothing for none, twice as many in whole per cent, null for too many. */
export function mostlyOf(exceptions: number, all: number): { mostly?: number } | null {
  if (exceptions === 0) return {};
  const mostly = Math.floor((1 - (2 * exceptions) / all) * 100) / 100;
  return mostly >= MOST - 0.05 && 1 - exceptions / all >= MOST ? { mostly } : null;
}

/** A count as people write it. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
