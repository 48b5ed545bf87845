const DAY_MS = 86_400_000;

/** Microseconds of one day; PostgreSQL's timestamps have microseconds, and so have the shop's. */
export const DAY_US = DAY_MS * 1000;

/** Days from 1970-01-01 to `date` (YYYY-MM-DD). Throws a RangeError for anything that is not a day of the calendar. */
export function toDayNumber(date: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date) {
    throw new RangeError(`not a date: '${date}' (expected YYYY-MM-DD)`);
  }
  return ms / DAY_MS;
}

/** The date (YYYY-MM-DD) of a day number. */
export function toDate(dayNumber: number): string {
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

/** Day of the week of a day number: 0 Sunday to 6 Saturday. */
export function toWeekday(dayNumber: number): number {
  // 1970-01-01 was a Thursday.
  return (((dayNumber + 4) % 7) + 7) % 7;
}

/** The text PostgreSQL reads for an instant in microseconds since 1970, UTC: `2023-01-01 00:00:00.000000+00`. */
export function formatInstant(us: number): string {
  const ms = Math.floor(us / 1000);
  const iso = new Date(ms).toISOString();
  const micros = String(us - ms * 1000).padStart(3, '0');
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}${micros}+00`;
}

/** The text of an amount in whole cents: 1250 is `12.50`. */
export function formatCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
