import { unsupported } from '../errors.ts';

// Longest first: MONTH before MON before MM.
const patterns: readonly (readonly [pattern: string, strftime: string])[] = [
  ['YYYY', '%Y'],
  ['YY', '%y'],
  ['MON', '%b'],
  ['MM', '%m'],
  ['DDD', '%j'],
  ['DD', '%d'],
  ['DY', '%a'],
  ['HH24', '%H'],
  ['HH12', '%I'],
  ['HH', '%I'],
  ['MI', '%M'],
  ['SS', '%S'],
  ['MS', '%g'],
  ['US', '%f'],
  ['AM', '%p'],
  ['PM', '%p'],
  ['IW', '%V'],
  ['IYYY', '%G'],
  ['FMMONTH', '%B'],
  ['FMDAY', '%A'],
  ['FMMM', '%-m'],
  ['FMDD', '%-d'],
];
const byLength = [...patterns].sort((a, b) => b[0].length - a[0].length);
// Names take the case of the pattern; strftime knows only this one.
const capitalised = new Set(['MON', 'DY', 'FMMONTH', 'FMDAY']);

/**
 * The strftime form of a TO_CHAR, TO_DATE or TO_TIMESTAMP format.
 *
 * Refuses what strftime cannot say: blank-padded names (`Month` without FM), names in upper or lower case, numbers.
 */
export function strftimeFormat(format: string): string {
  let result = '';
  let at = 0;
  while (at < format.length) {
    const quoted = /^"([^"]*)"/.exec(format.slice(at));
    if (quoted !== null) {
      result += escapePercent(quoted[1] ?? '');
      at += quoted[0].length;
      continue;
    }
    const upper = format.slice(at).toUpperCase();
    const found = byLength.find(([pattern]) => upper.startsWith(pattern));
    if (found !== undefined) {
      const written = format.slice(at, at + found[0].length);
      if (capitalised.has(found[0]) && !isCapitalised(written)) throw refuse(format);
      result += found[1];
      at += found[0].length;
      continue;
    }
    const character = format.charAt(at);
    if (/[A-Za-z0-9]/.test(character) && !/^[tz]$/i.test(character)) throw refuse(format);
    result += escapePercent(character);
    at += 1;
  }
  return result;
}

function isCapitalised(written: string): boolean {
  const name = written.replace(/^FM/i, '');
  return name === name.charAt(0).toUpperCase() + name.slice(1).toLowerCase();
}

function escapePercent(text: string): string {
  return text.replaceAll('%', '%%');
}

function refuse(format: string): Error {
  return unsupported(`the format '${format}'`);
}
