import { CannotCheck } from './cannot-check.ts';
import { parseColumnType } from './column-type.ts';
import type { Session } from './context.ts';
import type { Expectation } from './expectation.ts';
import { readKwargs } from './read-kwargs.ts';
import type { Dialect } from './sql/dialect.ts';
import type { Source } from './sql/schema.ts';
import type { ColumnContract, Kwargs } from './types.ts';
import { expectColumnValuesToBeNull } from './values/expect-column-values-to-be-null.ts';

/** Kwargs that name other tables, whose contracts a single suite does not come with. */
const TABLE_KWARGS = ['table', 'other_table_name', 'unexpected_rows_query'];

/** Kwargs without which the others still mean the same. */
const BOUNDS = ['min_value', 'max_value'];

/**
 * Why an expectation could never be evaluated on a table with these columns: a bound of another type than its column, a sum
 * over text, a time format that the dialect cannot say. None when nothing is wrong, when that hangs on other tables, or
 * where the kwargs are not accepted.
 */
export function findMismatches(
  expectation: Expectation,
  kwargs: Kwargs,
  columns: readonly ColumnContract[],
  dialect: Dialect,
): string[] {
  const tryOut = (tried: Kwargs) => {
    const { kwargs: read } = readKwargs(expectation, tried, 'kwargs');
    return read === null ? null : findMismatch(expectation, read, columns, dialect);
  };
  const first = tryOut(kwargs);
  if (first === null) return [];
  // It is the first one only: what else is wrong shows where that is left out.
  const { row_condition, ...rest } = kwargs;
  const others = [
    ...(row_condition === undefined
      ? []
      : [findConditionMismatch(row_condition, columns, dialect), tryOut(rest)]),
    ...BOUNDS.filter((bound) => bound in rest).map((bound) => tryOut(without(rest, bound))),
  ];
  return [...new Set([first, ...others])].filter((each) => each !== null);
}

/** Why a row condition could never be evaluated, as part of the plainest expectation that takes one. */
function findConditionMismatch(
  row_condition: unknown,
  columns: readonly ColumnContract[],
  dialect: Dialect,
): string | null {
  if (columns[0] === undefined) return null;
  const { kwargs } = readKwargs(
    expectColumnValuesToBeNull,
    { column: columns[0].name, row_condition },
    'kwargs',
  );
  return kwargs === null ? null : findMismatch(expectColumnValuesToBeNull, kwargs, columns, dialect);
}

function without(kwargs: Kwargs, name: string): Kwargs {
  return Object.fromEntries(Object.entries(kwargs).filter(([key]) => key !== name));
}

/** The first reason against an expectation whose kwargs have been accepted; null when there is none. */
function findMismatch(
  expectation: Expectation,
  kwargs: unknown,
  columns: readonly ColumnContract[],
  dialect: Dialect,
): string | null {
  if (Object.keys(kwargs as object).some((name) => TABLE_KWARGS.includes(name))) return null;
  try {
    expectation.check(kwargs, emptySession(columns, dialect)).next();
    return null;
  } catch (error) {
    if (error instanceof CannotCheck) return error.message;
    throw error;
  }
}

function emptySession(columns: readonly ColumnContract[], dialect: Dialect): Session {
  const batch: Source = {
    relation: 'nothing',
    columns: columns.map(({ name, type }) => ({
      name,
      type: parseColumnType(type),
      isText: false,
      isMasked: false,
    })),
  };
  return {
    dialect,
    batch,
    tables: new Map(),
    brokenTables: new Map(),
    tableNames: [],
    evidence: { format: 'BOOLEAN_ONLY', partialCount: 0, completeCount: 0, indexColumns: [] },
    rowCountHistory: [],
    now: '1970-01-01T00:00:00Z',
    judges: [],
    joins: new Map(),
  };
}
