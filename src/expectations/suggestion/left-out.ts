import type { ColumnProfile, TableProfile } from './profile.ts';
import {
  canBeKey,
  count,
  ENOUGH_ROWS,
  isKeyLike,
  MAX_KEY_LENGTH,
  mostlyOf,
  suggestsType,
} from './suggest-column.ts';

/** Names that promise a value of its own in every row. */
const KEY_NAME = /(^|_)(id|key|no|nr|number|code|uuid|guid|email|sku)$/i;
/** Share of different values from which repeated ones are news. */
const NEARLY_ALL = 0.8;
/** Up to so many different values are counted one by one; more are an estimate, unless nearly all differ. */
const COUNTED = 60;

/** What a person would expect and the suite does not, with the reason: a sentence each. */
export function leftOut(profile: TableProfile): string[] {
  const { rowCount, columns } = profile;
  if (rowCount === 0) return ['Without rows nothing is expected of values.'];
  const keys =
    rowCount < ENOUGH_ROWS
      ? [
          `${count(rowCount)} rows are too few to tell what is usual: keys, sets, bounds and forms are expected from ${ENOUGH_ROWS} rows on.`,
        ]
      : columns.some((column) => isKeyLike(column, rowCount))
        ? []
        : [
            'No column is expected to be unique, so there is no key. Keys of several columns are not looked for: add expect_compound_columns_to_be_unique.',
          ];
  return [...keys, ...columns.flatMap((column, index) => leftOutOf(column, rowCount, index === 0))];
}

function leftOutOf(column: ColumnProfile, rowCount: number, isFirst: boolean): string[] {
  const { name, type, missingCount, unreadableCount, isMasked } = column;
  const valueCount = rowCount - missingCount;
  if (valueCount === 0) return [`${name}: it has no value, so nothing is expected of it.`];
  const reasons = [
    ...(mostlyOf(missingCount, rowCount) === null
      ? [`Presence: ${count(missingCount)} of ${count(rowCount)} values are missing, which is too many.`]
      : []),
    ...(unreadableCount > 0 && !suggestsType(column, valueCount) ? [whyNoType(column, valueCount)] : []),
    ...(isMasked && valueCount >= ENOUGH_ROWS
      ? ['Values: they are masked, and an expectation would show them.']
      : []),
    ...(unreadableCount === 0 ? whyNotUnique(column, rowCount, isFirst) : []),
  ];
  return reasons.map((reason) => `${name} (${type.declared}): ${reason}`);
}

function whyNoType(
  { name, type, unreadableCount, isGuessed, readableAs }: ColumnProfile,
  valueCount: number,
): string {
  const share = `${count(unreadableCount)} of ${count(valueCount)} values do not`;
  return isGuessed
    ? `Type, values and uniqueness: the first rows read as ${type.declared}, but ${share}. All read as ${readableAs}: say --types ${name}=${readableAs}, here and where it is checked.`
    : `Type, values and uniqueness: ${share} read as ${type.declared}, which is too many.`;
}

/** Why a column that looks like a key is not expected to be unique; nothing of one that does not look like it. The first one of a table often is. */
function whyNotUnique(column: ColumnProfile, rowCount: number, isFirst: boolean): string[] {
  const { name, missingCount, distinctCount, maxLength, type } = column;
  const isNear = distinctCount >= rowCount * NEARLY_ALL;
  if (rowCount < ENOUGH_ROWS || isKeyLike(column, rowCount)) return [];
  if (!isNear && !isFirst && !KEY_NAME.test(name)) return [];
  if (!canBeKey(column)) {
    if (missingCount > 0 || distinctCount < rowCount) return [];
    return type.family === 'text'
      ? [
          `Uniqueness: all values differ, but keys are not longer than ${MAX_KEY_LENGTH} characters (up to ${maxLength}).`,
        ]
      : [
          'Uniqueness: all values differ, but numbers with decimals, dates and flags measure and do not name.',
        ];
  }
  if (missingCount > 0)
    return [
      `Uniqueness: ${count(missingCount)} of ${count(rowCount)} values are missing, and a key has all.`,
    ];
  const about = isNear || distinctCount <= COUNTED ? '' : 'about ';
  return [`Uniqueness: values repeat, ${about}${count(distinctCount)} differ in ${count(rowCount)} rows.`];
}
