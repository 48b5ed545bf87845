import { expect, test } from 'vitest';
import { mergeRanges, subtractRanges } from '../../src/adapters/postgres/range-set.ts';

const range = (text: string) => {
  const [from, to] = text.split('-');
  return { from: Number(from), to: to === '' ? null : Number(to) };
};
const ranges = (text: string) => (text === '' ? [] : text.split(' ').map(range));

test.each([
  ['', ''],
  ['0-4', '0-4'],
  ['4-8 0-4', '0-8'],
  ['0-4 6-8', '0-4 6-8'],
  ['0-9 2-3 9-', '0-'],
  ['3- 0-2', '0-2 3-'],
])('%s merges to %s', (given, expected) => {
  expect(mergeRanges(ranges(given))).toEqual(ranges(expected));
});

test.each([
  ['0-', '', '0-'],
  ['0-', '0-', ''],
  ['0-4 4-8 8-', '0-4', '4-8 8-'],
  ['0-4 4-8 8-', '2-6', '0-2 6-8 8-'],
  // The table was cut otherwise before, and has grown.
  ['0-5 5-10 10-', '0-3 6-7 9-', '3-5 5-6 7-9'],
  ['0-5 5-', '2-3 7-8', '0-2 3-5 5-7 8-'],
])('%s without %s is %s', (given, covered, expected) => {
  expect(subtractRanges(ranges(given), ranges(covered))).toEqual(ranges(expected));
});
