import { CancelledError, RedshiftError } from './errors.ts';

type Rule = readonly [pattern: RegExp, message: (match: RegExpExecArray) => string];

const widths: Record<string, string> = { INT16: '2', INT32: '4', INT64: '8' };
const typeNames: Record<string, string> = {
  INT16: 'smallint',
  INT32: 'integer',
  INT64: 'bigint',
  BOOL: 'boolean',
};

const rules: readonly Rule[] = [
  [
    /Could not convert string '([\s\S]*)' to (INT16|INT32|INT64|BOOL)/,
    ([, value, type]) =>
      `invalid input syntax for ${type === 'BOOL' ? 'type ' : ''}${typeNames[type ?? '']}: "${value}"`,
  ],
  [
    /Could not convert string "([\s\S]*)" to DECIMAL/,
    ([, value]) => `invalid input syntax for type numeric: "${value}"`,
  ],
  [
    /Could not convert string '([\s\S]*)' to (DOUBLE|FLOAT)/,
    ([, value]) => `invalid input syntax for type double precision: "${value}"`,
  ],
  [/invalid date field format: "([^"]*)"/i, ([, value]) => `invalid input syntax for type date: "${value}"`],
  [
    /invalid timestamp field format: "([^"]*)"/i,
    ([, value]) => `invalid input syntax for type timestamp: "${value}"`,
  ],
  [
    /(?:date|timestamp) field value out of range: "([^"]*)"/i,
    ([, value]) => `date/time field value out of range: "${value}"`,
  ],
  [
    /Could not cast value .* to DECIMAL|Casting .* to (?:type )?DECIMAL.* failed|Overflow in .*DECIMAL/,
    () => 'Numeric data overflow (result precision)',
  ],
  [
    /out of range for the destination type (INT16|INT32|INT64)/,
    ([, type]) => `Value out of range for ${widths[type ?? '']} bytes.`,
  ],
  [
    /Overflow in (addition|subtraction|multiplication|negation) of (INT16|INT32|INT64)/,
    ([, , type]) => `Value out of range for ${widths[type ?? '']} bytes.`,
  ],
  [/Out of Range Error/, () => 'Numeric data overflow (result precision)'],
  [
    /NOT NULL constraint failed: (?:.*\.)?"?([^."\s]+)"?/,
    ([, column]) => `Cannot insert a NULL value into column ${column}`,
  ],
  [/Referenced column "([^"]+)" not found/, ([, column]) => `column "${column}" does not exist`],
  [
    /Table "([^"]+)" does not have a column named "([^"]+)"/,
    ([, table, column]) => `column ${table}.${column} does not exist`,
  ],
  [
    /Values list "([^"]+)" does not have a column named "([^"]+)"/,
    ([, table, column]) => `column ${table}.${column} does not exist`,
  ],
  [/Referenced table "([^"]+)" not found/, ([, table]) => `missing FROM-clause entry for table "${table}"`],
  [
    /Ambiguous reference to column name "([^"]+)"/,
    ([, column]) => `column reference "${column}" is ambiguous`,
  ],
  [
    /column "([^"]+)" must appear in the GROUP BY clause/,
    ([, column]) =>
      `column "${column}" must appear in the GROUP BY clause or be used in an aggregate function`,
  ],
  [/Table with name "?([^"\s]+)"? does not exist/, ([, table]) => `relation "${table}" does not exist`],
  [
    /Set operations can only apply to expressions with the same number/,
    () => 'each UNION query must have the same number of columns',
  ],
  [
    /More than one row returned by a subquery/,
    () => 'more than one row returned by a subquery used as an expression',
  ],
  [/syntax error at or near "([^"]*)"/, ([, near]) => `syntax error at or near "${near}"`],
  [/syntax error at end of input/, () => 'syntax error at end of input'],
  [
    /No function matches the given name and argument types '([^']+)'/,
    ([, call]) => `function ${call} does not exist`,
  ],
  [
    /HTTP (?:Error|GET error|HEAD error)[\s\S]*?(?:HTTP )?(?:code )?(\d{3})/,
    ([, status]) => `S3ServiceException: the object could not be read, Status ${status}`,
  ],
  [/Invalid Input Error: ([\s\S]*)/, ([, message]) => message?.split('\n')[0] ?? ''],
];

const conflicts =
  /Conflict on (?:tuple deletion|update)|write-write conflict|Transaction conflict|has been altered|Failed to commit/i;

/** A failure in Redshift's words, without the leading `ERROR: `. Errors of the engine are recognised by their text. */
export function redshiftMessage(error: unknown, table: string): string {
  if (error instanceof RedshiftError) return error.message;
  if (isInterrupt(error)) return "Query cancelled on user's request";
  const text = error instanceof Error ? error.message : String(error);
  if (conflicts.test(text)) {
    return `1023 DETAIL: Serializable isolation violation on table - ${table}`;
  }
  for (const [pattern, message] of rules) {
    const match = pattern.exec(text);
    if (match !== null) return message(match);
  }
  return (text.split('\n')[0] ?? '').replace(/^[A-Z]\w*(?: \w+)? Error: /, '');
}

/** Whether the engine stopped because it was told to. */
export function isInterrupt(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error instanceof CancelledError || error.name === 'AbortError' || /^INTERRUPT Error/.test(error.message)
  );
}
