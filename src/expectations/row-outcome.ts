import type { Cell, Outcome } from './check.ts';
import { textOf } from './context.ts';
import type { EvidenceFormat } from './evidence-format.ts';
import { shownValue } from './result-value.ts';
import type { ColumnRef } from './sql/column-ref.ts';
import type { ResultDetail, ResultValue, ValueCount } from './types.ts';

/** Rows that were judged one by one, and what became of them. */
export interface RowTally {
  readonly elementCount: number;
  /** Rows left out because a value is missing; null for checks that judge missing values themselves. */
  readonly missingCount: number | null;
  readonly unexpectedCount: number;
  readonly mostly: number;
  /** How an unexpected row is shown: its value, its two values as a list, or its columns as an object. */
  readonly shape: 'value' | 'pair' | 'record';
  readonly shown: readonly ColumnRef[];
  /** Columns that identify a row; empty when a row is identified by its position. */
  readonly index: readonly ColumnRef[];
  /** Sampled rows: texts of the shown columns, then of the index columns or the position. */
  readonly evidence: readonly (readonly Cell[])[];
}

/** The verdict on rows that were judged one by one, with the evidence that the format asks for. */
export function rowOutcome(tally: RowTally, format: EvidenceFormat): Outcome {
  const judged = tally.elementCount - (tally.missingCount ?? 0);
  const success = judged === 0 || (judged - tally.unexpectedCount) / judged >= tally.mostly;
  if (format.format === 'BOOLEAN_ONLY') return { success, result: {} };
  const values = tally.evidence.map((row) => shownRow(row, tally));
  const result: ResultDetail = {
    element_count: tally.elementCount,
    unexpected_count: tally.unexpectedCount,
    unexpected_percent: percent(tally.unexpectedCount, judged),
    partial_unexpected_list: values.slice(0, format.partialCount),
  };
  if (tally.index.length > 0) result.unexpected_index_column_names = tally.index.map((item) => item.name);
  if (tally.missingCount !== null) {
    result.missing_count = tally.missingCount;
    result.missing_percent = percent(tally.missingCount, tally.elementCount);
    result.unexpected_percent_total = percent(tally.unexpectedCount, tally.elementCount);
    result.unexpected_percent_nonmissing = percent(tally.unexpectedCount, judged);
  }
  if (format.format === 'BASIC') return { success, result };
  const positions = tally.evidence.map((row) => shownPosition(row, tally));
  result.partial_unexpected_counts = countValues(values, format.partialCount);
  result.partial_unexpected_index_list = positions.slice(0, format.partialCount);
  if (format.format === 'COMPLETE') {
    result.unexpected_list = values;
    result.unexpected_index_list = positions;
  }
  return { success, result };
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100;
}

function shownRow(row: readonly Cell[], tally: RowTally): unknown {
  const values = tally.shown.map((column, index) => shownValue(textOf(row[index]), column));
  if (tally.shape === 'value') return values[0] ?? null;
  if (tally.shape === 'pair') return values;
  return Object.fromEntries(tally.shown.map((column, index) => [column.name, values[index] ?? null]));
}

function shownPosition(row: readonly Cell[], tally: RowTally): unknown {
  const first = tally.shown.length;
  if (tally.index.length === 0) return Number(textOf(row[first]));
  const entries: [string, ResultValue][] = tally.index.map((column, index) => [
    column.name,
    shownValue(textOf(row[first + index]), column),
  ]);
  tally.shown.forEach((column, index) => {
    entries.push([column.name, shownValue(textOf(row[index]), column)]);
  });
  return Object.fromEntries(entries);
}

function countValues(values: readonly unknown[], limit: number): ValueCount[] {
  const counts = new Map<string, { value: unknown; count: number }>();
  for (const shown of values) {
    const value = isRecord(shown) ? Object.values(shown) : shown;
    const key = JSON.stringify(value);
    const found = counts.get(key);
    if (found === undefined) counts.set(key, { value, count: 1 });
    else found.count++;
  }
  const mostFirst = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, limit);
  return mostFirst.sort((a, b) => b.count - a.count || compareValues(a.value, b.value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Numbers before text, text by code units, lists item by item, missing values first. */
export function compareValues(left: unknown, right: unknown): number {
  if (Array.isArray(left) && Array.isArray(right)) {
    for (const [index, item] of left.entries()) {
      const order = compareValues(item, right[index]);
      if (order !== 0) return order;
    }
    return 0;
  }
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? -1 : 1;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left) < String(right) ? -1 : 1;
}
