import type { DuckDBConnection } from '@duckdb/node-api';
import type { Cell } from '../../expectations/check.ts';
import { isNumeric, isTemporal } from '../../expectations/column-type.ts';
import { countOf, textOf } from '../../expectations/context.ts';
import { resultValue } from '../../expectations/result-value.ts';
import { compareValues } from '../../expectations/row-outcome.ts';
import { type ColumnRef, columnRef } from '../../expectations/sql/column-ref.ts';
import { duckdbDialect as sql } from '../../expectations/sql/duckdb.ts';
import { splitByHashTables } from '../../expectations/sql/hash-tables.ts';
import { emptyUse, fromClause } from '../../expectations/sql/relation.ts';
import type { Source } from '../../expectations/sql/schema.ts';
import {
  type ColumnProfile,
  MAX_SET_SIZE,
  type OrderedPair,
  type TableProfile,
} from '../../expectations/suggestion/profile.ts';
import { TEXT_PATTERNS } from '../../expectations/suggestion/text-patterns.ts';
import { openEngine } from './connection.ts';
import { runQuery } from './query.ts';
import { openSource } from './source.ts';
import type { RunSuiteOptions, TableFiles } from './types.ts';

/** Share of different values from which a column may be a key; the estimate is a few per cent off. */
const NEARLY_ALL = 0.8;
/** The estimate of few values is a few off. */
const FEW = 2 * MAX_SET_SIZE;

/** Counts what a suite can be suggested from, in two scans, or in a few where there are many columns. Throws `EngineError`, and `QueryRefused` for files that do not hang together. */
export async function profileTable(files: TableFiles, options: RunSuiteOptions): Promise<TableProfile> {
  const { signal } = options;
  const engine = await openEngine(files.files, options);
  const interrupt = () => engine.connection.interrupt();
  signal?.addEventListener('abort', interrupt);
  try {
    const source = await openSource(engine.connection, files, options.unmasked ?? false);
    const columns = source.columns.map((column, index) => columnRef(column, index, sql));
    const scan = (select: readonly string[]) => {
      signal?.throwIfAborted();
      return scanTable(engine.connection, source, select);
    };
    const first = await scan(['count(*)', ...columns.flatMap(firstFigures)]);
    const rowCount = countOf(first[0]);
    const counted = columns.map((column, index) => readFirst(column, first.slice(1 + index * WIDTH)));
    const dates = columns.filter(({ type }) => isTemporal(type) && type.family !== 'time');
    const pairs = dates.flatMap((earlier) =>
      dates
        .filter((later) => later !== earlier && later.type.family === earlier.type.family)
        .map((later) => ({ earlier, later })),
    );
    const figures = [
      ...columns.map((column, index) => exactFigures(column, counted[index]!, rowCount)),
      ...pairs.map(({ earlier, later }) => [
        sql.countIf(`${earlier.value} is not null and ${later.value} is not null`),
        sql.countIf(`${earlier.value} > ${later.value}`),
      ]),
    ];
    const second: Cell[] = [];
    for (const group of splitByHashTables(figures, (each) => each))
      second.push(...(await scan(group.flat())));
    return {
      rowCount,
      columns: counted.map((column, index) => withExact(column, columns[index]!, second.slice(2 * index))),
      pairs: pairs.map(({ earlier, later }, index): OrderedPair => {
        const [both, disordered] = second.slice(2 * (columns.length + index));
        return {
          earlier: earlier.name,
          later: later.name,
          bothCount: countOf(both),
          disorderedCount: countOf(disordered),
        };
      }),
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    await engine.close();
  }
}

async function scanTable(
  connection: DuckDBConnection,
  source: Source,
  select: readonly string[],
): Promise<readonly Cell[]> {
  const use = { ...emptyUse(), columns: new Set(source.columns.keys()) };
  const { rows } = await runQuery(
    connection,
    `select ${['0', ...select].join(', ')} from ${fromClause(source, use, sql)}`,
  );
  return (rows[0] ?? []).slice(1);
}

/** Figures of a column in the first scan: as many for each, whatever its type. */
const WIDTH = 7 + TEXT_PATTERNS.length;

function firstFigures({ type, value, text, isMissing, isUnreadable }: ColumnRef): string[] {
  const isOrdered = isNumeric(type) || isTemporal(type);
  const isText = type.family === 'text';
  return [
    sql.countIf(isMissing),
    sql.countIf(isUnreadable ?? 'false'),
    type.family === 'other' || type.family === 'binary' ? '0' : `approx_count_distinct(${value})`,
    isOrdered ? sql.text(`min(${value})`) : 'null',
    isOrdered ? sql.text(`max(${value})`) : 'null',
    isText ? `min(length(${text}))` : 'null',
    isText ? `max(length(${text}))` : 'null',
    ...TEXT_PATTERNS.map(({ regex }) => (isText ? sql.countIf(sql.matchesRegex(text, regex)) : '0')),
  ];
}

function readFirst({ name, type, isMasked }: ColumnRef, cells: readonly Cell[]): ColumnProfile {
  const numberOf = (cell: Cell | undefined) => (textOf(cell) === null ? null : Number(textOf(cell)));
  return {
    name,
    type,
    isMasked,
    missingCount: countOf(cells[0]),
    unreadableCount: countOf(cells[1]),
    distinctCount: countOf(cells[2]),
    values: null,
    min: textOf(cells[3]),
    max: textOf(cells[4]),
    minLength: numberOf(cells[5]),
    maxLength: numberOf(cells[6]),
    matches: Object.fromEntries(
      TEXT_PATTERNS.map(({ name: form }, index) => [form, countOf(cells[7 + index])]),
    ),
  };
}

/** The exact number of values where it may matter, and the values where they are few; else NULL. */
function exactFigures({ value, type }: ColumnRef, profile: ColumnProfile, rowCount: number): string[] {
  const isFew = profile.distinctCount > 0 && profile.distinctCount <= FEW;
  const mayBeKey = profile.missingCount === 0 && profile.distinctCount >= rowCount * NEARLY_ALL;
  return [
    isFew || mayBeKey ? `count(distinct ${value})` : 'null',
    isFew ? `list(distinct ${sql.toText(value, type)})` : 'null',
  ];
}

function withExact(
  profile: ColumnProfile,
  { type }: ColumnRef,
  [distinct, listed]: readonly Cell[],
): ColumnProfile {
  if (distinct === null || distinct === undefined) return profile;
  const distinctCount = countOf(distinct);
  const isListed = distinctCount <= MAX_SET_SIZE && Array.isArray(listed);
  const values = isListed
    ? (listed as readonly Cell[])
        .map(textOf)
        .filter((text) => text !== null)
        .map((text) => resultValue(text, type))
        .sort(compareValues)
    : null;
  return { ...profile, distinctCount, values };
}
