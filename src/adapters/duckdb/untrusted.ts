import type { DuckDBConnection } from '@duckdb/node-api';
import type { Answer } from '../../expectations/check.ts';
import { QueryRefused } from '../../expectations/run-checks.ts';
import { duckdbDialect } from '../../expectations/sql/duckdb.ts';
import { EngineError } from './engine-error.ts';
import { columnsUnderOwnNames } from './own-columns.ts';
import { runQuery } from './query.ts';

/** Sources of rows that a suite's own SQL may use beside the run's tables. */
const TABLE_FUNCTIONS = new Set(['unnest', 'range', 'generate_series']);
/** References that read rows in a way that cannot reach beyond the query. */
const REFERENCES = new Set(['EMPTY', 'JOIN', 'SUBQUERY', 'EXPRESSION_LIST']);
/** Functions that look at the engine, wait, or change something. */
const REFUSED_FUNCTIONS = new Set([
  'current_connection_id',
  'current_query',
  'current_query_id',
  'current_setting',
  'current_transaction_id',
  'currval',
  'getenv',
  'getvariable',
  'nextval',
  'setseed',
  'sleep_ms',
  'stats',
  'tidemark_judge',
  'which_secret',
  'write_log',
]);

/**
 * Runs a SELECT that a suite brought itself: it may read the named tables and nothing else, and is stopped after
 * `timeoutMs`. The first row of the answer is the number of rows that it finds; at most `limit` rows follow, as text.
 * Everything that goes wrong is the query's own fault and throws `QueryRefused`.
 */
export async function runUntrusted(
  connection: DuckDBConnection,
  sql: string,
  tables: readonly string[],
  limit: number,
  timeoutMs: number,
): Promise<Answer> {
  const text = sql.replace(/[;\s]+$/, '');
  if (text.includes('\0')) throw new QueryRefused('the query has a zero byte');
  const statement = await readStatement(connection, text);
  refuseNode(statement, new Set(tables.map((name) => name.toLowerCase())));
  const timer = setTimeout(() => connection.interrupt(), timeoutMs);
  try {
    const counted = await runQuery(connection, `select count(*) from (\n${text}\n) q`);
    const isEmpty = counted.rows[0]?.[0] === '0';
    if (isEmpty) return counted;
    const found = await runQuery(
      connection,
      `select cast(columns(*) as varchar) from (\n${text}\n) q limit ${limit}`,
    );
    const columns = found.columns ?? [];
    return {
      columns,
      ownColumns: columnsUnderOwnNames(statement, columns),
      rows: [...counted.rows, ...found.rows],
    };
  } catch (error) {
    if (error instanceof EngineError) throw new QueryRefused(explain(error, timeoutMs));
    if (error instanceof QueryRefused) throw withoutValues(error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function explain(error: EngineError, timeoutMs: number): string {
  return error.failure === 'stopped' ? `stopped after ${timeoutMs} ms` : error.message;
}

/** The engine's words on the query itself say nothing of the data; what it says of a value can quote it in any form. */
function withoutValues(error: QueryRefused): QueryRefused {
  if (/^(?:Binder|Catalog|Parser|Syntax) Error/.test(error.message)) return error;
  const kind = /^[\w ]+ Error/.exec(error.message)?.[0] ?? 'an error';
  return new QueryRefused(
    `${kind} on a value of the data, which is not shown; try_cast and try() give NULL for such values`,
  );
}

/** The one statement as DuckDB's own parser reads it. Throws `QueryRefused` where it is none. */
async function readStatement(connection: DuckDBConnection, sql: string): Promise<unknown> {
  const { rows } = await runQuery(connection, `select json_serialize_sql(${duckdbDialect.string(sql)})`);
  const tree = JSON.parse(String(rows[0]?.[0])) as Record<string, unknown>;
  if (tree.error === true) throw new QueryRefused(String(tree.error_message));
  const statements = tree.statements;
  if (!Array.isArray(statements) || statements.length !== 1) {
    throw new QueryRefused('the query has to be exactly one SELECT');
  }
  return statements[0];
}

/** Refuses all that is not a SELECT over the tables. */
function refuseNode(node: unknown, tables: ReadonlySet<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) refuseNode(item, tables);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const record = node as Record<string, unknown>;
  const known = new Set([...tables, ...cteNames(record)]);
  if (record.type === 'BASE_TABLE') refuseTable(record, known);
  else if (record.type === 'TABLE_FUNCTION') refuseTableFunction(record);
  else if ('from_table' in record) refuseReference(record.from_table);
  if (record.class === 'FUNCTION' && REFUSED_FUNCTIONS.has(String(record.function_name).toLowerCase())) {
    throw new QueryRefused(`the function ${String(record.function_name)} is not available to suites`);
  }
  for (const value of Object.values(record)) refuseNode(value, known);
}

function cteNames(record: Record<string, unknown>): string[] {
  const map = (record.cte_map as { map?: unknown } | undefined)?.map;
  const names = Array.isArray(map) ? map.map((entry) => String((entry as { key?: unknown }).key)) : [];
  if (record.type === 'RECURSIVE_CTE_NODE') names.push(String(record.cte_name));
  return names.map((name) => name.toLowerCase());
}

function refuseTable(record: Record<string, unknown>, known: ReadonlySet<string>): void {
  const name = String(record.table_name);
  const isQualified = Boolean(record.schema_name) || Boolean(record.catalog_name);
  if (!isQualified && known.has(name.toLowerCase())) return;
  throw new QueryRefused(`the table ${JSON.stringify(name)} is not part of this run`);
}

function refuseTableFunction(record: Record<string, unknown>): void {
  const name = String((record.function as { function_name?: unknown } | undefined)?.function_name);
  if (!TABLE_FUNCTIONS.has(name.toLowerCase())) {
    throw new QueryRefused(`the table function ${name} is not available to suites`);
  }
}

function refuseReference(reference: unknown): void {
  const type = String((reference as { type?: unknown } | null)?.type);
  if (!REFERENCES.has(type) && type !== 'BASE_TABLE' && type !== 'TABLE_FUNCTION') {
    throw new QueryRefused(`${type} is not available to suites`);
  }
}
