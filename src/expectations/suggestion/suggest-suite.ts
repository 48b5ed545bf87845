import type { ExpectationConfig, Suite } from '../types.ts';
import { leftOut } from './left-out.ts';
import type { TableProfile } from './profile.ts';
import { count, isKeyLike, suggested, suggestForColumn } from './suggest-column.ts';

/** Rows that two dates have to share before their order is taken for a rule. */
const ENOUGH_PAIRS = 20;

/**
 * A suite that fits what was counted: shape, types, presence, the key, closed sets, round bounds, forms of texts, the order of
 * dates. Each expectation says why in `meta.notes`, and the suite why what a person would expect is left out. It is a draft for a person, who knows what is a rule and what is chance.
 */
export function suggestSuite(name: string, profile: TableProfile): Suite {
  const key = profile.columns.find((column) => isKeyLike(column, profile.rowCount));
  return {
    name,
    expectations: [
      ...shape(profile),
      ...profile.columns.flatMap((column) => suggestForColumn(column, profile.rowCount, column === key)),
      ...order(profile),
    ],
    meta: {
      notes: {
        format: 'markdown',
        content: [
          `Suggested from ${count(profile.rowCount)} rows. It holds for them; read each note, and keep what has to hold for all that are to come.`,
          ...leftOut(profile),
        ],
      },
    },
  };
}

function shape({ rowCount, columns }: TableProfile): ExpectationConfig[] {
  const names = suggested(
    'expect_table_columns_to_match_set',
    { column_set: columns.map(({ name }) => name), exact_match: false },
    'critical',
    'These columns are there; more do no harm.',
  );
  const rows = suggested(
    'expect_table_row_count_to_be_between',
    { min_value: Math.floor(rowCount / 2), max_value: rowCount * 2 },
    'warning',
    `Half to twice the ${count(rowCount)} rows that are there.`,
  );
  // Of a table without rows, twice nothing would refuse all that are to come.
  return rowCount === 0 ? [names] : [names, rows];
}

function order({ pairs }: TableProfile): ExpectationConfig[] {
  return pairs
    .filter(({ bothCount, disorderedCount }) => bothCount >= ENOUGH_PAIRS && disorderedCount === 0)
    .map(({ earlier, later, bothCount }) =>
      suggested(
        'expect_column_pair_values_a_to_be_greater_than_b',
        { column_A: later, column_B: earlier, or_equal: true, ignore_row_if: 'either_value_is_missing' },
        'warning',
        `In none of ${count(bothCount)} rows is ${later} before ${earlier}.`,
      ),
    );
}
