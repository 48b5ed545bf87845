import { CannotCheck } from './cannot-check.ts';
import { parseColumnType } from './column-type.ts';
import type { Session } from './context.ts';
import type { Expectation } from './expectation.ts';
import type { Dialect } from './sql/dialect.ts';
import type { Source } from './sql/schema.ts';
import type { ColumnContract } from './types.ts';

/** Kwargs that name other tables, whose contracts a single suite does not come with. */
const TABLE_KWARGS = ['table', 'other_table_name', 'unexpected_rows_query'];

/**
 * Why an expectation could never be evaluated on a table with these columns: a bound of another type than its column, a sum
 * over text, a time format that the dialect cannot say. Null when nothing is wrong, or when that hangs on other tables.
 * `kwargs` have been accepted.
 */
export function findMismatch(
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
