import { createHash, randomUUID } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLoadWarehouse } from '../../activities/load-warehouse.ts';
import { makeSyncCatalog } from '../../activities/sync-catalog.ts';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { composeDeps } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { makeCleanPlan } from '../../src/core/clean-plan.ts';
import { columnType, isText, parquetType } from '../../src/core/column-type.ts';
import { definePipeline } from '../../src/core/definition.ts';
import { makeLayout } from '../../src/core/layout.ts';
import { parseModel } from '../../src/core/model.ts';
import { makeModelPlan } from '../../src/core/model-plan.ts';
import { assemblePipeline, entityColumns, modelColumns } from '../../src/core/pipeline.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { SparkResult } from '../../src/core/spark-plan.ts';
import { judgeFit } from '../../src/core/type-change.ts';
import { warehouseNames } from '../../src/core/warehouse-sql.ts';
import type { SourceTable } from '../../src/ports/source.ts';
import { contractBucket, isAws } from './contract-target.ts';
import { runPlans } from './one-spark-session.ts';
import { ROUND_TRIP } from './round-trip-cases.ts';

const PIPELINE = 'round_trip';
/** Longer texts are compared by their digest. */
const LONG_BYTES = 5_000;
const root = `s3://${contractBucket}/contract/${randomUUID()}`;
const places = warehouseNames(PIPELINE);
const names = Object.keys(ROUND_TRIP);
const contractOf = (name: string) => ROUND_TRIP[name]!.contract ?? ROUND_TRIP[name]!.source;

/** One row a value, so that each is judged by itself; all other columns of the row are NULL. */
const cases = names.flatMap((column) => {
  const { exact, quarantined = [] } = ROUND_TRIP[column]!;
  return [
    ...exact.map((sql) => ({ column, sql, isExact: true })),
    ...quarantined.map((sql) => ({ column, sql, isExact: false })),
  ];
});

const definition = definePipeline({
  name: PIPELINE,
  sources: { origin: {} },
  entities: [
    {
      name: 'hostile',
      source: 'origin',
      table: 'public.hostile',
      key: ['id'],
      columns: {
        id: { type: 'integer', nullable: false },
        ...Object.fromEntries(names.map((name) => [name, { type: contractOf(name) }])),
      },
    },
  ],
  models: [{ name: 'arrived', sql: 'arrived.sql' }],
});
const entity = definition.entities[0]!;
const columns = entityColumns(entity);
/** A model has no column for a numeric that its warehouse lacks: it declares text. */
const modelType = (type: string) => (type.startsWith('numeric') && isText(columnType(type)) ? 'text' : type);
const head = {
  grain: 'a hostile value',
  key: ['id'],
  columns: Object.fromEntries(columns.map(({ name, type }) => [name, { type: modelType(type) }])),
};
const model = parseModel('arrived', `/*${JSON.stringify(head)}*/ select * from hostile`, definition);
/** Reads the same rows by their key alone. */
const narrow = definePipeline({
  name: 'narrow',
  sources: { origin: {} },
  entities: [
    {
      name: 'hostile',
      source: 'origin',
      table: 'public.hostile',
      key: ['id'],
      columns: { id: { type: 'integer' } },
    },
  ],
  models: [{ name: 'grown', sql: 'grown.sql' }],
});
const grownHead = '{grain: a value, key: [id], columns: {id: {type: integer}, note: {type: varchar(10)}}}';
const grown = parseModel('grown', `/*${grownHead}*/ select id, repeat('x', 41) as note from hostile`, narrow);
const pipeline = assemblePipeline(definition, [model], {});

const deps = await composeDeps(readConfig(process.env), new Map([[PIPELINE, pipeline]]));
const { store, warehouse } = deps;
const duck = await DuckDBInstance.create(':memory:', { threads: '1' });
const lake = await duck.connect();

/** Value of each case as text, by its number. */
type Arrived = ReadonlyMap<number, string | null>;
let expected: Arrived;
let results: SparkResult[];
let described: SourceTable;

beforeAll(async () => {
  if (isAws) return;
  const url = await makeSource();
  const clean = `${root}/clean/`;
  const source = createPostgresSource({ url, name: 'origin' });
  const { snapshot, entities } = await source.extract({
    entities: [
      {
        name: entity.name,
        table: entity.table,
        columns: Object.entries(entity.columns).map(([name, { type }]) => ({ name, type })),
        read: { mode: 'full', reason: 'test' },
        measures: [],
        key: entity.key,
      },
    ],
    applicationName: 'tidemark round trip',
    signal: new AbortController().signal,
    onProgress: () => undefined,
    upload: async (name, part, body) => {
      const uri = `${root}/raw/${name}/part-${part}.csv.gz`;
      return { uri, sizeBytes: (await store.upload(uri, body)).sizeBytes };
    },
  });
  described = (await source.introspect([entity.table])).tables[entity.table]!;
  await source.close();
  const { order } = snapshot;
  const plans = [
    makeCleanPlan(
      'r1',
      [
        {
          entity,
          reads: [{ extract: entities.hostile!, order, lastOrder: order }],
          base: null,
          cleanPath: clean,
          quarantinePath: `${root}/quarantine/`,
        },
      ],
      `${root}/clean.result.json`,
    ),
    ...[pipeline, assemblePipeline(narrow, [grown], {})].map((each) =>
      makeModelPlan({
        pipeline: each,
        runKey: 'r1',
        entities: {
          hostile: { base: null, changes: [clean], replacesUpTo: null, floor: null, touched: [''] },
        },
        models: [each.models[0]!.name],
        entityPath: () => `${root}/current-${each.definition.name}/`,
        tablePath: (name) => `${root}/${name}/`,
        resultUri: `${root}/${each.definition.name}.result.json`,
      }),
    ),
  ];
  results = await runPlans(root, store, plans);
  expect(results.slice(0, 2).map(({ error }) => error)).toEqual([undefined, undefined]);
  await openLake();
  await load(`${root}/arrived/`);
});

afterAll(() => {
  lake.closeSync();
  duck.closeSync();
  return deps.close();
});

describe.skipIf(isAws)('a value of each type', () => {
  test('arrives in Parquet exactly', async () => {
    const reader = await lake.runAndReadAll(
      `SELECT ${readBack('hex')} FROM read_parquet('${root}/arrived/*.parquet')`,
    );
    const found = arrived(reader.getRowsJS() as unknown[][], unhex);
    expect(differences(found)).toEqual([]);
  });

  test.each([
    ['native', places.native],
    ['Spectrum', places.spectrum],
  ])('arrives in the warehouse exactly: %s', async (_, schema) => {
    const { rows } = await warehouse.query(`SELECT ${readBack('marked')} FROM ${schema}.arrived`);
    expect(differences(arrived(rows, (text) => text.slice(1)))).toEqual([]);
  });

  test('or is in quarantine as it came, under a reason that names its column', async () => {
    const reader = await lake.runAndReadAll(
      `SELECT id, reason, "row" FROM read_parquet('${root}/quarantine/*.parquet') ORDER BY id`,
    );
    const rows = reader.getRowsJS() as [number, string, string][];
    const found = rows.map(([id, reason, row]) => ({
      ...cases[id]!,
      isNamed: new RegExp(`^${cases[id]!.column}: (not a valid|longer than)`).test(reason),
      isWhole: (JSON.parse(row) as Record<string, string>)[cases[id]!.column] === expected.get(id),
    }));
    const wanted = cases.filter(({ isExact }) => !isExact);
    expect(found).toEqual(wanted.map((each) => ({ ...each, isNamed: true, isWhole: true })));
  });

  test('has the column types that contract, catalog and warehouse say', async () => {
    const { path, sizeBytes } = results[1]!.outputs!.find(({ name }) => name === 'model/arrived')!.files[0]!;
    const { etag } = (await store.head(path))!;
    const footer = await deps.footers.read({ uri: path, sizeBytes, etag });
    expect(Object.fromEntries(footer.columns.map(({ name, type }) => [name, type]))).toEqual(
      Object.fromEntries(columns.map(({ name, type }) => [name, parquetType(columnType(type))])),
    );
  });
});

test.skipIf(isAws)(
  'a text that a model makes too long for its column fails the step and names the column',
  () => {
    expect(results[2]).toMatchObject({ ok: false, error: { kind: 'data' } });
    expect(results[2]!.error!.message).toMatch(/grown\.note: a text is longer than 40 bytes.*shorten it/);
  },
);

test.skipIf(isAws).each(names)('the contract of %s fits what PostgreSQL calls the type', (name) => {
  const { type } = described.columns.find((each) => each.name === name)!;
  const isLoose = ['fitted_numeric', 'text_as_varchar'].includes(name);
  const fit = isLoose ? 'warning' : name.startsWith('text_as_') ? 'critical' : null;
  expect({ type, fit: judgeFit(contractOf(name), type) }).toEqual({ type, fit });
});

/** A database in another time zone, with all values; fills `expected` with what PostgreSQL prints of them. */
async function makeSource(): Promise<string> {
  const url = new URL(process.env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!);
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  await admin.query('DROP DATABASE IF EXISTS round_trip');
  await admin.query('CREATE DATABASE round_trip');
  await admin.query(`ALTER DATABASE round_trip SET timezone = 'America/St_Johns'`);
  await admin.query(`ALTER DATABASE round_trip SET datestyle = 'German'`);
  await admin.query(`ALTER DATABASE round_trip SET intervalstyle = 'sql_standard'`);
  await admin.query(`ALTER DATABASE round_trip SET bytea_output = 'escape'`);
  await admin.query('ALTER DATABASE round_trip SET extra_float_digits = -5');
  await admin.end();
  url.pathname = '/round_trip';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(`SET datestyle = ISO`);
    await client.query('CREATE EXTENSION citext');
    await client.query(`CREATE TYPE mood AS ENUM ('NULL', 'with "quotes", commas', '', 'żółw')`);
    await client.query('CREATE DOMAIN amount AS numeric(12,2); CREATE DOMAIN price AS amount CHECK (true)');
    const ddl = names.map((name) => `${name} ${ROUND_TRIP[name]!.source}`);
    await client.query(`CREATE TABLE hostile (id integer PRIMARY KEY, ${ddl.join(', ')})`);
    for (const [id, { column, sql }] of cases.entries())
      await client.query(`INSERT INTO hostile (id, ${column}) VALUES (${id}, ${sql})`);
    await client.query('INSERT INTO hostile (id) VALUES ($1)', [cases.length]);
    const style = {
      timezone: 'UTC',
      datestyle: 'ISO',
      intervalstyle: 'iso_8601',
      bytea_output: 'hex',
      extra_float_digits: 1,
    };
    for (const [name, value] of Object.entries(style)) await client.query(`SET ${name} = '${value}'`);
    const values = cases.map(({ column }, id) => `WHEN ${id} THEN concat(${column})`);
    const { rows } = await client.query<{ id: number; value: string }>(
      `SELECT id, CASE id ${values.join(' ')} END AS value FROM hostile`,
    );
    expected = new Map(rows.map(({ id, value }) => [id, value]));
  } finally {
    await client.end();
  }
  return url.href;
}

async function openLake(): Promise<void> {
  const { host } = new URL(process.env.AWS_ENDPOINT_URL_S3!);
  await lake.run(`LOAD '${process.env.TIDEMARK_DUCKDB_HTTPFS}'`);
  await lake.run(
    `CREATE SECRET (TYPE s3, KEY_ID '${process.env.AWS_ACCESS_KEY_ID}', SECRET '${process.env.AWS_SECRET_ACCESS_KEY}',
     ENDPOINT '${host}', URL_STYLE 'path', USE_SSL false, REGION '${process.env.AWS_REGION}')`,
  );
}

/** Publishes the model's files, and brings catalog and warehouse to that publication as a run does. */
async function load(location: string): Promise<void> {
  const rowCount = results[1]!.outputs!.find(({ name }) => name === 'model/arrived')!.rows;
  const publication: Publication = {
    version: 1,
    pipeline: PIPELINE,
    sequence: 1,
    publishedAt: '2024-01-01T00:00:00.000Z',
    runKey: 'r1',
    runKind: 'full',
    watermarks: {},
    entities: {},
    tables: {
      arrived: {
        definitionDigest: '',
        sequence: 1,
        columns: modelColumns(model),
        partitionBy: null,
        partitions: [{ value: '', generation: 'r1', location, files: [], rowCount }],
      },
    },
    chunks: {},
    decisions: [],
    skippedEntities: [],
  };
  await deps.store.swap(makeLayout(deps.zones, PIPELINE).publication, JSON.stringify(publication), null);
  const activity = new MockActivityEnvironment();
  const input = { pipeline: PIPELINE, kind: 'full' as const, runKey: 'r1', sequence: 1 };
  await activity.run(makeSyncCatalog(deps), input);
  await activity.run(makeLoadWarehouse(deps), input);
}

/**
 * The columns as text. DuckDB's client drops a leading U+FEFF, so texts come as hex or behind a mark; long ones as a
 * digest.
 */
function readBack(form: 'hex' | 'marked'): string {
  const items = columns.map(({ name, type }) => {
    if (!isText(columnType(type))) return `CAST(${name} AS VARCHAR(100))`;
    const value = `CASE WHEN octet_length(${name}) > ${LONG_BYTES} THEN md5(${name}) ELSE ${name} END`;
    return form === 'hex' ? `hex(${value.replace('octet_length', 'strlen')})` : `'=' || ${value}`;
  });
  return items.join(', ');
}

function unhex(text: string): string {
  return Buffer.from(text, 'hex').toString('utf8');
}

function arrived(
  rows: readonly (readonly unknown[])[],
  textOf: (text: string) => string,
): Map<number, string | null> {
  const found = new Map<number, string | null>();
  for (const row of rows) {
    const id = Number(row[0]);
    const column = cases[id]?.column;
    const index = columns.findIndex(({ name }) => name === column);
    const others = row.filter((value, nth) => nth !== 0 && nth !== index && value !== null);
    expect(others, `other columns of ${id}`).toEqual([]);
    const value = index < 0 ? null : (row[index] as string | null);
    found.set(id, value === null || !isText(columnType(columns[index]!.type)) ? value : textOf(value));
  }
  return found;
}

/** Cases that are missing, that should be, or that differ from what PostgreSQL prints. */
function differences(found: Arrived): string[] {
  const wrong = cases.flatMap(({ column, sql, isExact }, id) => {
    if (!isExact)
      return found.has(id) ? [`${column} ${sql}: arrived, though it should be in quarantine`] : [];
    if (!found.has(id)) return [`${column} ${sql}: did not arrive`];
    const value = found.get(id);
    const [want, got] = [
      canonical(column, expected.get(id)!),
      value == null ? 'NULL' : canonical(column, value),
    ];
    return want === got
      ? []
      : [`${column} ${sql}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`];
  });
  if (found.get(cases.length) !== null) wrong.push('the row of NULLs did not arrive');
  return wrong;
}

/** One text for one value: engines print floats and instants in their own ways. */
function canonical(column: string, text: string): string {
  const number = (value: string) => Number(value.replace(/^(-?)inf(inity)?$/i, '$1Infinity'));
  const exactly = (value: number) => (Object.is(value, -0) ? '-0' : String(value));
  switch (ROUND_TRIP[column]!.as) {
    case 'double':
      return exactly(number(text));
    case 'real':
      return exactly(Math.fround(number(text)));
    case 'instant':
      return text.replace(/\+00$/, '');
    case 'boolean':
      return text.slice(0, 1);
    default:
      return Buffer.byteLength(text) > LONG_BYTES ? createHash('md5').update(text).digest('hex') : text;
  }
}
