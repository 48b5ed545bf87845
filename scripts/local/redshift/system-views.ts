import type { Table } from '@aws-sdk/client-glue';
import { externalSchemas } from './catalog.ts';
import { unsupported } from './errors.ts';
import { externalColumns } from './external/scan.ts';
import type { Session } from './session.ts';
import type { QualifiedName } from './sql/cursor.ts';
import { quoteLiteral, quoteName } from './sql/tokens.ts';
import { catalogName } from './warehouse.ts';

type Builder = (session: Session) => Promise<string>;

/** The query behind a system view; undefined for other names. Views of this stand-in hold what the product needs. */
export async function systemView(
  session: Session,
  { schema, name }: QualifiedName,
): Promise<string | undefined> {
  if (schema !== undefined && schema !== 'pg_catalog' && schema !== 'information_schema') return undefined;
  const build = schema === 'information_schema' ? undefined : builders[name];
  if (build !== undefined) return `(${await build(session)})`;
  if (schema !== undefined || /^(svv|svl|stl|stv|sys|pg)_/.test(name))
    throw unsupported(`the system view ${name}`);
  return undefined;
}

const builders: Record<string, Builder | undefined> = {
  svv_tables: async (session) => {
    const external = await externalTables(session);
    return union(
      ['table_catalog', 'table_schema', 'table_name', 'table_type', 'remarks'],
      [
        `SELECT ${text(session.database)}, schema_name, table_name, 'BASE TABLE', CAST(NULL AS VARCHAR)
         FROM duckdb_tables() WHERE ${isNative(session)}`,
        `SELECT ${text(session.database)}, schema_name, view_name, 'VIEW', NULL FROM stand_in.views
         WHERE NOT is_materialized`,
        ...external.map(
          ({ schema, table }) =>
            `SELECT ${[session.database, schema, table.Name ?? '', 'EXTERNAL TABLE'].map(text).join(', ')}, NULL`,
        ),
      ],
    );
  },
  svv_columns: async (session) => {
    const external = await externalTables(session);
    const names =
      'table_catalog table_schema table_name column_name ordinal_position column_default is_nullable data_type ' +
      'character_maximum_length numeric_precision numeric_scale remarks';
    const columns = external.flatMap(({ schema, table }) =>
      externalColumns(table).map(
        ({ name, type }, index) =>
          `SELECT ${[schema, table.Name ?? '', name].map(text).join(', ')}, ${index + 1}, NULL, 'YES', ${text(type)}`,
      ),
    );
    const own = `SELECT schema_name, table_name, column_name, position, default_text,
        CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END, type
      FROM stand_in.columns`;
    const inner = union(names.split(' ').slice(1, 8), [own, ...columns]);
    return `SELECT ${text(session.database)} AS table_catalog, table_schema, table_name, column_name,
        ordinal_position, column_default, is_nullable, regexp_replace(data_type, '\\(.*\\)', '') AS data_type,
        CASE WHEN data_type LIKE 'character%' THEN CAST(regexp_extract(data_type, '\\((\\d+)', 1) AS INTEGER) END
          AS character_maximum_length,
        CASE WHEN data_type LIKE 'numeric%' THEN CAST(regexp_extract(data_type, '\\((\\d+)', 1) AS INTEGER) END
          AS numeric_precision,
        CASE WHEN data_type LIKE 'numeric%' THEN CAST(regexp_extract(data_type, ',(\\d+)', 1) AS INTEGER) END
          AS numeric_scale,
        CAST(NULL AS VARCHAR) AS remarks
      FROM (${inner})`;
  },
  pg_table_def:
    async () => `SELECT schema_name AS schemaname, table_name AS tablename, column_name AS "column", type,
      coalesce(encoding, 'none') AS encoding, is_distkey AS distkey, sortkey, NOT is_nullable AS notnull
    FROM stand_in.columns`,
  svv_external_schemas:
    async () => `SELECT 0 AS esoid, 1 AS eskind, schema_name AS schemaname, 100 AS esowner,
      glue_database AS databasename, '{"IAM_ROLE":"' || coalesce(iam_role, 'default') || '"}' AS esoptions
    FROM stand_in.external_schemas`,
  svv_external_databases: async (session) => {
    const schemas = await externalSchemas(session);
    return union(
      ['eskind', 'databasename'],
      [...new Set(schemas.map((one) => one.glueDatabase))].map((one) => `SELECT 1, ${text(one)}`),
    );
  },
  svv_external_tables: async (session) => {
    const names =
      'redshift_database_name schemaname tablename tabletype location input_format output_format serialization_lib ' +
      'serde_parameters compressed parameters';
    const tables = await externalTables(session);
    return union(
      names.split(' '),
      tables.map(({ schema, table }) => {
        const storage = table.StorageDescriptor;
        const values = [
          session.database,
          schema,
          table.Name ?? '',
          'TABLE',
          storage?.Location ?? '',
          storage?.InputFormat ?? '',
          storage?.OutputFormat ?? '',
          storage?.SerdeInfo?.SerializationLibrary ?? '',
          JSON.stringify(storage?.SerdeInfo?.Parameters ?? {}),
        ];
        return `SELECT ${values.map(text).join(', ')}, 0, ${text(JSON.stringify(table.Parameters ?? {}))}`;
      }),
    );
  },
  svv_external_columns: async (session) => {
    const names =
      'redshift_database_name schemaname tablename columnname external_type columnnum part_key is_nullable';
    const rows = (await externalTables(session)).flatMap(({ schema, table }) => {
      const all = [...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])];
      const firstKey = table.StorageDescriptor?.Columns?.length ?? 0;
      return all.map(({ Name, Type }, index) => {
        const values = [session.database, schema, table.Name ?? '', Name ?? '', Type ?? ''].map(text);
        return `SELECT ${values.join(', ')}, ${index + 1}, ${Math.max(0, index + 1 - firstKey)}, 'unknown'`;
      });
    });
    return union(names.split(' '), rows);
  },
  svv_external_partitions: async (session) => {
    const names =
      'redshift_database_name schemaname tablename values location input_format output_format serialization_lib ' +
      'serde_parameters compressed parameters';
    const rows: string[] = [];
    for (const { schema, table } of await externalTables(session)) {
      if ((table.PartitionKeys ?? []).length === 0) continue;
      for (const partition of await session.lake.partitions(table.DatabaseName ?? '', table.Name ?? '')) {
        const storage = partition.StorageDescriptor;
        const values = [
          session.database,
          schema,
          table.Name ?? '',
          JSON.stringify(partition.Values ?? []),
          storage?.Location ?? '',
          storage?.InputFormat ?? '',
          storage?.OutputFormat ?? '',
          storage?.SerdeInfo?.SerializationLibrary ?? '',
          '{}',
        ];
        rows.push(
          `SELECT ${values.map(text).join(', ')}, 0, ${text(JSON.stringify(partition.Parameters ?? {}))}`,
        );
      }
    }
    return union(names.split(' '), rows);
  },
};

const text = quoteLiteral;

function isNative({ database }: Session): string {
  return `database_name = ${text(catalogName(database))} AND schema_name <> 'stand_in'`;
}

async function externalTables(session: Session): Promise<{ schema: string; table: Table }[]> {
  const found: { schema: string; table: Table }[] = [];
  for (const { name, glueDatabase } of await externalSchemas(session)) {
    for (const table of await session.lake.tables(glueDatabase)) found.push({ schema: name, table });
  }
  return found;
}

/** Rows under given names; no rows give an empty relation of text columns. */
function union(names: readonly string[], selects: readonly string[]): string {
  const columns = names.map(quoteName).join(', ');
  const empty = `SELECT ${names.map(() => 'CAST(NULL AS VARCHAR)').join(', ')} WHERE false`;
  const body = selects.length === 0 ? empty : selects.join(' UNION ALL ');
  return `SELECT * FROM (${body}) AS rows(${columns})`;
}
