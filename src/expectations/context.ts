import { CannotCheck } from './cannot-check.ts';
import type { Answer, Cell, QueryRequest, RelationScope, Request, ScanRequest } from './check.ts';
import type { EvidenceFormat } from './evidence-format.ts';
import type { ColumnRef } from './sql/column-ref.ts';
import { columnRef } from './sql/column-ref.ts';
import { refuseUnlike } from './sql/compare-columns.ts';
import type { Dialect } from './sql/dialect.ts';
import { emptyUse, fromClause } from './sql/relation.ts';
import type { Source } from './sql/schema.ts';
import { didYouMean } from './suggest.ts';

/** Everything that the checks of one run share. */
export interface Session {
  readonly dialect: Dialect;
  readonly batch: Source;
  /** The other tables that the suite names. */
  readonly tables: ReadonlyMap<string, Source>;
  /** Tables that cannot be read, and why. */
  readonly brokenTables: ReadonlyMap<string, string>;
  /** All tables that a suite could name, for suggestions. */
  readonly tableNames: readonly string[];
  readonly evidence: EvidenceFormat;
  /** Results of earlier runs, newest last: row counts by run. */
  readonly rowCountHistory: readonly number[];
  /** The instant that freshness is measured against, ISO-8601 UTC. */
  readonly now: string;
  /** Functions of ours that the engine calls for single values. */
  readonly judges: ((text: string) => boolean)[];
  /** Aliases of the key sets that are joined to a scan, by what is joined. */
  readonly joins: Map<string, string>;
}

/** One check's view of a source: resolves columns, remembers which are used, and forms requests. */
export interface Scope extends RelationScope {
  readonly session: Session;
  readonly source: Source;
  readonly dialect: Dialect;
}

/** A scope over the batch, or over another table of the run. Throws `CannotCheck` for a table that is not there. */
export function openScope(session: Session, table: string | null = null): Scope {
  const source = table === null ? session.batch : session.tables.get(table);
  if (source === undefined) {
    const broken = session.brokenTables.get(table ?? '');
    if (broken !== undefined) throw new CannotCheck(`table "${table}" cannot be read: ${broken}`);
    const hint = didYouMean(table ?? '', session.tableNames);
    throw new CannotCheck(`table "${table}" is not part of this run${hint}`);
  }
  return { session, source, table, use: emptyUse(), dialect: session.dialect };
}

/** The column of the scope's source with this name. Throws `CannotCheck` when it does not exist. */
export function column(scope: Scope, name: string): ColumnRef {
  const index = scope.source.columns.findIndex((candidate) => candidate.name === name);
  if (index < 0) {
    const names = scope.source.columns.map((candidate) => candidate.name);
    const hint = didYouMean(name, names) || (names.length === 1 ? `; the only one is "${names[0]}"` : '');
    throw new CannotCheck(`The column "${name}" in BatchData does not exist${hint}`);
  }
  scope.use.columns.add(index);
  return columnRef(scope.source.columns[index]!, index, scope.dialect);
}

/** Asks for aggregates over the scope; the answer has one cell for each. `where` says which rows they look at, if few. */
export function* scan(
  scope: Scope,
  select: readonly string[],
  where?: string,
): Generator<Request, readonly Cell[], Answer> {
  const request: ScanRequest = { kind: 'scan', of: scope, select, ...(where === undefined ? {} : { where }) };
  const answer = yield request;
  return answer.rows[0] ?? [];
}

/** Asks for the rows of a query over the scope. */
export function* query(
  scope: Scope,
  sql: (from: string) => string,
): Generator<Request, readonly (readonly Cell[])[], Answer> {
  const request: QueryRequest = { kind: 'query', of: scope, sql };
  const answer = yield request;
  return answer.rows;
}

/**
 * Joins the set of keys of another table to the scope and gives the condition that a row's key is among them. Rows are
 * never multiplied. Both lists have the same length.
 */
export function joinKeySet(
  scope: Scope,
  keys: readonly ColumnRef[],
  other: Scope,
  otherNames: readonly string[],
): string {
  const { joins } = scope.session;
  const otherKeys = otherNames.map((name) => column(other, name));
  for (const [index, key] of keys.entries()) refuseUnlike(key, otherKeys[index]!);
  const selected = otherKeys.map((key, index) => `${key.value} as k${index}`).join(', ');
  const present = otherKeys.map((key) => `${key.value} is not null`).join(' and ');
  const from = fromClause(other.source, other.use, other.dialect);
  const set = `(select distinct ${selected}, true as hit from ${from} where ${present})`;
  const wanted = keys.map((key) => key.value).join(',');
  const alias = joins.get(`${set} ${wanted}`) ?? `j${joins.size}`;
  joins.set(`${set} ${wanted}`, alias);
  const on = keys.map((key, index) => `${alias}.k${index} = ${key.value}`).join(' and ');
  scope.use.joins.add(`${set} ${alias} on ${on}`);
  return `${alias}.hit is not null`;
}

/** Text of a cell that must not be a list. */
export function textOf(cell: Cell | undefined): string | null {
  if (cell === undefined || cell === null) return null;
  if (typeof cell !== 'string') throw new Error('a list where a scalar was asked for');
  return cell;
}

/** A count of an answer; 0 for NULL. */
export function countOf(cell: Cell | undefined): number {
  return Number(textOf(cell) ?? '0');
}
