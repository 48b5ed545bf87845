import { describe, expect, test } from 'vitest';
import { resolveShopConfig } from '../../scripts/seed/config.ts';
import { toCopyLine } from '../../scripts/seed/copy.ts';
import { formatCents, formatInstant, toDate, toDayNumber, toWeekday } from '../../scripts/seed/formats.ts';
import { daysSinceBlackFriday } from '../../scripts/seed/season.ts';

test.each([
  [0, '0.00'],
  [5, '0.05'],
  [-5, '-0.05'],
  [1_250, '12.50'],
  [-123_456, '-1234.56'],
])('formatCents(%i) is %s', (cents, text) => {
  expect(formatCents(cents)).toBe(text);
});

test.each([
  [0, '1970-01-01 00:00:00.000000+00'],
  [1_672_531_199_000_007, '2022-12-31 23:59:59.000007+00'],
  [1_709_164_800_123_456, '2024-02-29 00:00:00.123456+00'],
])('formatInstant(%i) keeps the microseconds', (us, text) => {
  expect(formatInstant(us)).toBe(text);
});

test('a date and its day number are each other’s inverse', () => {
  for (const date of ['1937-07-01', '1970-01-01', '2023-12-31', '2024-02-29']) {
    expect(toDate(toDayNumber(date))).toBe(date);
  }
  expect([toWeekday(toDayNumber('2023-01-01')), toWeekday(toDayNumber('1969-12-31'))]).toEqual([0, 3]);
});

test.each(['2023-02-30', '2023-1-1', 'yesterday', '2023-01-01T00:00'])('toDayNumber refuses %s', (text) => {
  expect(() => toDayNumber(text)).toThrow(`not a date: '${text}' (expected YYYY-MM-DD)`);
});

test.each([
  ['2023-11-23', undefined],
  ['2023-11-24', 0],
  ['2024-11-29', 0],
  ['2024-12-02', 3],
  ['2024-12-03', undefined],
])('%s is %s days after Black Friday', (date, days) => {
  expect(daysSinceBlackFriday(toDayNumber(date))).toBe(days);
});

test('toCopyLine tells NULL, the empty string and the text \\N apart and escapes line breaks', () => {
  const row = { a: null, b: '', c: '\\N', d: 'x\r\ny\tz', e: 'NULL', f: 7, g: 'a"b,c\u2028' };
  expect(toCopyLine(Object.keys(row), row)).toBe('\\N\t\t\\\\N\tx\\r\\ny\\tz\tNULL\t7\ta"b,c\u2028\n');
});

describe('resolveShopConfig', () => {
  test('has defaults', () => {
    expect(resolveShopConfig()).toEqual({ seed: 42, orders: 50_000, from: '2023-01-01', days: 730 });
  });

  test.each([
    [{ orders: 99 }, 'orders must be a whole number from 100 to 50000000, got 99'],
    [{ orders: 1.5e3 + 0.5 }, 'orders must be a whole number'],
    [{ days: 0 }, 'days must be a whole number from 30 to 3660, got 0'],
    [{ seed: -1 }, 'seed must be a whole number'],
    [{ from: '01/02/2023' }, "not a date: '01/02/2023'"],
  ])('refuses %o', (options, message) => {
    expect(() => resolveShopConfig(options)).toThrow(message);
  });
});
