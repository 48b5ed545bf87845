/** The times of a cron expression as sets of numbers. A day counts when day, month and weekday all match. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  // Sunday is 0 and 7.
  { name: 'weekday', min: 0, max: 7, words: WEEKDAYS },
] as const;
type Field = (typeof FIELDS)[number];

const DAY_MS = 86_400_000;
/** Weekdays and leap days come back in the same order after 28 years, within this century. */
const CYCLE_DAYS = 28 * 1461 * 0.25;

/**
 * Reads `minute hour day month weekday`, each `*`, a number, a range `1-5`, a step such as `*` `/15`, a list of
 * them, or a name such as MON or JAN. Throws `RangeError` that says which field is wrong, and when no day matches.
 */
export function parseCron(text: string): Cron {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5)
    throw new RangeError(
      `has not five fields; use minute hour day month weekday, such as "0 2 * * *" for 02:00 each day`,
    );
  const [minutes, hours, days, months, weekdays] = FIELDS.map((field, index) =>
    parseField(field, parts[index]!.toLowerCase()),
  );
  const cron = {
    minutes: minutes!,
    hours: hours!,
    days: days!,
    months: months!,
    weekdays: new Set([...weekdays!].map((each) => each % 7)),
  };
  if (longestGapMs(cron) === null) throw new RangeError('names a day that no year has');
  return cron;
}

function parseField(field: Field, text: string): Set<number> {
  const { name, min, max } = field;
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const match = /^(\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/.exec(item);
    if (!match)
      throw new RangeError(
        `${name} "${item}" is not understood; use *, a number, 1-5, */15 or a list of them`,
      );
    const [, whole, first, last, stepText] = match;
    const step = stepText === undefined ? 1 : Number(stepText);
    if (step < 1) throw new RangeError(`${name} "${item}" has a step of 0`);
    const from = whole === '*' ? min : parseNumber(field, first!);
    // A step without an end, such as 5/15, goes on to the end of the field.
    const end = last ?? (stepText === undefined ? first : undefined);
    const to = whole === '*' || end === undefined ? max : parseNumber(field, end);
    if (from > to) throw new RangeError(`${name} "${item}" ends before it begins`);
    for (let value = from; value <= to; value += step) found.add(value);
  }
  return found;
}

function parseNumber({ name, min, max, words }: Field, text: string): number {
  const word = (words as readonly string[]).indexOf(text.slice(0, 3));
  if (word >= 0) return word + min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const names = words.length > 0 ? ` or ${words[0]!.toUpperCase()} to ${words.at(-1)!.toUpperCase()}` : '';
  throw new RangeError(`${name} "${text}" is not ${min} to ${max}${names}`);
}

/** Longest time between two runs, in milliseconds of a clock without daylight saving; null when there is none. */
export function longestGapMs({ minutes, hours, days, months, weekdays }: Cron): number | null {
  const times = [...hours]
    .flatMap((hour) => [...minutes].map((minute) => (hour * 60 + minute) * 60_000))
    .sort((a, b) => a - b);
  let last: number | null = null;
  let longest = Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)));
  for (let day = 0; day <= CYCLE_DAYS; day++) {
    const date = new Date(day * DAY_MS);
    if (
      !days.has(date.getUTCDate()) ||
      !months.has(date.getUTCMonth() + 1) ||
      !weekdays.has(date.getUTCDay())
    )
      continue;
    if (last !== null) longest = Math.max(longest, day * DAY_MS + times[0]! - last);
    last = day * DAY_MS + times.at(-1)!;
  }
  return last === null ? null : longest;
}
