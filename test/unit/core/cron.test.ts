import { describe, expect, test } from 'vitest';
import { longestGapMs, parseCron } from '../../../src/core/cron.ts';

const HOUR = 3_600_000;

describe('a cron expression', () => {
  test.each([
    ['0 2 * *', 'has not five fields'],
    ['61 2 * * *', 'minute "61" is not 0 to 59'],
    ['0 24 * * *', 'hour "24" is not 0 to 23'],
    ['0 2 0 * *', 'day "0" is not 1 to 31'],
    ['0 2 * foo *', 'month "foo" is not 1 to 12 or JAN to DEC'],
    ['0 2 * * 8', 'weekday "8" is not 0 to 7 or SUN to SAT'],
    ['*/0 * * * *', 'minute "*/0" has a step of 0'],
    ['30-10 * * * *', 'minute "30-10" ends before it begins'],
    ['0 2 L * *', 'day "l" is not 1 to 31'],
    ['0 2 ? * *', 'day "?" is not understood'],
    ['0 2 31 2 *', 'names a day that no year has'],
  ])('%s: %s', (text, problem) => {
    expect(() => parseCron(text)).toThrow(problem);
  });

  test('is a set of numbers a field', () => {
    const cron = parseCron('*/15 8-10,20 1 JAN,3 MON-FRI');
    expect([...cron.minutes]).toEqual([0, 15, 30, 45]);
    expect([...cron.hours]).toEqual([8, 9, 10, 20]);
    expect([...cron.days]).toEqual([1]);
    expect([...cron.months]).toEqual([1, 3]);
    expect([...cron.weekdays]).toEqual([1, 2, 3, 4, 5]);
    expect([...parseCron('0 0 * * 7').weekdays]).toEqual([0]);
  });

  test.each([
    ['0 * * * *', HOUR],
    ['*/15 * * * *', HOUR / 4],
    ['0 2 * * *', 24 * HOUR],
    ['0 8,20 * * *', 12 * HOUR],
    ['0 8-18 * * *', 14 * HOUR],
    ['0 2 * * MON-FRI', 72 * HOUR],
    ['0 4 * * SUN', 168 * HOUR],
    ['0 0 1 * *', 31 * 24 * HOUR],
    ['0 0 29 2 *', 1461 * 24 * HOUR],
  ])('%s leaves at most %d ms between two runs', (text, gap) => {
    expect(longestGapMs(parseCron(text))).toBe(gap);
  });
});
