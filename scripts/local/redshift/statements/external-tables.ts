import {
  BatchCreatePartitionCommand,
  type Column,
  CreateTableCommand,
  DeletePartitionCommand,
  DeleteTableCommand,
  type StorageDescriptor,
} from '@aws-sdk/client-glue';
import { findExternalSchema, schemaOf } from '../catalog.ts';
import { noRelation, RedshiftError, unsupported } from '../errors.ts';
import { done, refuseInBlock, type Session, type StatementOutcome } from '../session.ts';
import { Cursor, displayName, type QualifiedName } from '../sql/cursor.ts';
import { type Node, splitCommas } from '../sql/tree.ts';
import { readType } from '../sql/types.ts';

const parquet: StorageDescriptor = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

export async function isExternal(session: Session, schema: string): Promise<boolean> {
  return (await findExternalSchema(session, schema)) !== undefined;
}

/** CREATE EXTERNAL TABLE schema.table (...) [PARTITIONED BY (...)] STORED AS PARQUET LOCATION '...'; behind TABLE. */
export async function createExternalTable(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  refuseInBlock(session, 'CREATE EXTERNAL TABLE');
  const name = cursor.qualifiedName();
  const database = await requireDatabase(session, name);
  const columns = readColumns(cursor.expectGroup().items);
  const keys = cursor.take('partitioned', 'by') ? readColumns(cursor.expectGroup().items) : [];
  cursor.expect('stored', 'as');
  if (!cursor.take('parquet')) throw unsupported('external tables that are not STORED AS PARQUET');
  cursor.expect('location');
  const location = cursor.string();
  const parameters: Record<string, string> = { EXTERNAL: 'TRUE' };
  if (cursor.take('table', 'properties'))
    Object.assign(parameters, readProperties(cursor.expectGroup().items));
  cursor.expectEnd();
  try {
    await session.lake.glue.send(
      new CreateTableCommand({
        DatabaseName: database,
        TableInput: {
          Name: name.name,
          TableType: 'EXTERNAL_TABLE',
          Parameters: parameters,
          PartitionKeys: keys,
          StorageDescriptor: { ...parquet, Columns: columns, Location: location },
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AlreadyExistsException')) throw error;
    throw new RedshiftError(`Relation "${name.name}" already exists`);
  }
  return done;
}

/** ALTER TABLE ... ADD [IF NOT EXISTS] PARTITION (...) LOCATION '...' and DROP PARTITION (...). */
export async function alterExternalTable(
  session: Session,
  name: QualifiedName,
  cursor: Cursor,
): Promise<StatementOutcome> {
  refuseInBlock(session, 'ALTER EXTERNAL TABLE');
  const database = await requireDatabase(session, name);
  const table = await session.lake.table(database, name.name);
  if (table === undefined) throw noRelation(displayName(name));
  const keys = (table.PartitionKeys ?? []).map((key) => key.Name ?? '');
  if (cursor.take('drop', 'partition')) {
    const values = readPartition(cursor.expectGroup().items, keys);
    await session.lake.glue.send(
      new DeletePartitionCommand({ DatabaseName: database, TableName: name.name, PartitionValues: values }),
    );
    return done;
  }
  cursor.expect('add');
  const ifNotExists = cursor.take('if', 'not', 'exists');
  const partitions = [];
  while (cursor.take('partition')) {
    const values = readPartition(cursor.expectGroup().items, keys);
    cursor.expect('location');
    partitions.push({
      Values: values,
      StorageDescriptor: { ...table.StorageDescriptor, Location: cursor.string() },
    });
  }
  cursor.expectEnd();
  const { Errors = [] } = await session.lake.glue.send(
    new BatchCreatePartitionCommand({
      DatabaseName: database,
      TableName: name.name,
      PartitionInputList: partitions,
    }),
  );
  if (Errors.length > 0 && !ifNotExists) {
    throw new RedshiftError(Errors[0]?.ErrorDetail?.ErrorMessage ?? 'partition could not be added');
  }
  return done;
}

/** DROP TABLE of an external table removes it from the catalog; its files stay. */
export async function dropExternalTable(
  session: Session,
  name: QualifiedName,
  ifExists: boolean,
): Promise<void> {
  refuseInBlock(session, 'DROP EXTERNAL TABLE');
  const database = await requireDatabase(session, name);
  if ((await session.lake.table(database, name.name)) === undefined) {
    if (ifExists) return;
    throw noRelation(displayName(name));
  }
  await session.lake.glue.send(new DeleteTableCommand({ DatabaseName: database, Name: name.name }));
}

async function requireDatabase(session: Session, name: QualifiedName): Promise<string> {
  const schema = await findExternalSchema(session, schemaOf(name));
  if (schema === undefined) throw new RedshiftError(`schema "${schemaOf(name)}" is not an external schema`);
  return schema.glueDatabase;
}

function readColumns(items: readonly Node[]): Column[] {
  return splitCommas(items).map((part) => {
    const cursor = new Cursor(part);
    const name = cursor.identifier();
    const { display } = readType(cursor);
    cursor.expectEnd();
    return { Name: name, Type: glueType(display) };
  });
}

const glueTypes: Record<string, string | undefined> = {
  integer: 'int',
  real: 'float',
  'double precision': 'double',
  'timestamp without time zone': 'timestamp',
};

function glueType(display: string): string {
  return (
    glueTypes[display] ??
    display.replace('numeric', 'decimal').replace('character varying', 'varchar').replace('character', 'char')
  );
}

function readProperties(items: readonly Node[]): Record<string, string> {
  return Object.fromEntries(
    splitCommas(items).map((part) => {
      const cursor = new Cursor(part);
      const key = cursor.string();
      cursor.expectOperator('=');
      return [key, cursor.string()];
    }),
  );
}

function readPartition(items: readonly Node[], keys: readonly string[]): string[] {
  const given = new Map(
    splitCommas(items).map((part) => {
      const cursor = new Cursor(part);
      const key = cursor.identifier();
      cursor.expectOperator('=');
      const value = cursor.next();
      return [key, value.kind === 'string' || value.kind === 'number' ? value.text : ''];
    }),
  );
  return keys.map((key) => {
    const value = given.get(key);
    if (value === undefined) throw new RedshiftError(`partition key "${key}" has no value`);
    return value;
  });
}
