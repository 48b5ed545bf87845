import { parseCron } from './cron.ts';

/** When a schedule starts runs: just one of both. */
export interface Times {
  /** As `parseCron` reads it, in `timeZone`. */
  readonly cron?: string;
  readonly timeZone?: string;
  /** Milliseconds between two times, counted from 1970 UTC. */
  readonly everyMs?: number;
}

const DAY_MS = 86_400_000;

/**
 * All times in `[from, until)` in order, ISO-8601 UTC, as Temporal's calendar has them but for jitter: a local time that
 * daylight saving leaves out has none, one that comes twice has two.
 */
export function listTimes({ cron, timeZone = 'UTC', everyMs }: Times, from: Date, until: Date): string[] {
  const [begin, end] = [from.getTime(), until.getTime()];
  const found =
    everyMs === undefined ? cronTimes(cron!, timeZone, begin, end) : everyTimes(everyMs, begin, end);
  return found
    .filter((time) => time >= begin && time < end)
    .sort((a, b) => a - b)
    .map((time) => new Date(time).toISOString());
}

function everyTimes(everyMs: number, begin: number, end: number): number[] {
  const first = Math.ceil(begin / everyMs);
  const count = Math.max(0, Math.ceil(end / everyMs) - first);
  return Array.from({ length: count }, (_, nth) => (first + nth) * everyMs);
}

function cronTimes(text: string, timeZone: string, begin: number, end: number): number[] {
  const { minutes, hours, days, months, weekdays } = parseCron(text);
  const clock = localClock(timeZone);
  const found: number[] = [];
  const midnight = Math.floor(begin / DAY_MS) * DAY_MS;
  // Local days begin up to a day before those of UTC, or after them.
  for (let day = midnight - DAY_MS; day <= end + DAY_MS; day += DAY_MS) {
    const date = new Date(day);
    const isDay = days.has(date.getUTCDate()) && weekdays.has(date.getUTCDay());
    if (!isDay || !months.has(date.getUTCMonth() + 1)) continue;
    for (const hour of hours)
      for (const minute of minutes) found.push(...instantsOf(day + (hour * 60 + minute) * 60_000, clock));
  }
  return found;
}

/** What the clocks of a zone show at an instant; local times are written as if they were UTC. */
type LocalClock = (instant: number) => number;

function localClock(timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name)!;
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
  };
}

/** The instants at which the clocks show a local time: one, or none or two where they are changed. */
function instantsOf(local: number, clock: LocalClock): number[] {
  const offsets = [-DAY_MS, DAY_MS].map((distance) => clock(local + distance) - (local + distance));
  const instants = [...new Set(offsets)].map((offset) => local - offset);
  return instants.filter((instant) => clock(instant) === local);
}
