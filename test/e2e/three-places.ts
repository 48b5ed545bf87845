import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import { createRedshiftWarehouse } from '../../src/adapters/redshift/redshift-warehouse.ts';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { readConfig } from '../../src/config.ts';
import { makeLayout } from '../../src/core/layout.ts';
import type { Publication, TableVersion } from '../../src/core/publication.ts';
import type { ValidationResult } from '../../src/expectations/types.ts';
import type { Warehouse } from '../../src/ports/warehouse.ts';

/** Rows as text, so that numbers of different drivers compare by digits. */
export type TextRow = readonly (string | null)[];

/** What readers see: the lake by its Parquet files, the warehouse by SQL. */
export interface Places {
  readonly warehouse: Warehouse;
  publication(pipeline: string): Promise<Publication | null>;
  /** What the first checks of a run at a stage found, by subject, and the steps of them that Spark ran. */
  checks(pipeline: string, runKey: string, stage: 'raw' | 'audit'): Promise<Checked>;
  /** Runs SQL in which `{files}` stands for the Parquet files of a table version. */
  lake(version: TableVersion, sql: string): Promise<TextRow[]>;
  ask(sql: string): Promise<TextRow[]>;
  close(): void;
}

export interface Checked {
  readonly results: Readonly<Record<string, ValidationResult>>;
  readonly sparkSteps: readonly string[];
}

/** Opens lake and warehouse as the environment names them. */
export async function openPlaces(env: Readonly<Record<string, string>>): Promise<Places> {
  const config = readConfig(env);
  // Keys and endpoints come from the environment, which holds the stack's.
  const s3 = new S3Client({ region: config.region });
  const redshift = new RedshiftDataClient({ region: config.region });
  const warehouse = createRedshiftWarehouse(redshift, config.redshift);
  const store = createS3ObjectStore(s3);
  const duckdb = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await duckdb.connect();
  const { host } = new URL(env.AWS_ENDPOINT_URL_S3!);
  await connection.run(`LOAD '${env.TIDEMARK_DUCKDB_HTTPFS}'`);
  await connection.run(
    `CREATE SECRET (TYPE s3, KEY_ID '${env.AWS_ACCESS_KEY_ID}', SECRET '${env.AWS_SECRET_ACCESS_KEY}', ENDPOINT '${host}', URL_STYLE 'path', USE_SSL false, REGION '${config.region}')`,
  );
  return {
    warehouse,
    publication: async (pipeline) => {
      const uri = makeLayout(config.zones, pipeline).publication;
      const found = await store.read(uri);
      return found ? (JSON.parse(found.text) as Publication) : null;
    },
    checks: async (pipeline, runKey, stage) => {
      const layout = makeLayout(config.zones, pipeline);
      const generation = `${runKey}-x1${stage === 'audit' ? 'm1' : ''}`;
      const { text } = (await store.read(layout.checkResult(runKey, stage, generation)))!;
      const { results } = JSON.parse(text) as Pick<Checked, 'results'>;
      const plans = layout.sparkPlan(runKey, `check-${stage}-*`);
      const reader = await connection.runAndReadAll(`select file from glob('${plans}') order by file`);
      return { results, sparkSteps: reader.getRowsJS().map(([file]) => String(file)) };
    },
    lake: async (version, sql) => {
      const files = version.partitions.flatMap((part) => part.files.map(({ uri }) => uri));
      const list = files.map((uri) => `'${uri.replaceAll("'", "''")}'`).join(', ');
      const reader = await connection.runAndReadAll(
        sql.replaceAll('{files}', `read_parquet([${list}], hive_partitioning = false)`),
      );
      return reader.getRowsJS().map(toText);
    },
    ask: async (sql) => (await warehouse.query(sql)).rows.map(toText),
    close: () => {
      connection.closeSync();
      duckdb.closeSync();
      s3.destroy();
      redshift.destroy();
    },
  };
}

/** Runs one query on a source. */
export async function askSource(url: string, sql: string): Promise<TextRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows.map(toText);
  } finally {
    await client.end();
  }
}

function toText(row: readonly unknown[]): TextRow {
  return row.map((value) => (value === null || value === undefined ? null : String(value)));
}
