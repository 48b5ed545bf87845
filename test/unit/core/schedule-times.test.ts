import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../src/core/cron.ts';
import { listTimes, type Times } from '../../../src/core/schedule-times.ts';

const NEW_YORK = 'America/New_York';
const DAY_MS = 86_400_000;

describe('listTimes', () => {
  it.each<[string, Times, string, string, string[]]>([
    [
      'an interval, counted from midnight UTC',
      { everyMs: 6 * 3_600_000 },
      '2026-01-01T05:00:00Z',
      '2026-01-01T18:00:00Z',
      ['2026-01-01T06:00:00.000Z', '2026-01-01T12:00:00.000Z'],
    ],
    [
      'a begin that is a time, and an end that is none',
      { everyMs: 3_600_000 },
      '2026-01-01T05:00:00Z',
      '2026-01-01T06:00:00Z',
      ['2026-01-01T05:00:00.000Z'],
    ],
    ['an end before the begin', { everyMs: 1_000 }, '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', []],
    [
      'weekdays',
      { cron: '0 2 * * MON-FRI' },
      '2026-01-02T00:00:00Z',
      '2026-01-06T00:00:00Z',
      ['2026-01-02T02:00:00.000Z', '2026-01-05T02:00:00.000Z'],
    ],
    [
      'a local day that is another one in UTC',
      { cron: '30 23 31 12 *', timeZone: NEW_YORK },
      '2026-01-01T00:00:00Z',
      '2026-01-02T00:00:00Z',
      ['2026-01-01T04:30:00.000Z'],
    ],
    [
      'no local time that daylight saving leaves out',
      { cron: '30 2 * * *', timeZone: NEW_YORK },
      '2026-03-07T00:00:00Z',
      '2026-03-10T00:00:00Z',
      ['2026-03-07T07:30:00.000Z', '2026-03-09T06:30:00.000Z'],
    ],
    [
      'a local time that comes twice, twice',
      { cron: '30 1 * * *', timeZone: NEW_YORK },
      '2026-11-01T00:00:00Z',
      '2026-11-02T12:00:00Z',
      ['2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z', '2026-11-02T06:30:00.000Z'],
    ],
  ])('has %s', (_, times, from, until, expected) => {
    expect(listTimes(times, new Date(from), new Date(until))).toEqual(expected);
  });

  it.each([
    ['UTC', '2024-02-28'],
    [NEW_YORK, '2026-03-07'],
    [NEW_YORK, '2026-10-31'],
    ['Australia/Lord_Howe', '2026-04-04'],
    ['Australia/Lord_Howe', '2026-10-03'],
    ['Asia/Kathmandu', '2026-12-30'],
    // It left 30 December out.
    ['Pacific/Apia', '2011-12-29'],
  ])('has just the minutes at which the clocks of %s show the expression, around %s', (timeZone, date) => {
    const from = Date.parse(date);
    const until = from + 3 * DAY_MS;
    for (const cron of ['*/20 * * * *', '15 0,1,2,3 * * *', '0 0 * * SUN', '45 23 28-31 * *'])
      expect(listTimes({ cron, timeZone }, new Date(from), new Date(until)), cron).toEqual(
        minutesShown(cron, timeZone, from, until),
      );
  });
});

/** The same, by a look at the clock every minute. */
function minutesShown(text: string, timeZone: string, from: number, until: number): string[] {
  const cron = parseCron(text);
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const found: string[] = [];
  for (let time = from; time < until; time += 60_000) {
    const [day, month, year, hour, minute] = format.format(time).split(/\D+/).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
    const isDay = cron.days.has(day) && cron.months.has(month) && cron.weekdays.has(weekday);
    if (isDay && cron.hours.has(hour) && cron.minutes.has(minute)) found.push(new Date(time).toISOString());
  }
  return found;
}
