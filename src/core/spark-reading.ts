import { type ColumnType, maxTextBytes, sparkType } from './column-type.ts';
import { sparkName, sparkText } from './spark-plan.ts';

/**
 * Spark SQL that reads the text which PostgreSQL prints as a value of the type. NULL for NULL, and for any text that
 * is not exactly such a value: Spark's own cast takes blanks, rounds decimals, drops the BC of a date and makes
 * 1e400 infinite. Text types give the text as it is.
 */
export function readPrinted(column: string, type: ColumnType): string {
  const text = sparkName(column);
  const value = `try_cast(${text} AS ${sparkType(type)})`;
  const when = (condition: string) => `CASE WHEN ${condition} THEN ${value} END`;
  switch (type.name) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return when(`CAST(${value} AS STRING) = ${text}`);
    // Years above 9999 print another way; PostgreSQL has no year 0. Not every reader of the lake knows either.
    case 'date':
    case 'timestamp':
      return when(`CAST(${value} AS STRING) = ${text} AND ${text} >= '0001'`);
    case 'timestamptz':
      return when(`concat(CAST(${value} AS STRING), '+00') = ${text} AND ${text} >= '0001'`);
    case 'boolean':
      return `CASE ${text} WHEN 't' THEN true WHEN 'f' THEN false END`;
    case 'numeric':
      return when(matches(text, `-?[0-9]+([.][0-9]{0,${type.scale}}0*)?`));
    case 'double':
    case 'real': {
      const isInRange = `abs(${value}) < CAST('Infinity' AS DOUBLE)`;
      const isNoUnderflow = `(${value} <> 0 OR ${matches(text, '-?[0.]+(e.*)?')})`;
      const isNumber = matches(text, '-?[0-9]+([.][0-9]+)?(e[+-]?[0-9]+)?');
      return when(
        `${text} IN ('NaN', 'Infinity', '-Infinity') OR (${isNumber} AND ${isInRange} AND ${isNoUnderflow})`,
      );
    }
    default:
      return text;
  }
}

/** A CASE branch that names a text which the warehouse's column cannot take; null for what always fits. */
export function tooLongBranch(column: string, type: ColumnType): string | null {
  const maxBytes = maxTextBytes(type);
  if (maxBytes === null) return null;
  const reason = sparkText(`${column}: longer than ${maxBytes} bytes, the most that the warehouse takes`);
  return `WHEN octet_length(${sparkName(column)}) > ${maxBytes} THEN ${reason}`;
}

/** `$` would match before a line feed at the end. */
function matches(text: string, form: string): string {
  return `${text} RLIKE ${sparkText(`^(?:${form})\\z`)}`;
}
