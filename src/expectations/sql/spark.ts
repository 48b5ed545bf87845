import { CannotCheck } from '../cannot-check.ts';
import type { ColumnType } from '../column-type.ts';
import type { Dialect } from './dialect.ts';
import { javaPattern } from './java-pattern.ts';

/**
 * Spark SQL's spelling, for Spark 3.5 (but for JSON) and 4, with the session time zone UTC. Evidence takes a query of its
 * own for each failed expectation, since Spark has no aggregate that keeps a short list.
 */
export const sparkDialect: Dialect = {
  name: 'spark',
  identifier: (name) => `\`${name.replaceAll('`', '``')}\``,
  string: quote,
  number: (value) => (Object.is(value, -0) ? '0' : String(value)),
  typed: (text, type) => `cast(${quote(text)} as ${typeName(type)})`,
  tryCast: (text, type) => {
    const cast = `try_cast(${text} as ${typeName(type)})`;
    const form = strictForm(type);
    return form === null ? cast : `case when ${text} rlike ${quote(`^(?:${form})$`)} then ${cast} end`;
  },
  text: (value) => `cast(${value} as string)`,
  toText: (value, type) => {
    if (type.family === 'binary') return `hex(${value})`;
    if (type.family === 'timestamptz') return `concat(cast(${value} as string), '+00')`;
    return `cast(${value} as string)`;
  },
  toDouble: (value) => `cast(${value} as double)`,
  isNaN: (value) => `isnan(${value})`,
  filtered: (aggregate, condition) =>
    condition === null ? aggregate : `${aggregate} filter (where ${condition})`,
  countIf: (condition) => (condition === null ? 'count(*)' : `count_if(${condition})`),
  countDistinct: (values, condition) => {
    const subject = values.length === 1 ? values[0]! : `struct(${values.join(', ')})`;
    return sparkDialect.filtered(`count(distinct ${subject})`, condition);
  },
  firstRows: () => null,
  matchesRegex: (text, pattern) => `${text} rlike ${quote(javaPattern(pattern))}`,
  matchesLike: (text, pattern, escapeCharacter) =>
    `${text} like ${quote(pattern)} escape ${quote(checkEscapes(pattern, escapeCharacter) ?? unusedCharacter(pattern))}`,
  length: (text) => `char_length(${text})`,
  stdev: (value) => `stddev_samp(${value})`,
  quantile: (value, at) => `percentile(${value}, ${at})`,
  nthSmallest: (value, position, count) =>
    `percentile_disc(${count === 0 ? 0.5 : (position + 0.5) / count}) within group (order by ${value})`,
  epochMs: (value) => `unix_millis(cast(${value} as timestamp))`,
  judged: () => null,
  isJson: (text) => `try_parse_json(${text}) is not null`,
  tryParseTime: (text, format) => `try_to_timestamp(${text}, ${quote(javaFormat(format))})`,
  // Of an empty relation Spark evaluates nothing, not even a pattern.
  firstOf: (relation, rowCount) => `(select * from ${relation} limit ${Math.max(rowCount, 1)})`,
  rowNumber: () => 'monotonically_increasing_id()',
  previous: (value, position) => `lag(${value}) over (order by ${position})`,
};

/** Spark reads backslashes in literals as the start of an escape. */
function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** The escape character. Throws `CannotCheck` where it stands before what needs none, which Spark refuses. */
function checkEscapes(pattern: string, escapeCharacter: string | null): string | null {
  const characters = [...pattern];
  for (let at = 0; escapeCharacter !== null && at < characters.length; at++) {
    if (characters[at] !== escapeCharacter) continue;
    at++;
    if (!['%', '_', escapeCharacter].includes(characters[at] ?? '')) {
      throw new CannotCheck(
        `Spark wants %, _ or ${escapeCharacter} after each ${escapeCharacter} of ${JSON.stringify(pattern)}`,
      );
    }
  }
  return escapeCharacter;
}

/** Spark's LIKE always has an escape character; one that does not occur escapes nothing. */
function unusedCharacter(pattern: string): string {
  return ['!', '#', '~', '^', '\u0001'].find((candidate) => !pattern.includes(candidate)) ?? '\u0002';
}

/** How a text has to look to be a value of the type: the same forms as in DuckDB. */
function strictForm(type: ColumnType): string | null {
  switch (type.family) {
    case 'integer':
      return '[+-]?[0-9]+';
    case 'decimal':
      return `[+-]?[0-9]*(?:[.][0-9]{0,${type.precision === undefined ? 12 : (type.scale ?? 0)}}0*)?`;
    case 'float':
      return '\\S+';
    case 'date':
      return '[0-9]+-[0-9]{1,2}-[0-9]{1,2}';
    default:
      return null;
  }
}

function typeName(type: ColumnType): string {
  switch (type.family) {
    case 'integer':
      return { 1: 'TINYINT', 2: 'SMALLINT', 4: 'INT', 8: 'BIGINT' }[type.bytes ?? 8] ?? 'DECIMAL(38,0)';
    case 'decimal':
      return type.precision === undefined || type.precision > 38
        ? 'DECIMAL(38,12)'
        : `DECIMAL(${type.precision},${type.scale ?? 0})`;
    case 'float':
      return type.bytes === 4 ? 'FLOAT' : 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'timestamp':
    case 'timestamptz':
      return 'TIMESTAMP';
    default:
      return 'STRING';
  }
}

const JAVA_PARTS: Readonly<Record<string, string>> = {
  Y: 'yyyy',
  y: 'yy',
  m: 'MM',
  d: 'dd',
  H: 'HH',
  I: 'hh',
  M: 'mm',
  S: 'ss',
  f: 'SSSSSS',
  p: 'a',
  b: 'MMM',
  B: 'MMMM',
  j: 'DDD',
  z: 'xx',
  '%': '%',
};

/** A strptime format as Java's. Throws `CannotCheck` for directives that have no counterpart. */
function javaFormat(format: string): string {
  return format.replace(
    /%(.)|([A-Za-z']+)/gs,
    (_, directive: string | undefined, words: string | undefined) => {
      if (directive === undefined) return `'${words?.replaceAll("'", "''")}'`;
      const part = JAVA_PARTS[directive];
      if (part === undefined)
        throw new CannotCheck(
          `Spark has no counterpart of %${directive} in a time format; it has ${Object.keys(JAVA_PARTS).join(', ')}`,
        );
      return part;
    },
  );
}
