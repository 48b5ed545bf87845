import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readResultSet } from '../../scripts/local/redshift/results.ts';
import { macros } from '../../scripts/local/redshift/sql/macros.ts';
import { bindParameters } from '../../scripts/local/redshift/sql/parameters.ts';
import { relationsOf, translateQuery } from '../../scripts/local/redshift/sql/query.ts';
import type { TranslationContext } from '../../scripts/local/redshift/sql/rewriter.ts';
import { tokenize } from '../../scripts/local/redshift/sql/tokens.ts';
import { parseTree } from '../../scripts/local/redshift/sql/tree.ts';
import { redshiftMessage } from '../../scripts/local/redshift/translate-error.ts';

// The one table that the examples read.
const sales = `(VALUES (1, 'NY', CAST(10.00 AS DECIMAL(10, 2)), DATE '2023-01-30', 2::BIGINT),
  (2, 'NY', 20.01, DATE '2023-02-28', 3), (3, 'CA', NULL, NULL, 5)) AS v(id, state, price, day, big)`;
const context: TranslationContext = {
  database: 'dev',
  user: 'IAMR:tester',
  relation: () => ({ sql: `(SELECT * FROM ${sales})`, needsAlias: true }),
};

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1', default_null_order: 'postgres' });
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run('SET integer_division = true');
  for (const macro of macros) await connection.run(macro);
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const translate = (sql: string): string => translateQuery(parseTree(tokenize(sql)), context);

async function evaluate(sql: string): Promise<unknown[][]> {
  const { rows } = await readResultSet(connection, translate(sql));
  return rows.map((row) => row.map((field) => ('isNull' in field ? null : Object.values(field)[0])));
}

async function failure(sql: string): Promise<string> {
  try {
    await evaluate(sql);
  } catch (error) {
    return redshiftMessage(error, 'dev');
  }
  return 'no failure';
}

describe('values', () => {
  it.each<[sql: string, value: unknown]>([
    // Arithmetic and casts
    ['SELECT 7 / 2', 3],
    ['SELECT -7 / 2', -3],
    ['SELECT 7.0 / 2', 3.5],
    ['SELECT 2 + 3 * 4 - 10 / 5 % 3', 12],
    ["SELECT '12'::int + 1", 13],
    ["SELECT 'abcdef'::varchar(3)", 'abc'],
    ["SELECT CAST('ééé' AS VARCHAR(5))", 'éé'],
    ['SELECT 1.239::decimal(10,2)', '1.24'],
    ['SELECT CAST(1.5 AS DECIMAL)', '2'],
    ["SELECT (CASE WHEN 1 = 1 THEN 'x' ELSE 'y' END)::varchar(1) || 'z'", 'xz'],
    ["SELECT CONVERT(integer, '5') + 1", 6],
    // Strings
    ["SELECT 'it''s' || ' \\'quoted\\' ' || 'a\\\\b'", "it's 'quoted' a\\b"],
    ["SELECT '-- no comment' /* a /* nested */ one */ -- and a line\n", '-- no comment'],
    ["SELECT concat('a', NULL)", null],
    ["SELECT len('é') * 10 + octet_length('é')", 12],
    ["SELECT position('b' IN 'abc') + charindex('c', 'abc') + strpos('abc', 'a')", 6],
    ["SELECT trim(both 'x' from 'xaxbx') || btrim('  c ') || trim(' d ')", 'axbcd'],
    ["SELECT substring('abcdef' from 2 for 3) || substring('abcdef', 5)", 'bcdef'],
    ["SELECT sha2('a', 256)", 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
    // NULLs
    ["SELECT nvl(NULL, 'x') || nvl2(NULL, 'a', 'b') || coalesce(NULL, 'c')", 'xbc'],
    ["SELECT decode(2, 1, 'one', 2, 'two', 'many') || decode(NULL, NULL, 'none')", 'twonone'],
    ["SELECT decode(9, 1, 'one')", null],
    // Dates
    ["SELECT dateadd(month, 1, '2015-01-31')", '2015-02-28 00:00:00'],
    ["SELECT DATEADD('day', -1, DATE '2024-03-01')::date", '2024-02-29'],
    [
      "SELECT datediff(month, '2023-01-31', '2023-02-01') * 100 + datediff(day, '2023-01-01', '2023-03-01')",
      159,
    ],
    ["SELECT date_trunc('month', DATE '2023-05-17')", '2023-05-01 00:00:00'],
    ["SELECT extract(year FROM DATE '2023-05-17') * 100 + extract(dow FROM DATE '2023-05-14')", 202_300],
    ["SELECT extract(epoch FROM TIMESTAMP '1970-01-02 00:00:00')", 86_400],
    [
      "SELECT to_char(TIMESTAMP '2023-05-06 17:08:09.123456', 'YYYY-MM-DD HH24:MI:SS.US')",
      '2023-05-06 17:08:09.123456',
    ],
    ["SELECT to_char(DATE '2023-05-06', 'Dy, FMDD Mon YYYY \"week\" IW')", 'Sat, 6 May 2023 week 18'],
    ["SELECT to_char(DATE '2023-05-06', 'YYYYMMDD')::int", 20_230_506],
    ["SELECT to_date('06/05/2023', 'DD/MM/YYYY')", '2023-05-06'],
    ["SELECT convert_timezone('America/New_York', TIMESTAMP '2023-01-01 12:00:00')", '2023-01-01 07:00:00'],
    ["SELECT convert_timezone('Europe/Rome', 'UTC', '2023-07-01 12:00:00')", '2023-07-01 10:00:00'],
    ["SELECT DATE '2023-03-01' - DATE '2023-02-01'", 28],
    ["SELECT TIMESTAMP '2023-01-01 00:00:00' + INTERVAL '1 day 2 hours'", '2023-01-02 02:00:00'],
    ['SELECT datediff(second, getdate(), sysdate) >= 0 AND current_date <= getdate()', true],
    ["SELECT add_months('2023-02-28', 1)::date", '2023-03-31'],
    ["SELECT last_day('2024-02-10'::date)", '2024-02-29'],
    // Session
    ["SELECT current_user || ' ' || current_database()", 'IAMR:tester dev'],
    // Queries
    ['SELECT sum(id) FROM s.sales', 6],
    ['SELECT sum(big) FROM s.sales', '10'],
    ['SELECT sum(price) FROM s.sales', '30.01'],
    ['SELECT avg(id) FROM s.sales WHERE id > 1', 2],
    ['SELECT avg(price) FROM s.sales', '15.01'],
    ['SELECT count(DISTINCT state) FROM dev.s.sales', 2],
    ["SELECT listagg(id, ',') WITHIN GROUP (ORDER BY id DESC) FROM s.sales", '3,2,1'],
    ['SELECT s.sales.id FROM s.sales WHERE sales.day IS NULL', 3],
    ['SELECT x.n FROM (SELECT count(*) n FROM s.sales a JOIN s.sales b USING (id)) x', 3],
    [
      'SELECT a.id FROM s.sales a LEFT JOIN s.sales b ON left(a.state, 1) = left(b.state, 1) AND b.id > a.id WHERE b.id IS NULL ORDER BY 1 LIMIT 1',
      2,
    ],
    ['WITH x (n) AS (SELECT 1), y AS (SELECT n + 1 AS m FROM x) SELECT m FROM y', 2],
    ['WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT max(n) FROM r', 5],
    [
      `SELECT id FROM (SELECT id, state, row_number() OVER (PARTITION BY state ORDER BY id DESC) AS rn FROM s.sales) t
        WHERE rn = 1 AND state = 'NY'`,
      2,
    ],
    [
      'SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM s.sales ORDER BY 1 DESC LIMIT 1',
      6,
    ],
    ['SELECT lag(id) OVER (ORDER BY id) FROM s.sales ORDER BY 1 LIMIT 1', 1],
    ['SELECT price FROM s.sales ORDER BY price DESC LIMIT 1', null],
    ['SELECT count(*) FROM (SELECT 1 UNION SELECT 1 UNION ALL SELECT 2 MINUS SELECT 2) q', 1],
    ['SELECT count(*) FROM s.sales WHERE price IS DISTINCT FROM 10 AND id IN (SELECT id FROM s.sales)', 2],
    ["SELECT id FROM s.sales WHERE day = '2023-01-30' AND state LIKE 'N%' AND id BETWEEN 1 AND 2", 1],
    ["SELECT CAST(CASE WHEN (SELECT max(id) FROM s.sales) > 5 THEN 'newer' ELSE '0' END AS INT)", 0],
  ])('%s', async (sql, value) => {
    const [row] = await evaluate(sql);
    expect(row?.[0]).toEqual(value);
  });
});

describe('failures', () => {
  it.each([
    ['SELECT 1 / 0', 'Divide by zero'],
    ['SELECT 1 % (id - id) FROM s.sales', 'Divide by zero'],
    [
      "SELECT CAST(CASE WHEN (SELECT max(id) FROM s.sales) > 2 THEN 'newer' ELSE '0' END AS INT)",
      'invalid input syntax for integer: "newer"',
    ],
    ["SELECT 'x'::decimal(5,2)", 'invalid input syntax for type numeric: "x"'],
    ['SELECT 1234.5::decimal(5,2)', 'Numeric data overflow (result precision)'],
    ["SELECT '2023-02-30'::date", 'date/time field value out of range: "2023-02-30"'],
    ["SELECT 'x'::date", 'invalid input syntax for type date: "x"'],
    ["SELECT 'x'::timestamp", 'invalid input syntax for type timestamp: "x"'],
    ['SELECT 99999999999::int', 'Value out of range for 4 bytes.'],
    ['SELECT missing FROM s.sales', 'column "missing" does not exist'],
    ['SELECT sales.missing FROM s.sales', 'column sales.missing does not exist'],
    ['SELECT other.id FROM s.sales', 'missing FROM-clause entry for table "other"'],
    ['SELECT id FROM s.sales a, s.sales b', 'column reference "id" is ambiguous'],
    [
      'SELECT id, count(*) FROM s.sales',
      'column "id" must appear in the GROUP BY clause or be used in an aggregate function',
    ],
    ['SELECT (SELECT id FROM s.sales)', 'more than one row returned by a subquery used as an expression'],
    ['SELECT 1 +', 'syntax error at end of input'],
    ['SELECT (1', 'syntax error at end of input'],
    ['SELECT 1)', 'syntax error at or near ")"'],
    ["SELECT 'open", `unterminated quoted string at or near "'open"`],
    [
      'SELECT sum(id) OVER (ORDER BY id) FROM s.sales',
      'Aggregate window functions with an ORDER BY clause require a frame clause',
    ],
    ['SELECT row_number() FROM s.sales', 'window function row_number requires an OVER clause'],
    ["SELECT date_trunc('fortnight', getdate())", 'timestamp units "\'fortnight\'" not recognized'],
    // Refused rather than guessed
    [
      'SELECT 1; SELECT 2',
      'not supported by the local stand-in: several statements in one SQL text; use BatchExecuteStatement',
    ],
    ["SELECT 'a' ~ 'b'", 'not supported by the local stand-in: the character ~'],
    ["SELECT read_csv('/etc/passwd')", 'not supported by the local stand-in: function read_csv'],
    ["SELECT * FROM read_text('x')", 'not supported by the local stand-in: the table function read_text'],
    ['SELECT TOP 5 id FROM s.sales', 'not supported by the local stand-in: SELECT TOP; use LIMIT'],
    ['SELECT DISTINCT ON (id) id FROM s.sales', 'not supported by the local stand-in: SELECT DISTINCT ON'],
    ['SELECT id INTO x FROM s.sales', 'not supported by the local stand-in: SELECT INTO'],
    ['SELECT * FROM other.s.sales', 'not supported by the local stand-in: queries across databases (other)'],
    ["SELECT to_char(12, '999')", "not supported by the local stand-in: the format '999'"],
    ["SELECT to_char(getdate(), 'MONTH')", "not supported by the local stand-in: the format 'MONTH'"],
    ['SELECT id::super FROM s.sales', 'not supported by the local stand-in: type super'],
  ])('%s', async (sql, message) => {
    expect(await failure(sql)).toBe(message);
  });
});

it('names unnamed columns as Redshift does', async () => {
  const sql = `SELECT count(*), sum(id), max(state)::varchar(3), nvl(max(price), 0), 1 + 1, 'x', CAST(max(id) AS BIGINT),
    CASE WHEN true THEN 1 END, '5'::int FROM s.sales`;
  const { columns } = await readResultSet(connection, translate(sql));
  expect(columns.map((column) => column.name)).toEqual([
    'count',
    'sum',
    'max',
    'coalesce',
    '?column?',
    '?column?',
    'max',
    'case',
    'int4',
  ]);
});

it('folds names to lower case, quoted ones too', async () => {
  const { columns } = await readResultSet(
    connection,
    translate('SELECT ID, "State" AS "Mixed Case" FROM S.Sales'),
  );
  expect(columns.map((column) => column.name)).toEqual(['id', 'mixed case']);
});

it('finds the relations that a query reads, and no common table expressions', () => {
  const sql = `WITH a AS (SELECT * FROM s.one), b AS (SELECT * FROM a)
    SELECT extract(day FROM x), (SELECT max(i) FROM two) FROM b, s.three t JOIN (s.four LEFT JOIN five ON true) ON true
    WHERE y IS DISTINCT FROM z AND EXISTS (SELECT 1 FROM s.one)`;
  const found = relationsOf(parseTree(tokenize(sql)), context).map(
    ({ schema, name }) => `${schema ?? ''}.${name}`,
  );
  expect(found.sort()).toEqual(['.five', '.two', 's.four', 's.one', 's.three']);
});

it('binds parameters outside of literals, casts and comments only', () => {
  const sql = "SELECT :name, ':name', id::int, /* :name */ 1 -- :name";
  const tokens = bindParameters(tokenize(sql), [{ name: 'name', value: "a'b" }]);
  expect(translateQuery(parseTree(tokens), context)).toBe(
    `SELECT 'a''b' AS "?column?", ':name' AS "?column?", CAST("id" AS INTEGER) AS "id", 1 AS "?column?"`,
  );
});
