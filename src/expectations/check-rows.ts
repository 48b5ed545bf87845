import type { Cell, Check } from './check.ts';
import { parseColumnType } from './column-type.ts';
import { column, countOf, type Scope, scan } from './context.ts';
import { evidenceLimit } from './evidence-format.ts';
import { type RowTally, rowOutcome } from './row-outcome.ts';
import type { ColumnRef } from './sql/column-ref.ts';

const POSITION = parseColumnType('bigint');

/** A condition that every judged row of a batch has to fulfil. */
export interface RowRule {
  /** Rows that the check is about at all, from `row_condition`; null for all. */
  readonly domain: string | null;
  /** Condition that a row is left out because of missing values; null when none is. */
  readonly isMissing: string | null;
  /** Condition that a good row fulfils. NULL counts as not fulfilled. */
  readonly expected: string;
  readonly mostly: number;
  readonly shape: RowTally['shape'];
  readonly shown: readonly ColumnRef[];
}

/** Judges each row by the rule, in the shared scan; evidence comes with it. */
export function* checkRows(scope: Scope, rule: RowRule): Check {
  const unexpected = allOf(rule.domain, not(rule.isMissing), `not coalesce(${rule.expected}, false)`)!;
  const sample = sampleRows(scope, rule.shown, unexpected);
  const answer = yield* scan(scope, [
    scope.dialect.filtered('count(*)', rule.domain),
    ...(rule.isMissing === null
      ? []
      : [scope.dialect.filtered('count(*)', allOf(rule.domain, rule.isMissing))]),
    scope.dialect.filtered('count(*)', unexpected),
    ...sample.select,
  ]);
  const cells = [...answer];
  const elementCount = countOf(cells.shift());
  const missingCount = rule.isMissing === null ? null : countOf(cells.shift());
  const unexpectedCount = countOf(cells.shift());
  const evidence = sampledRows(cells[0]);
  return rowOutcome(
    { ...rule, elementCount, missingCount, unexpectedCount, index: sample.index, evidence },
    scope.session.evidence,
  );
}

/** The aggregate that collects sample rows of a condition, and the columns, of those that exist, that identify them. */
export function sampleRows(
  scope: Scope,
  shown: readonly ColumnRef[],
  condition: string,
): { readonly select: readonly string[]; readonly index: readonly ColumnRef[] } {
  const limit = evidenceLimit(scope.session.evidence);
  if (limit === 0) return { select: [], index: [] };
  const names = scope.source.columns.map((candidate) => candidate.name);
  const known = scope.session.evidence.indexColumns.filter((name) => names.includes(name));
  const index = known.map((name) => column(scope, name));
  const items = [...shown, ...index].map((item) => item.stored);
  if (index.length === 0) {
    scope.use.needsRowNumber = true;
    items.push({ sql: 'b.rn', type: POSITION });
  }
  const order = index.length === 0 ? ['b.rn'] : index.map((item) => item.value);
  return { select: [scope.dialect.firstRows(items, order, limit, condition)], index };
}

/** The rows of a sample cell; none for NULL. */
export function sampledRows(cell: Cell | undefined): readonly (readonly Cell[])[] {
  return Array.isArray(cell) ? (cell as readonly (readonly Cell[])[]) : [];
}

/** The conjunction of the conditions that are there; null for none. */
export function allOf(...conditions: readonly (string | null)[]): string | null {
  const present = conditions.filter((condition) => condition !== null);
  return present.length === 0 ? null : present.map((condition) => `(${condition})`).join(' and ');
}

/** The negation of a two-valued condition; null stays null. */
export function not(condition: string | null): string | null {
  return condition === null ? null : `not (${condition})`;
}
