/**
 * Functions that give Redshift's result where DuckDB's own differ, as macros of the in-memory database `memory`.
 *
 * Overloads go by the type of the argument; the untyped one comes first and takes what no other fits.
 */
export const macros: readonly string[] = [
  'CREATE SCHEMA memory.fn',
  // Redshift: SUM of integers is BIGINT, of BIGINT is NUMERIC; DuckDB: HUGEINT.
  `CREATE MACRO memory.fn.sum(x) AS sum(x),
     (x SMALLINT) AS CAST(sum(x) AS BIGINT),
     (x INTEGER) AS CAST(sum(x) AS BIGINT),
     (x BIGINT) AS CAST(sum(x) AS DECIMAL(38, 0))`,
  // Redshift: AVG of integers is BIGINT, cut off; of NUMERIC keeps the scale; DuckDB: DOUBLE.
  `CREATE MACRO memory.fn.avg(x) AS cast_to_type(avg(x), any_value(x)),
     (x SMALLINT) AS CAST(trunc(avg(x)) AS BIGINT),
     (x INTEGER) AS CAST(trunc(avg(x)) AS BIGINT),
     (x BIGINT) AS CAST(trunc(avg(x)) AS BIGINT)`,
  // DuckDB divides by zero to NULL.
  `CREATE MACRO memory.fn.nonzero(x) AS CASE WHEN x = 0 THEN error('Divide by zero') ELSE x END`,
  `CREATE MACRO memory.fn.date_trunc(part, x) AS date_trunc(part, CAST(x AS TIMESTAMP)),
     (part, x DATE) AS CAST(date_trunc(part, x) AS TIMESTAMP),
     (part, x TIMESTAMP) AS date_trunc(part, x),
     (part, x TIMESTAMPTZ) AS date_trunc(part, x)`,
  // The last day of a month stays a last day.
  `CREATE MACRO memory.fn.add_months(x, n) AS CASE
     WHEN last_day(CAST(x AS DATE)) = CAST(x AS DATE)
     THEN CAST(last_day(CAST(CAST(x AS DATE) + to_months(CAST(n AS INTEGER)) AS DATE)) AS TIMESTAMP)
       + (CAST(x AS TIMESTAMP) - date_trunc('day', CAST(x AS TIMESTAMP)))
     ELSE CAST(x AS TIMESTAMP) + to_months(CAST(n AS INTEGER)) END`,
  // Longest prefix of whole characters that fits in n bytes. Only long values take the slow way.
  `CREATE MACRO memory.fn.truncate_bytes(x, n) AS CASE
     WHEN x IS NULL OR strlen(x) <= n THEN x
     WHEN length(x) = strlen(x) THEN left(x, n)
     ELSE list_aggregate(list_transform(
       list_filter(range(1, n + 1), lambda i: i <= length(x) AND strlen(left(x, i)) <= n),
       lambda i: left(x, i)), 'last') END`,
  `CREATE MACRO memory.fn.fit_varchar(x, n) AS CASE
     WHEN strlen(x) > n THEN error('value too long for type character varying(' || n || ')') ELSE x END`,
  // Stored without the padding that Redshift adds; see README.md.
  `CREATE MACRO memory.fn.fit_char(x, n) AS CASE
     WHEN strlen(rtrim(x)) > n THEN error('value too long for type character(' || n || ')') ELSE rtrim(x) END`,
  `CREATE MACRO memory.fn.fit_external(x, n, col) AS CASE
     WHEN strlen(x) > n THEN error('Spectrum Scan Error: The length of the data column ' || col ||
       ' is longer than the length defined in the table. Table: ' || n || ', Data: ' || strlen(x)) ELSE x END`,
];
