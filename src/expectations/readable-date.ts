const MONTH = '(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\\.?';
const WEEKDAY = '(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\\.?,?\\s+)?';
const TIME = '(\\d{1,2})(?::(\\d{2})(?::(\\d{2})(?:[.,]\\d{1,9})?)?)?\\s*([ap]\\.?m?\\.?)?';
const ZONE = '(?:\\s*(?:z|utc|gmt|[a-z]{3,5}|[+-]\\d{2}(?::?\\d{2})?)(?:\\s*\\([a-z]{3,5}\\))?)?';
const CLOCK = new RegExp(`^(?:t|,?\\s+|\\s+at\\s+)${TIME}${ZONE}$`, 'i');
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Ways to write a date: the pattern and which group is what. */
const DATES: readonly { readonly pattern: RegExp; readonly order: 'ymd' | 'mdy' | 'Mdy' | 'dMy' | 'yMd' }[] =
  [
    { pattern: new RegExp(`^${WEEKDAY}(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})(?=\\D|$)`, 'i'), order: 'ymd' },
    { pattern: /^(\d{4})(\d{2})(\d{2})(?=\D|$)/, order: 'ymd' },
    {
      pattern: new RegExp(`^${WEEKDAY}(\\d{1,2})[-/.](\\d{1,2})[-/.](\\d{4}|\\d{2})(?=\\D|$)`, 'i'),
      order: 'mdy',
    },
    {
      pattern: new RegExp(
        `^${WEEKDAY}(${MONTH})[-\\s]+(\\d{1,2})(?:st|nd|rd|th)?,?[-\\s]+(\\d{4})(?=\\D|$)`,
        'i',
      ),
      order: 'Mdy',
    },
    {
      pattern: new RegExp(
        `^${WEEKDAY}(\\d{1,2})(?:st|nd|rd|th)?(?:[-/.\\s]+|\\s+of\\s+)(${MONTH}),?[-/.\\s]+(\\d{4}|\\d{2})(?=\\D|$)`,
        'i',
      ),
      order: 'dMy',
    },
    { pattern: new RegExp(`^(\\d{4})[-/.\\s]+(${MONTH})[-/.\\s]+(\\d{1,2})(?=\\D|$)`, 'i'), order: 'yMd' },
  ];

/**
 * Whether a text is a date, alone or with a time of day, as people write it: `2024-01-31`, `1/31/2024`, `31.1.2024`,
 * `Jan 31, 2024 10:00 PM`, `Wed, 31 Jan 2024 10:00:00 +0100`, `20240131T100000Z`. The calendar is checked, and of two
 * readings (3/4) one is enough. Lone numbers and times are no dates.
 */
export function isReadableDate(text: string): boolean {
  const trimmed = text.trim();
  for (const { pattern, order } of DATES) {
    const found = pattern.exec(trimmed);
    if (found === null || !hasDate(found.slice(1, 4) as string[], order)) continue;
    if (isClock(trimmed.slice(found[0].length))) return true;
  }
  return false;
}

function hasDate(parts: readonly string[], order: string): boolean {
  const at = (letter: string) => parts[order.search(new RegExp(letter, 'i'))]!;
  const year = Number(at('y').length === 2 ? `20${at('y')}` : at('y'));
  const day = Number(at('d'));
  const month = order.includes('M') ? MONTHS.indexOf(at('M').slice(0, 3).toLowerCase()) + 1 : Number(at('m'));
  return isCalendarDate(year, month, day) || (order === 'mdy' && isCalendarDate(year, day, month));
}

function isCalendarDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isClock(rest: string): boolean {
  if (rest === '' || /^t(\d{2}){1,3}(\.\d+)?z?$/i.test(rest)) return true;
  const found = CLOCK.exec(rest);
  if (found === null) return false;
  const [, hour, minute, second, half] = found;
  if (minute === undefined && half === undefined) return false;
  return (
    Number(hour) <= (half === undefined ? 23 : 12) && Number(minute ?? 0) <= 59 && Number(second ?? 0) <= 59
  );
}
