import { describe, expect, test } from 'vitest';
import { checkInSpark } from '../../../src/adapters/spark-checks/check-in-spark.ts';
import { parseColumnType } from '../../../src/expectations/column-type.ts';
import type { Session } from '../../../src/expectations/context.ts';
import { parseSuite } from '../../../src/expectations/parse-suite.ts';
import { duckdbDialect } from '../../../src/expectations/sql/duckdb.ts';
import type { ValidationResult } from '../../../src/expectations/types.ts';
import { validateSuite } from '../../../src/expectations/validate-suite.ts';
import { runSuite } from '../../../src/index.ts';
import { writeFile } from './csv-batch.ts';

type Entry = readonly [type: string, kwargs: Record<string, unknown>, severity?: string];

const COLUMNS = ['id', 'name'];
const listFails: Entry = ['expect_table_columns_to_match_set', { column_set: ['order_id', 'total'] }];
const listPasses: Entry = ['expect_table_columns_to_match_set', { column_set: COLUMNS }];
const absent: Entry = ['expect_column_values_to_not_be_null', { column: 'order_id' }];
const present: Entry = ['expect_column_values_to_not_be_null', { column: 'id' }];
const ordered: Entry = ['expect_column_values_to_be_increasing', { column: 'id' }];
const rowCount: Entry = ['expect_table_row_count_to_be_between', { min_value: 0 }];
const ownSql: Entry = [
  'unexpected_rows_expectation',
  { unexpected_rows_query: 'select * from {batch} where false' },
];

function suiteOf(entries: readonly Entry[]) {
  return parseSuite({
    name: 's',
    expectations: entries.map(([type, kwargs, severity]) => ({ type, kwargs, severity })),
  });
}

/** The result of a suite, and every query that it asked of a table of no rows. */
async function validate(
  entries: readonly Entry[],
): Promise<{ readonly result: ValidationResult; readonly asked: string[] }> {
  const type = parseColumnType('text');
  const asked: string[] = [];
  const session: Session = {
    dialect: duckdbDialect,
    batch: {
      relation: '"data"',
      columns: COLUMNS.map((name) => ({ name, type, isText: false, isMasked: false })),
    },
    tables: new Map(),
    brokenTables: new Map(),
    tableNames: [],
    evidence: { format: 'SUMMARY', partialCount: 20, completeCount: 20, indexColumns: [] },
    rowCountHistory: [],
    now: '2024-01-01T00:00:00Z',
    judges: [],
    joins: new Map(),
  };
  const result = await validateSuite(suiteOf(entries), {}, session, {
    run: (queries) => {
      asked.push(...queries);
      return Promise.resolve(queries.map(() => ({ rows: [] })));
    },
    sample: (sql, limits) => {
      asked.push(sql);
      return Promise.resolve(limits.map(() => ({ rows: [] })));
    },
    runUntrusted: (sql) => {
      asked.push(sql);
      return Promise.resolve({ rows: [['0']] });
    },
  });
  return { result, asked };
}

/** Of each check, whether it passed and why it could not be evaluated. */
function verdicts({ results }: ValidationResult): unknown[] {
  return results.map(({ success, exception_info }) => exception_info.exception_message ?? success);
}

const noColumn = expect.stringContaining('The column "order_id" in BatchData does not exist');
const notRead =
  'no row was read: expect_table_columns_to_match_set failed, and every check that names columns names one that does not exist';

describe('nothing is read', () => {
  test.each<[string, Entry[], unknown[]]>([
    ['by checks of the columns', [listFails, ['expect_column_to_exist', { column: 'x' }]], [false, false]],
    ['where every check names a missing column', [absent, absent], [noColumn, noColumn]],
    [
      'where a row condition or one of several columns is missing',
      [
        ['expect_column_values_to_not_be_null', { column: 'id', row_condition: 'order_id > 1' }],
        ['expect_compound_columns_to_be_unique', { column_list: ['id', 'order_id'] }],
        ['expect_table_row_count_to_equal', { value: 1, row_condition: 'order_id > 1' }],
      ],
      [noColumn, noColumn, noColumn],
    ],
    [
      'of a table that the suite is not about, not even for a number of rows or its own SQL',
      [rowCount, absent, listFails, ownSql],
      [notRead, noColumn, false, notRead],
    ],
  ])('%s', async (_, entries, wanted) => {
    const { result, asked } = await validate(entries);
    expect(asked).toEqual([]);
    expect(verdicts(result)).toEqual(wanted);
    expect(result.success).toBe(false);
  });

  test('and what was not judged fails at its severity', async () => {
    const { result } = await validate([[...rowCount, 'warning'] as unknown as Entry, absent, listFails]);
    expect(result.results[0]).toMatchObject({
      success: false,
      expectation_config: { severity: 'warning' },
      result: {},
      exception_info: { raised_exception: true },
    });
  });

  test('of the files either: a broken row goes unseen', async () => {
    const data = {
      format: 'csv' as const,
      files: [writeFile('broken.csv', 'id,name\n1,2,3\n')],
      columns: COLUMNS.map((name) => ({ name, type: 'text' })),
    };
    const foreign = await runSuite({ suite: suiteOf([rowCount, absent, listFails]), data });
    expect(verdicts(foreign)).toEqual([notRead, noColumn, false]);
    const own = await runSuite({ suite: suiteOf([present]), data });
    expect(verdicts(own)).toEqual([expect.stringContaining('has 3 fields where the header has 2')]);
  });
});

describe('the rest is judged', () => {
  test.each<[string, Entry[], unknown[], number]>([
    [
      'where a check of the columns failed and one other finds its columns',
      [listFails, present, absent],
      [false, true, noColumn],
      1,
    ],
    [
      'where checks of the columns pass: the suite knows its table',
      [listPasses, absent, rowCount],
      [true, noColumn, true],
      1,
    ],
    [
      'where the check of the columns that failed is a warning',
      [[...listFails, 'warning'] as unknown as Entry, absent, rowCount],
      [false, noColumn, true],
      1,
    ],
    ['where no check names columns', [listFails, rowCount, ownSql], [false, true, true], 2],
  ])('%s', async (_, entries, wanted, queries) => {
    const { result, asked } = await validate(entries);
    expect(verdicts(result)).toEqual(wanted);
    expect(asked).toHaveLength(queries);
  });
});

describe('in Spark', () => {
  /** What a suite comes to, with what was checked in this process and how often a step ran. */
  async function check(entries: readonly Entry[]) {
    const batch = {
      format: 'parquet' as const,
      files: ['s3://nowhere/x.parquet'],
      columns: COLUMNS.map((name) => ({ name, type: 'bigint' })),
    };
    const options = { tables: {}, indexColumns: [], maskedColumns: [], now: '2024-01-01T00:00:00Z' };
    const here: string[] = [];
    let steps = 0;
    const [result] = await checkInSpark(
      [{ name: 'orders', suite: suiteOf(entries), batch, options }],
      (job) => {
        steps++;
        return Promise.resolve(job.queries.map(() => ({ rows: [] })));
      },
      async ({ suite }) => {
        here.push(...suite.expectations.map(({ type }) => type));
        return (await validate(suite.expectations.map(({ type, kwargs }) => [type, kwargs]))).result;
      },
    );
    return { verdicts: verdicts(result!), here, steps };
  }

  test('no step runs for a table that the suite is not about, and nothing is left to the worker', async () => {
    const { verdicts: found, here, steps } = await check([ownSql, rowCount, absent, listFails]);
    expect(found).toEqual([notRead, notRead, noColumn, false]);
    expect({ here, steps }).toEqual({ here: [], steps: 0 });
  });

  test('a column that only a check of the worker finds is one', async () => {
    const { verdicts: found, here, steps } = await check([ordered, rowCount, absent, listFails]);
    expect(found).toEqual([true, true, noColumn, false]);
    expect({ here, steps }).toEqual({ here: [ordered[0]], steps: 1 });
  });
});
