/** A node of a statement as DuckDB's parser writes it in JSON. */
type Node = Readonly<Record<string, unknown>>;

/**
 * Those of a query's columns that are columns of its tables under their own names; none where the query reads anything but
 * tables (a subquery, a common table expression, a union), in which any name can come to stand for any column.
 */
export function columnsUnderOwnNames(statement: unknown, columns: readonly string[]): string[] {
  const select = nodeOf((statement as Node).node);
  const tables = tablesOf(nodeOf(select.from_table));
  const isPlain = select.type === 'SELECT_NODE' && listOf(nodeOf(select.cte_map).map).length === 0;
  if (!isPlain || tables === null) return [];
  const items = listOf(select.select_list);
  if (items.some(canNameAnything)) return [];
  const renamed = new Set(items.flatMap((item) => newNames(item, tables)).map(lower));
  const isStarred = items.some((item) => item.type === 'STAR');
  const referred = new Set(items.map(lastName).map(lower));
  return columns.filter((name) => !renamed.has(lower(name)) && (isStarred || referred.has(lower(name))));
}

/** Names and aliases of what a FROM clause reads; null unless all are tables with their columns as they are. */
function tablesOf(from: Node): string[] | null {
  if (from.type === 'BASE_TABLE' && listOf(from.column_name_alias).length === 0)
    return [lower(from.table_name), lower(from.alias)];
  if (from.type !== 'JOIN') return null;
  const [left, right] = [tablesOf(nodeOf(from.left)), tablesOf(nodeOf(from.right))];
  return left === null || right === null ? null : [...left, ...right];
}

/** Expressions that give several columns, with names of their choice: `COLUMNS(...)` and the unnesting of a struct. */
function canNameAnything(item: Node): boolean {
  if (item.type === 'STAR') return item.columns === true || item.expr !== null;
  return /"type":"STAR"|"function_name":"unnest"/i.test(JSON.stringify(item));
}

/** The names that an item of the select list gives to something else than the column of that name. */
function newNames(item: Node, tables: readonly string[]): string[] {
  if (item.type === 'STAR') {
    const replaced = listOf(item.replace_list).map(({ key }) => String(key));
    return [...replaced, ...listOf(item.rename_list).map(({ value }) => String(value))];
  }
  const alias = String(item.alias ?? '');
  if (item.class !== 'COLUMN_REF') return [alias];
  const path = namesOf(item);
  const isColumn = path.length === 1 || (path.length === 2 && tables.includes(lower(path[0])));
  const name = lastName(item);
  if (!isColumn) return [alias || name];
  return alias === '' || lower(alias) === lower(name) ? [] : [alias];
}

function namesOf(item: Node): string[] {
  return Array.isArray(item.column_names) ? item.column_names.map(String) : [];
}

function lastName(item: Node): string {
  return namesOf(item).at(-1) ?? '';
}

function nodeOf(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {};
}

function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? (value as readonly Node[]) : [];
}

function lower(value: unknown): string {
  return String(value).toLowerCase();
}
