import { CreateDatabaseCommand } from '@aws-sdk/client-glue';
import { externalSchemas, queryRows, schemaExists } from '../catalog.ts';
import { RedshiftError, unsupported } from '../errors.ts';
import { done, refuseInBlock, type Session, type StatementOutcome } from '../session.ts';
import type { Cursor } from '../sql/cursor.ts';
import { quoteName } from '../sql/tokens.ts';
import { catalogName } from '../warehouse.ts';

/** CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION user]; behind SCHEMA. */
export async function createSchema(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  const ifNotExists = cursor.take('if', 'not', 'exists');
  const name = cursor.identifier();
  if (cursor.take('authorization')) cursor.identifier();
  cursor.expectEnd();
  if (await isTaken(session, name, ifNotExists)) return done;
  await session.connection.run(
    `CREATE SCHEMA ${quoteName(catalogName(session.database))}.${quoteName(name)}`,
  );
  return done;
}

/**
 * CREATE EXTERNAL SCHEMA [IF NOT EXISTS] name FROM DATA CATALOG DATABASE 'db' [REGION 'r'] IAM_ROLE '...'
 * [CREATE EXTERNAL DATABASE IF NOT EXISTS]; behind SCHEMA. The database need not be there yet.
 */
export async function createExternalSchema(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  refuseInBlock(session, 'CREATE EXTERNAL SCHEMA');
  const ifNotExists = cursor.take('if', 'not', 'exists');
  const name = cursor.identifier();
  cursor.expect('from');
  if (!cursor.take('data', 'catalog')) throw unsupported('external schemas that are not FROM DATA CATALOG');
  cursor.expect('database');
  const database = cursor.string().toLowerCase();
  let role: string | undefined;
  let region: string | undefined;
  let createsDatabase = false;
  while (!cursor.atEnd) {
    if (cursor.take('region')) region = cursor.string();
    else if (cursor.take('iam_role')) role = cursor.take('default') ? 'default' : cursor.string();
    else {
      cursor.expect('create', 'external', 'database', 'if', 'not', 'exists');
      createsDatabase = true;
    }
  }
  if (role === undefined) throw new RedshiftError('IAM_ROLE is required for an external schema');
  if (await isTaken(session, name, ifNotExists)) return done;
  if (createsDatabase) await createGlueDatabase(session, database);
  await session.connection.run('INSERT INTO stand_in.external_schemas VALUES ($1, $2, $3, $4)', [
    name,
    database,
    role,
    region ?? null,
  ]);
  return done;
}

/** DROP SCHEMA [IF EXISTS] name [CASCADE | RESTRICT] [DROP EXTERNAL DATABASE is refused]; behind SCHEMA. */
export async function dropSchema(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  const ifExists = cursor.take('if', 'exists');
  const name = cursor.identifier();
  if (cursor.sees('drop')) throw unsupported('DROP SCHEMA ... DROP EXTERNAL DATABASE');
  const isCascade = cursor.take('cascade');
  if (!isCascade) cursor.take('restrict');
  cursor.expectEnd();
  const { connection } = session;
  if ((await externalSchemas(session)).some((one) => one.name === name)) {
    refuseInBlock(session, 'DROP EXTERNAL SCHEMA');
    await connection.run('DELETE FROM stand_in.external_schemas WHERE schema_name = $1', [name]);
    return done;
  }
  if (!(await schemaExists(session, name))) {
    if (ifExists) return done;
    throw new RedshiftError(`schema "${name}" does not exist`);
  }
  const inside = await queryRows(
    connection,
    `SELECT 1 FROM stand_in.columns WHERE schema_name = $1
     UNION ALL SELECT 1 FROM stand_in.views WHERE schema_name = $1 LIMIT 1`,
    [name],
  );
  if (inside.length > 0 && !isCascade) {
    throw new RedshiftError(`cannot drop schema ${name} because other objects depend on it`);
  }
  await connection.run(`DROP SCHEMA ${quoteName(catalogName(session.database))}.${quoteName(name)} CASCADE`);
  await connection.run('DELETE FROM stand_in.columns WHERE schema_name = $1', [name]);
  await connection.run('DELETE FROM stand_in.views WHERE schema_name = $1', [name]);
  return done;
}

async function isTaken(session: Session, name: string, ifNotExists: boolean): Promise<boolean> {
  session.transaction.takeSnapshot();
  if (name === 'stand_in' || name === 'main' || name.startsWith('pg_')) {
    throw new RedshiftError(`unacceptable schema name "${name}"`);
  }
  const isExternal = (await externalSchemas(session)).some((one) => one.name === name);
  if (!isExternal && !(await schemaExists(session, name))) return false;
  if (ifNotExists) return true;
  throw new RedshiftError(`schema "${name}" already exists`);
}

async function createGlueDatabase(session: Session, database: string): Promise<void> {
  try {
    await session.lake.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: database } }));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AlreadyExistsException')) throw error;
  }
}
