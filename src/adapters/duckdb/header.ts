import { QueryRefused } from '../../expectations/run-checks.ts';

/** The fields of a CSV header line: fields in double quotes, a doubled quote inside them, commas between. */
export function parseHeader(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      const end = closingQuote(line, at);
      fields.push(line.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const end = line.indexOf(',', at);
      fields.push(end < 0 ? line.slice(at) : line.slice(at, end));
      at = end < 0 ? line.length : end;
    }
    if (at >= line.length) return fields;
    if (line[at] !== ',') throw new QueryRefused('the header line has text after a quoted name');
    at++;
  }
}

function closingQuote(line: string, open: number): number {
  for (let at = open + 1; at < line.length; at++) {
    if (line[at] !== '"') continue;
    if (line[at + 1] !== '"') return at;
    at++;
  }
  throw new QueryRefused('the header line has a quote that is never closed');
}
