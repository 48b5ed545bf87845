import { engineName, requireWritable } from '../catalog.ts';
import { type ColumnInfo, fitColumn } from '../column-info.ts';
import { RedshiftError, syntaxError, unsupported } from '../errors.ts';
import { scopeFor, translate } from '../relations.ts';
import { claimTable, type Session, type StatementOutcome } from '../session.ts';
import { type Cursor, displayName, type QualifiedName } from '../sql/cursor.ts';
import { columnNames } from '../sql/query.ts';
import { expressionSql } from '../sql/rewriter.ts';
import { quoteName } from '../sql/tokens.ts';
import { describeNode, isWord, type Node, splitCommas } from '../sql/tree.ts';
import { describeQuery } from './describe-query.ts';

/** INSERT INTO table [(columns)] query | VALUES | DEFAULT VALUES; the cursor stands behind INSERT. */
export async function insert(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  cursor.expect('into');
  const name = cursor.qualifiedName();
  await claimTable(session, name);
  const columns = await requireWritable(session, name);
  if (cursor.take('default', 'values')) {
    cursor.expectEnd();
    const result = await session.connection.run(`INSERT INTO ${engineName(session, name)} DEFAULT VALUES`);
    return { affected: result.rowsChanged };
  }
  const first = cursor.peek();
  const hasList = first?.kind === 'group' && !isWord(first.items[0], 'select', 'with', 'values');
  const listed = hasList ? columnNames(cursor.expectGroup().items) : undefined;
  const query = cursor.rest();
  refuseDefaults(query);
  const targets = listed === undefined ? undefined : listed.map((one) => findColumn(columns, one, name));
  const sql = isWord(query[0], 'values')
    ? await valuesSql(session, query, targets ?? columns)
    : await translate(session, query);
  return insertQuery(session, name, columns, targets, sql);
}

/** VALUES whose every value is of its column's type: a literal in quotes fits any, whatever the other rows hold. */
async function valuesSql(
  session: Session,
  query: readonly Node[],
  targets: readonly ColumnInfo[],
): Promise<string> {
  const scope = await scopeFor(session, query);
  const rows = splitCommas(query.slice(1)).map(([row, ...more]) => {
    if (row?.kind !== 'group' || more.length > 0) throw syntaxError(describeNode(more[0] ?? row));
    const values = splitCommas(row.items).map((nodes, index) => {
      const value = expressionSql(nodes, scope);
      const target = targets[index];
      return target === undefined ? value : `CAST(${value} AS ${target.type})`;
    });
    return `(${values.join(', ')})`;
  });
  return `VALUES ${rows.join(', ')}`;
}

/** Inserts the rows of a translated query, checking string lengths on the way. */
export async function insertQuery(
  session: Session,
  name: QualifiedName,
  columns: readonly ColumnInfo[],
  listed: readonly ColumnInfo[] | undefined,
  sql: string,
): Promise<StatementOutcome> {
  const given = await describeQuery(session, sql);
  if (given.length > (listed ?? columns).length) {
    throw new RedshiftError('INSERT has more expressions than target columns');
  }
  if (listed !== undefined && given.length < listed.length) {
    throw new RedshiftError('INSERT has more target columns than expressions');
  }
  const targets = listed ?? columns.slice(0, given.length);
  const identity = targets.find((column) => column.identity === 'always');
  if (identity !== undefined) throw new RedshiftError('cannot set an identity column to a value');
  const names = targets.map((column) => quoteName(column.name)).join(', ');
  const values = targets.map((column) => fitColumn(quoteName(column.name), column)).join(', ');
  const result = await session.connection.run(
    `INSERT INTO ${engineName(session, name)} (${names}) SELECT ${values} FROM (${sql}) AS source(${names})`,
  );
  return { affected: result.rowsChanged };
}

/** The column of that name, or Redshift's error. */
export function findColumn(columns: readonly ColumnInfo[], column: string, table: QualifiedName): ColumnInfo {
  const found = columns.find((one) => one.name === column);
  if (found === undefined) {
    throw new RedshiftError(`column "${column}" of relation "${displayName(table)}" does not exist`);
  }
  return found;
}

function refuseDefaults(query: readonly Node[]): void {
  if (!isWord(query[0], 'values')) return;
  const hasDefault = query.some(
    (node) => node.kind === 'group' && node.items.some((item) => isWord(item, 'default')),
  );
  if (hasDefault) throw unsupported('DEFAULT inside VALUES; leave the column out of the list');
}
