import { columnType, sparkType } from '../../core/column-type.ts';
import { type SparkInput, type SparkStatement, sparkName } from '../../core/spark-plan.ts';
import { parseColumnType } from '../../expectations/column-type.ts';
import type { Source, SourceColumn } from '../../expectations/sql/schema.ts';
import { sparkDialect } from '../../expectations/sql/spark.ts';
import type { CheckBatch } from '../../ports/checks.ts';

/** A batch as Spark reads it: the views to define, and the source that queries name. */
export interface SparkTable {
  readonly input: SparkInput;
  readonly statements: readonly SparkStatement[];
  readonly source: Source;
}

/** What DuckDB says of a column of a Parquet file that Spark wrote, where it is not Spark's own word. */
const PARQUET_TYPES: Readonly<Record<string, string>> = {
  INT: 'INTEGER',
  STRING: 'VARCHAR',
  TIMESTAMP: 'TIMESTAMP WITH TIME ZONE',
};
const PLAIN_TEXT = ['text', 'json', 'binary', 'other'];

/**
 * Makes a batch readable under the name of a view. A CSV row with too many or too few fields makes every query over it fail.
 * Both engines see the same types: in CSV those of the contract, in Parquet those of the files.
 */
export function sparkTable(view: string, batch: CheckBatch, masked: ReadonlySet<string>): SparkTable {
  const names = batch.columns.map(({ name }) => name);
  const source = {
    relation: sparkName(view),
    columns: batch.columns.map(({ name, type }) => sourceColumn(name, type, batch.format, masked.has(name))),
  };
  if (batch.format === 'parquet') {
    const schema = batch.columns
      .map(({ name, type }) => `${sparkName(name)} ${sparkType(columnType(type))}`)
      .join(', ');
    return { input: { view, format: 'parquet', paths: batch.files, schema }, statements: [], source };
  }
  const input: SparkInput = { view: `${view}_lines`, format: 'csv', paths: batch.files, columns: names };
  const broken = sparkDialect.string('a row has too many or too few fields');
  // Spark refuses a query that reads nothing but `_corrupt_record`; no text is shorter than 0.
  const isBroken = `_corrupt_record IS NOT NULL OR length(${sparkName(names[0] ?? '')}) < 0`;
  const sql =
    `SELECT ${names.map(sparkName).join(', ')} FROM ${sparkName(input.view)} ` +
    `WHERE CASE WHEN ${isBroken} THEN CAST(raise_error(${broken}) AS BOOLEAN) ELSE true END`;
  return { input, statements: [{ view, sql }], source };
}

function sourceColumn(
  name: string,
  type: string,
  format: CheckBatch['format'],
  isMasked: boolean,
): SourceColumn {
  if (format === 'csv') {
    const parsed = parseColumnType(type);
    return { name, type: parsed, isText: !PLAIN_TEXT.includes(parsed.family), isMasked };
  }
  const inSpark = sparkType(columnType(type));
  return { name, type: parseColumnType(PARQUET_TYPES[inSpark] ?? inSpark), isText: false, isMasked };
}
