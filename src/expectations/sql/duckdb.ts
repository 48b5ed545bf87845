import { CannotCheck } from '../cannot-check.ts';
import type { ColumnType } from '../column-type.ts';
import type { Dialect } from './dialect.ts';

/** DuckDB's spelling. Text with a zero byte has no literal in DuckDB and is refused. */
export const duckdbDialect: Dialect = {
  name: 'duckdb',
  identifier: (name) => `"${refuseZeroByte(name).replaceAll('"', '""')}"`,
  string: quote,
  number: (value) => (Object.is(value, -0) ? '0' : String(value)),
  typed: (text, type) => `${typeName(type)} ${quote(text)}`,
  tryCast: (text, type) => {
    const cast = `try_cast(${text} as ${typeName(type)})`;
    const form = strictForm(type);
    if (form === null) return cast;
    return `case when cast(${cast} as varchar) = ${text} or regexp_full_match(${text}, ${quote(form)}) then ${cast} end`;
  },
  text: (value) => `cast(${value} as varchar)`,
  toText: (value, type) => (type.family === 'binary' ? `hex(${value})` : `cast(${value} as varchar)`),
  toDouble: (value) => `cast(${value} as double)`,
  isNaN: (value) => `isnan(${value})`,
  filtered: (aggregate, condition) =>
    condition === null ? aggregate : `${aggregate} filter (where ${condition})`,
  // Not count(*) FILTER, which costs a slice of all columns for each aggregate.
  countIf: (condition) => (condition === null ? 'count(*)' : `coalesce(count_if(${condition}), 0)`),
  countDistinct: (values, condition) => {
    const subject = values.length === 1 ? values[0]! : `row(${values.join(', ')})`;
    return duckdbDialect.filtered(`count(distinct ${subject})`, condition);
  },
  // Rows travel through the aggregate as they are and become text after it: casts of rows that are not kept are dear.
  firstRows: (items, order, limit, condition) => {
    const row = `row(${items.map(({ sql }) => sql).join(', ')})`;
    const kept = `arg_min(${row}, row(${order.join(', ')}), ${limit}) filter (where ${condition})`;
    const texts = items.map(({ type }, index) => duckdbDialect.toText(`kept[${index + 1}]`, type));
    return `list_transform(${kept}, lambda kept: [${texts.join(', ')}])`;
  },
  matchesRegex: (text, pattern) => `regexp_matches(${text}, ${quote(pattern)})`,
  matchesLike: (text, pattern, escapeCharacter) =>
    `${text} like ${quote(pattern)}${escapeCharacter === null ? '' : ` escape ${quote(escapeCharacter)}`}`,
  length: (text) => `length(${text})`,
  stdev: (value) => `stddev_samp(${value})`,
  quantile: (value, at) => `quantile_cont(${value}, ${at})`,
  nthSmallest: (value, position, count) =>
    `quantile_disc(${value}, ${count === 0 ? 0.5 : (position + 0.5) / count})`,
  epochMs: (value) => `epoch_ms(${value})`,
  judged: (judge, text) => `tidemark_judge(${judge}, ${text})`,
  isJson: (text) => `json_valid(${text})`,
  tryParseTime: (text, format) => `try_strptime(${text}, ${quote(format)})`,
  firstOf: (relation, rowCount) => `(select * from ${relation} limit ${rowCount})`,
  rowNumber: () => '(row_number() over () - 1)',
  previous: (value) => `lag(${value}) over ()`,
};

/**
 * How a text has to look to be a value of the type, where DuckDB's own cast takes more (2.5 for an integer, which it
 * rounds; 1 BC for a date, whose era it drops). Texts in DuckDB's own form need no look.
 */
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

function quote(value: string): string {
  return `'${refuseZeroByte(value).replaceAll("'", "''")}'`;
}

function refuseZeroByte(text: string): string {
  if (text.includes('\0')) throw new CannotCheck('a name or a value with a zero byte cannot be used in SQL');
  return text;
}

/** Unbounded numerics get 38 digits, 12 of them after the point, which is the widest exact type that DuckDB has. */
function typeName(type: ColumnType): string {
  switch (type.family) {
    case 'integer':
      return { 1: 'TINYINT', 2: 'SMALLINT', 4: 'INTEGER', 8: 'BIGINT' }[type.bytes ?? 8] ?? 'HUGEINT';
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
      return 'TIMESTAMP';
    case 'timestamptz':
      return 'TIMESTAMPTZ';
    case 'time':
      return 'TIME';
    case 'uuid':
      return 'UUID';
    default:
      return 'VARCHAR';
  }
}
