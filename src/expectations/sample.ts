import type { Answer, Cell, Request } from './check.ts';
import { parseColumnType } from './column-type.ts';
import { column, query, type Scope, scan } from './context.ts';
import { evidenceLimit } from './evidence-format.ts';
import { MASK } from './result-value.ts';
import type { ColumnRef } from './sql/column-ref.ts';
import type { TypedSql } from './sql/dialect.ts';

const POSITION = parseColumnType('bigint');
/** So many times the rows that hold a sample on average: where rows lie by chance, hardly a sample needs more. */
const CERTAINTY = 2;

/** Rows, each a list of texts. */
export type SampledRows = readonly (readonly Cell[])[];

/** An item of a sampled row. */
interface SampledItem extends TypedSql {
  readonly isMasked?: boolean;
}

/** How the evidence of a check is collected: which columns, in which order, how many rows. */
export interface Sample {
  readonly items: readonly SampledItem[];
  readonly order: readonly string[];
  readonly limit: number;
  /** Columns, of those that exist, that identify a row; when there are none, its position is the last item. */
  readonly index: readonly ColumnRef[];
}

/** The sample that the evidence format asks for. */
export function planSample(scope: Scope, shown: readonly ColumnRef[]): Sample {
  const limit = evidenceLimit(scope.session.evidence);
  if (limit === 0) return { items: [], order: [], limit, index: [] };
  const names = scope.source.columns.map((candidate) => candidate.name);
  const known = scope.session.evidence.indexColumns.filter((name) => names.includes(name));
  const index = known.map((name) => column(scope, name));
  const items = [...shown, ...index].map(({ stored, isMasked }) => ({ ...stored, isMasked }));
  if (index.length > 0) {
    const order = [...index.map((item) => item.value), ...items.map((item) => item.sql)];
    return { items, order: [...new Set(order)], limit, index };
  }
  return { items: [...items, { sql: 'b.rn', type: POSITION }], order: ['b.rn'], limit, index };
}

/**
 * The rows that fulfil the condition, of which there are `count` among so many rows: where the data's order is asked for, by a reading that
 * ends early, else by a scan or, where the engine keeps no list while it scans, a query.
 */
export function* fetchSample(
  scope: Scope,
  sample: Sample,
  condition: string,
  { count, among }: { readonly count: number; readonly among: number },
): Generator<Request, SampledRows, Answer> {
  if (sample.limit === 0 || count === 0) return [];
  const aggregate = sampleAggregate(scope, sample, condition);
  const isScanned = aggregate.length > 0;
  // A join keeps no order.
  if (isScanned && isInDataOrder(sample) && scope.use.joins.size === 0) {
    const items = sample.items.map((item) => shownText(scope, item));
    const limit = Math.min(sample.limit, count);
    const reach = count > limit ? Math.ceil((CERTAINTY * limit * among) / count) : null;
    const answer = yield { kind: 'sample', of: scope, condition, items, limit, reach };
    return answer.rows;
  }
  const [collected] = isScanned ? yield* scan(scope, aggregate, condition) : [];
  return yield* collectSample(scope, sample, collected, count, (from) => `from ${from} where ${condition}`);
}

function isInDataOrder(sample: Sample): boolean {
  return sample.index.length === 0;
}

function usePosition(scope: Scope, sample: Sample): void {
  if (isInDataOrder(sample)) scope.use.needsRowNumber = true;
}

/** The aggregate that collects the sample on the way, as a list; nothing when there is none or the engine cannot. */
export function sampleAggregate(scope: Scope, sample: Sample, condition: string): string[] {
  if (sample.limit === 0) return [];
  usePosition(scope, sample);
  const aggregate = scope.dialect.firstRows(sample.items, sample.order, sample.limit, condition);
  return aggregate === null ? [] : [aggregate];
}

/**
 * The sampled rows: those that came with the aggregate, else those of one more query, which is asked only when there are
 * some. `body` is its FROM and WHERE over the scope.
 */
export function* collectSample(
  scope: Scope,
  sample: Sample,
  collected: Cell | undefined,
  count: number,
  body: (from: string) => string,
): Generator<Request, SampledRows, Answer> {
  if (sample.limit === 0 || count === 0) return [];
  if (Array.isArray(collected)) return collected as SampledRows;
  usePosition(scope, sample);
  const texts = sample.items.map((item, index) => `${shownText(scope, item)} as t${index}`);
  return yield* query(
    scope,
    (from) =>
      `select ${texts.join(', ')} ${body(from)} order by ${sample.order.map((sql) => `${sql} nulls last`).join(', ')} limit ${sample.limit}`,
  );
}

/** Text of an item; what is masked does not leave the engine at all. */
function shownText({ dialect }: Scope, { sql, type, isMasked }: SampledItem): string {
  return isMasked
    ? `case when ${sql} is not null then ${dialect.string(MASK)} end`
    : dialect.toText(sql, type);
}
