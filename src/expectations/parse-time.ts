import type { ColumnType } from './column-type.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;
const NAMED =
  /^([a-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * Reads a date or an instant of a suite (`2023-01-31`, `2023-01-31T10:00:00Z`, `Jan 31 2023 10:00:00`) and writes it
 * in ISO form for the column's type. Instants without a zone are UTC. Null when it is no such thing.
 */
export function parseTime(text: string, type: ColumnType): string | null {
  if (type.family === 'time')
    return /^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$/.test(text.trim()) ? text.trim() : null;
  const parts = isoParts(text.trim()) ?? namedParts(text.trim());
  if (parts === null) return null;
  const [year, month, day, hour, minute, second, fraction, zone] = parts;
  const date = `${year}-${pad(month)}-${pad(day)}`;
  const time = `${pad(hour)}:${pad(minute)}:${pad(second)}${fraction}`;
  if (!isCalendarDate(Number(year), Number(month), Number(day))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  if (type.family === 'date') return /^00:00:00(\.0+)?$/.test(time) ? date : null;
  const isUtc = zone === '' || /^(z|utc|[+-]00(:?00)?)$/i.test(zone);
  if (type.family === 'timestamp') return isUtc ? `${date} ${time}` : null;
  return `${date} ${time}${isUtc ? '+00' : zone}`;
}

type Parts = [string, string, string, string, string, string, string, string];

function isoParts(text: string): Parts | null {
  const found = ISO.exec(text);
  if (found === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = found;
  return [year!, month!, day!, hour, minute, second, fraction, zone];
}

function namedParts(text: string): Parts | null {
  const found = NAMED.exec(text);
  if (found === null) return null;
  const [, name, day, year, hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = found;
  const month = MONTHS.indexOf(name!.toLowerCase()) + 1;
  return month === 0 ? null : [year!, String(month), day!, hour, minute, second, fraction, zone];
}

function isCalendarDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function pad(digits: string): string {
  return digits.padStart(2, '0');
}
