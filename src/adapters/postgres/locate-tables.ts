import { TidemarkError } from '../../core/errors.ts';
import type { Session } from './session.ts';
import { parseTableName, type TableName } from './table-name.ts';

/** A relation that exists, and what the role may do with it. */
export interface LocatedTable extends TableName {
  /** As the definition spells it. */
  readonly table: string;
  readonly oid: string;
  /** pg_class.relkind: r table, p partitioned, v view, m materialized view, f foreign table. */
  readonly relkind: string;
  /** May SELECT from the whole table, and so lock it. */
  readonly isReadable: boolean;
  /** May SELECT from some columns at least. */
  readonly hasReadableColumns: boolean;
  readonly schemaIsUsable: boolean;
  /** A row-level security policy would hide rows from the role. */
  readonly isFiltered: boolean;
}

/** Finds tables in the catalog, which needs no privilege on them. Absent ones are left out. */
export async function locateTables(session: Session, tables: readonly string[]): Promise<LocatedTable[]> {
  const names = tables.map(parseTableName);
  return session.query<LocatedTable>(
    `SELECT wanted."table", wanted.schema, wanted.name, c.oid::text, c.relkind::text,
            has_table_privilege(c.oid, 'SELECT') AS "isReadable",
            has_any_column_privilege(c.oid, 'SELECT') AS "hasReadableColumns",
            has_schema_privilege(n.oid, 'USAGE') AS "schemaIsUsable",
            row_security_active(c.oid) AS "isFiltered"
       FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted("table", schema, name)
       JOIN pg_namespace n ON n.nspname = wanted.schema
       JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [tables, names.map((each) => each.schema), names.map((each) => each.name)],
  );
}

/** Why the role cannot read all rows of a table, in words; null when it can. */
export function describeDenial(located: LocatedTable): string | null {
  if (!located.schemaIsUsable) {
    return `no USAGE on schema ${located.schema}, so ${located.table} cannot be read: GRANT USAGE ON SCHEMA`;
  }
  if (!located.isReadable && !located.hasReadableColumns) {
    return `no SELECT on ${located.table}: GRANT SELECT to the reader role`;
  }
  if (located.isFiltered) {
    return `row-level security hides rows of ${located.table} from the role: ALTER ROLE ... BYPASSRLS, or read a table without policies`;
  }
  return null;
}

/** Throws SOURCE_ACCESS_DENIED that names every table which the role cannot read. */
export function requireAccess(session: Session, located: readonly LocatedTable[]): void {
  const denials = located.map(describeDenial).filter((each) => each !== null);
  if (denials.length > 0) {
    throw new TidemarkError('SOURCE_ACCESS_DENIED', `${session.target}: ${denials.join('; ')}`);
  }
}
