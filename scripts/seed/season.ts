import { toDate, toWeekday } from './formats.ts';
import type { Random } from './random.ts';

// Sunday first.
const WEEKDAY_WEIGHTS = [1.24, 0.92, 0.87, 0.89, 0.94, 1.04, 1.32];
const MONTH_WEIGHTS = [0.84, 0.82, 0.91, 0.94, 1.0, 0.96, 0.94, 0.97, 1.0, 1.05, 1.22, 1.5];
// Black Friday, the Saturday and Sunday after it, Cyber Monday.
const BLACK_FRIDAY_WEIGHTS = [3.6, 2.0, 1.8, 3.0];
const GROWTH_PER_YEAR = 0.35;

/** Days since the last Black Friday when it is less than four days ago, else undefined. */
export function daysSinceBlackFriday(dayNumber: number): number | undefined {
  for (let days = 0; days < BLACK_FRIDAY_WEIGHTS.length; days++) {
    if (isBlackFriday(dayNumber - days)) return days;
  }
  return undefined;
}

/** How busy each of `days` days from `fromDay` is: week, year, sales days, growth, and a tenth of noise. */
export function dayWeights(fromDay: number, days: number, random: Random): number[] {
  return Array.from({ length: days }, (_, index) => {
    const dayNumber = fromDay + index;
    const date = toDate(dayNumber);
    const growth = 1 + (GROWTH_PER_YEAR * index) / 365;
    const noise = 0.9 + 0.2 * random.float();
    const sale = BLACK_FRIDAY_WEIGHTS[daysSinceBlackFriday(dayNumber) ?? -1] ?? 1;
    const christmas = date.endsWith('-12-25') ? 0.35 : 1;
    return (
      WEEKDAY_WEIGHTS[toWeekday(dayNumber)]! *
      MONTH_WEIGHTS[Number(date.slice(5, 7)) - 1]! *
      growth *
      noise *
      sale *
      christmas
    );
  });
}

/** The day after the fourth Thursday of November, which is always the 23rd to the 29th. */
function isBlackFriday(dayNumber: number): boolean {
  if (toWeekday(dayNumber) !== 5) return false;
  const date = toDate(dayNumber);
  return date.slice(5) >= '11-23' && date.slice(5) <= '11-29';
}
