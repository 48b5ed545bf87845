import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { macros } from './sql/macros.ts';
import { quoteLiteral, quoteName } from './sql/tokens.ts';

/** Where the engine keeps its files and finds the lake. */
export interface WarehouseOptions {
  stateDir: string;
  /** Databases of the warehouse; each is one file. */
  databases: readonly string[];
  /** The httpfs extension; without it S3 cannot be read. */
  httpfsPath: string | undefined;
  /** `http://host:port` of the S3 store; undefined means AWS. */
  s3Endpoint: string | undefined;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The engine: DuckDB in memory with one attached database file for each Redshift database. */
export class Warehouse {
  readonly databases: readonly string[];
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance, databases: readonly string[]) {
    this.#instance = instance;
    this.databases = databases;
  }

  /** Opens the files, replaying what a crash left in their logs, and creates what is missing. */
  static async open(options: WarehouseOptions): Promise<Warehouse> {
    const folder = join(options.stateDir, 'databases');
    mkdirSync(folder, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '2',
      memory_limit: '1GB',
      temp_directory: join(options.stateDir, 'spill'),
      default_null_order: 'postgres',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    await connection.run(`SET GLOBAL TimeZone = 'UTC'`);
    await connection.run('SET GLOBAL integer_division = true');
    for (const macro of macros) await connection.run(macro);
    await configureS3(connection, options);
    for (const database of options.databases) {
      const file = quoteLiteral(join(folder, `${database}.duckdb`));
      await connection.run(`ATTACH ${file} AS ${quoteName(catalogName(database))}`);
      await connection.run(`USE ${quoteName(catalogName(database))}`);
      for (const statement of bootstrap) await connection.run(statement);
    }
    connection.closeSync();
    return new Warehouse(instance, options.databases);
  }

  /** A connection of its own to one database; close it with `closeSync`. */
  async connect(database: string): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    await connection.run(`USE ${quoteName(catalogName(database))}.public`);
    return connection;
  }

  /** Writes the logs into the files and closes them. */
  close(): void {
    this.#instance.closeSync();
  }
}

/** Not the plain name: DuckDB could not tell a schema of the same name from it. */
export function catalogName(database: string): string {
  return `database:${database}`;
}

// No keys: a row that is replaced within one transaction would break them in DuckDB.
const bootstrap = [
  'CREATE SCHEMA IF NOT EXISTS public',
  'CREATE SCHEMA IF NOT EXISTS stand_in',
  `CREATE TABLE IF NOT EXISTS stand_in.columns (schema_name VARCHAR, table_name VARCHAR, column_name VARCHAR,
     position INTEGER, type VARCHAR, max_bytes INTEGER, is_fixed_length BOOLEAN, is_nullable BOOLEAN,
     default_text VARCHAR, identity VARCHAR, sequence VARCHAR, encoding VARCHAR, is_distkey BOOLEAN, sortkey INTEGER)`,
  `CREATE TABLE IF NOT EXISTS stand_in.views (schema_name VARCHAR, view_name VARCHAR, is_materialized BOOLEAN,
     is_late_binding BOOLEAN, definition VARCHAR, column_names VARCHAR, depends_on VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS stand_in.external_schemas (schema_name VARCHAR, glue_database VARCHAR,
     iam_role VARCHAR, region VARCHAR)`,
  'CREATE TABLE IF NOT EXISTS stand_in.outcomes (id VARCHAR, outcome VARCHAR)',
];

async function configureS3(connection: DuckDBConnection, options: WarehouseOptions): Promise<void> {
  if (options.httpfsPath === undefined) return;
  await connection.run(`LOAD ${quoteLiteral(options.httpfsPath)}`);
  const endpoint = options.s3Endpoint === undefined ? undefined : new URL(options.s3Endpoint);
  const place =
    endpoint === undefined
      ? ''
      : `, endpoint ${quoteLiteral(endpoint.host)}, url_style 'path', use_ssl ${endpoint.protocol === 'https:'}`;
  await connection.run(
    `CREATE SECRET lake (TYPE s3, KEY_ID ${quoteLiteral(options.accessKeyId)},
       SECRET ${quoteLiteral(options.secretAccessKey)}, REGION ${quoteLiteral(options.region)}${place})`,
  );
}
