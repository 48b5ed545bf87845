import { expect, test } from 'vitest';
import { parseTableName, quoteTable } from '../../src/adapters/postgres/table-name.ts';

test.each([
  ['public.orders', 'public', 'orders', '"public"."orders"'],
  ['Shop.Orders', 'Shop', 'Orders', '"Shop"."Orders"'],
  ['"My Shop"."Or.ders"', 'My Shop', 'Or.ders', '"My Shop"."Or.ders"'],
  ['public."a""b"', 'public', 'a"b', '"public"."a""b"'],
  ['"a"";drop"."select"', 'a";drop', 'select', '"a"";drop"."select"'],
])('%s is a table', (text, schema, name, sql) => {
  expect(parseTableName(text)).toEqual({ schema, name });
  expect(quoteTable(parseTableName(text))).toBe(sql);
});

test.each(['', 'orders', '.orders', 'public.', 'a.b.c', 'public."orders', 'public.or"ders', '"".""', 'a..b'])(
  '%j is not',
  (text) => {
    expect(() => parseTableName(text)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }));
  },
);
