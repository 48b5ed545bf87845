import type { BusinessWindow } from './run.ts';

/** Input of the `backfill` workflow. Dates are business dates, `[from, to)`, `YYYY-MM-DD`. */
export interface BackfillInput {
  readonly pipeline: string;
  readonly from: string;
  readonly to: string;
  /** ISO-8601 duration of one chunk: whole days, weeks, months or years, such as `P1D` or `P1M`. */
  readonly chunk: string;
  /** `missing`: chunks that no publication holds; `all`: every chunk again. */
  readonly mode: 'missing' | 'all';
  /** First chunk to do, by its `from`; set when the workflow continues as new. */
  readonly resumeFrom?: string;
}

export function chunkName({ from, to }: BusinessWindow): string {
  return `${from}..${to}`;
}

/** Cuts `[from, to)` into chunks that neither overlap nor leave a gap; months and years end on calendar boundaries counted from `from`. */
export function splitRange(from: string, to: string, chunk: string): BusinessWindow[] {
  const start = parseDate(from, 'from');
  const end = parseDate(to, 'to');
  if (start >= end) throw new RangeError(`from ${from} is not before to ${to}`);
  const match = /^P(\d{1,4})([DWMY])$/.exec(chunk);
  if (!match || Number(match[1]) === 0)
    throw new RangeError(`chunk "${chunk}" is not a duration; use P1D, P1W, P1M or P1Y`);
  const count = Number(match[1]);
  const windows: BusinessWindow[] = [];
  for (let nth = 0, at = from; at < to; nth++) {
    // Counted from `from` each time: repeated adding would drift after a short month.
    const next = addTo(start, count * (nth + 1), match[2]!);
    windows.push({ from: at, to: next < to ? next : to });
    at = next;
  }
  return windows;
}

function addTo(start: number, count: number, unit: string): string {
  const date = new Date(start);
  if (unit === 'D' || unit === 'W') date.setUTCDate(date.getUTCDate() + count * (unit === 'W' ? 7 : 1));
  else {
    const months = date.getUTCMonth() + count * (unit === 'Y' ? 12 : 1);
    const year = date.getUTCFullYear() + Math.floor(months / 12);
    const lastDay = new Date(Date.UTC(year, (months % 12) + 1, 0)).getUTCDate();
    date.setTime(Date.UTC(year, months % 12, Math.min(date.getUTCDate(), lastDay)));
  }
  return date.toISOString().slice(0, 10);
}

function parseDate(text: string, field: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
    throw new RangeError(`${field} "${text}" is not a date; use YYYY-MM-DD`);
  }
  return time;
}
