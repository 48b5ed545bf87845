/** Words after which a quoted text names something of the schema. */
const NAMED =
  /(?:relation|table|view|column|schema|database|function|constraint|user|role|group|type|alias|identifier|for)\s$/i;

/**
 * One line of an engine's error text without values of rows: quoted texts become `'***'` unless they name a
 * part of the schema, a place in S3, or stand quoted in the statement itself (which never holds rows);
 * so do the values of a `Key (column)=(value)` and of a `Failing row contains (...)`.
 */
export function maskValues(text: string, sql = ''): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line
    .replace(/(=|contains )\s?\([^)]*\)/gi, '$1(***)')
    .replace(/\bvalue:?\s+(-?\d[\w.+-]*)/gi, 'value ***')
    .replace(/'((?:[^']|'')*)'|"([^"]*)"/g, (quoted, single, double, offset: number) => {
      const inner: string = single ?? double;
      const isKept =
        inner === '' ||
        inner.startsWith('s3://') ||
        NAMED.test(line.slice(0, offset)) ||
        sql.includes(`'${inner}'`) ||
        sql.includes(`"${inner}"`);
      return isKept ? quoted : quoted[0] === '"' ? '"***"' : "'***'";
    });
}
