import { expect, test } from 'vitest';
import { maskValues } from '../../../src/adapters/mask-values.ts';

test.each([
  ['invalid input syntax for integer: "Ada Lovelace"', '', 'invalid input syntax for integer: "***"'],
  ['relation "ecommerce.orders" does not exist', '', 'relation "ecommerce.orders" does not exist'],
  ['column "total" of relation "orders" is wrong', '', 'column "total" of relation "orders" is wrong'],
  ["Invalid digit, Value 'a', Pos 0, Type: Integer", '', "Invalid digit, Value '***', Pos 0, Type: Integer"],
  ["Could not convert string 'O''Hara' to INT32", '', "Could not convert string '***' to INT32"],
  ['Key (email)=(ada@example.com) already exists', '', 'Key (email)=(***) already exists'],
  ['Failing row contains (1, Ada, null).', '', 'Failing row contains (***).'],
  ['Value: 4711 is out of range', '', 'value *** is out of range'],
  [
    "file 's3://lake/x.parquet' has an incompatible schema",
    '',
    "file 's3://lake/x.parquet' has an incompatible schema",
  ],
  ['invalid input: "too new"', "SELECT CAST('too new' AS INT)", 'invalid input: "too new"'],
  ['syntax error at or near "FORM"', 'SELECT * FORM x', 'syntax error at or near "***"'],
  ['one\n  two\t three ', '', 'one two three'],
])('%s', (text, sql, masked) => {
  expect(maskValues(text, sql)).toBe(masked);
});
