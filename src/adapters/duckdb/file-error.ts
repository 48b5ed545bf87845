/** DuckDB's word for a file that cannot be read as what it should be, and ours; `line` and `file` stand for what it names. */
const WORDS: readonly (readonly [RegExp, (found: readonly string[]) => string])[] = [
  [
    /^Expected Number of Columns: (\d+) Found: (\d+)/m,
    ([, wanted, found]) => `line of file has ${found} fields where the header has ${wanted}`,
  ],
  [/^Maximum line size of (\d+) bytes/m, ([, limit]) => `line of file is longer than ${limit} bytes`],
  [
    /^Value with unterminated quote/m,
    () => 'line of file has a quote that is never closed, or text after one',
  ],
  [/^Invalid unicode/m, () => 'line of file is not UTF-8'],
  [/^Invalid Input Error: CSV Error/, () => 'line of file cannot be read as CSV'],
  [
    /^Invalid Input Error: (?:Error when sniffing|The CSV Parser state machine)/,
    () => 'file cannot be read as CSV with commas and double quotes',
  ],
  [/^Invalid Input Error: No magic bytes/, () => 'file is not a Parquet file'],
  [/^IO Error: Input is not a GZIP stream/, () => 'file is not gzip, as its name says'],
  [/^Not implemented Error: The Parallel CSV Reader/, () => 'a row of CSV is longer than 16000000 bytes'],
];

/** What is wrong with a file that the engine could not read, without any of its content; null for other errors. */
export function describeFileError(raw: string): string | null {
  for (const [pattern, say] of WORDS) {
    const found = pattern.exec(raw);
    if (found === null) continue;
    const line = /^Invalid Input Error: CSV Error on Line: (\d+)/.exec(raw)?.[1] ?? '';
    return say(found)
      .replace(/^line of/, `line ${line} of`)
      .replace(/\bfile\b/, () => fileOf(raw));
  }
  return null;
}

/** The path that the message names: among DuckDB's settings, which come last, or in its first line. */
function fileOf(raw: string): string {
  const inSettings = [...raw.matchAll(/^ {2}file = (.*)$/gm)].at(-1)?.[1];
  const [first] = raw.split('\n');
  return inSettings ?? /["'](.*)["']|stream: (.*)$/.exec(first!)?.slice(1).find(Boolean) ?? 'a file';
}
