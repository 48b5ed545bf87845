import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { to as copyTo } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definePipeline } from '../../src/core/definition.ts';
import { parseModel } from '../../src/core/model.ts';
import { assemblePipeline, type Pipeline } from '../../src/core/pipeline.ts';
import { duckdbHash, postgresHash, sparkHash } from '../../src/core/row-hash.ts';
import { type LakeLab, openLakeLab } from '../support/lake-lab.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';
import { type SparkLab, startSparkLab } from '../support/spark-lab.ts';

let dir: string;
let spark: SparkLab;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tidemark-deletes-'));
  spark = await startSparkLab(dir);
});

afterAll(async () => {
  await spark?.stop();
  await rm(dir, { recursive: true, force: true });
});

const shop = makeShop();

function makeShop(): Pipeline {
  const definition = definePipeline({
    name: 'shop',
    sources: { erp: {} },
    entities: [
      {
        name: 'sales',
        source: 'erp',
        table: 'public.sales',
        key: ['id'],
        columns: {
          id: { type: 'integer', nullable: false },
          day: { type: 'date' },
          note: { type: 'text', clean: 'upper(note)' },
          is_void: { type: 'boolean' },
        },
        businessDate: 'day',
        derive: { month: { type: 'varchar(7)', sql: "date_format(day, 'yyyy-MM')" } },
        partitionBy: 'month',
        deletes: { mode: 'soft', column: 'is_void' },
      },
    ],
    models: [{ name: 'sales_fact', sql: 'x' }],
  });
  const head = 'grain: g\nkey: [id]\nincremental: sales\npartition_by: month';
  const sql = `/*\n${head}\ncolumns: { id: { type: integer }, note: { type: text }, month: { type: varchar(7) } }\n*/ SELECT id, note, month FROM sales`;
  return assemblePipeline(definition, [parseModel('sales_fact', sql, definition)], {});
}

const full = { mode: 'full', reason: 'test' } as const;
const windowOf = (from: string, to: string) => ({ mode: 'window', column: 'day', from, to }) as const;
const live = 'SELECT id, note FROM {entity} WHERE _deleted IS NULL ORDER BY id';

// One lake whose history goes from test to test: each publication is two plans on Spark.
describe('the fold of changes and deletions', () => {
  let lab: LakeLab;
  beforeAll(async () => {
    lab = await openLakeLab(spark, shop, 'sales', join(dir, 'lake'));
  });
  afterAll(() => lab?.close());
  const keyOf = async (id: number) =>
    BigInt((await lab.ask(`SELECT _key FROM {entity} WHERE id = ${id}`))[0]![0]!);

  it('keeps the newest snapshot of a key when an extract has several, and hides what the source marks as deleted', async () => {
    const counts = await lab.publish({
      order: '0001',
      read: full,
      rows: [
        ['1', '2024-02-05', 'old', 'f'],
        ['2', '2024-01-05', 'marked', 't'],
        ['3', '2024-01-31', 'leaves', null],
      ],
      later: {
        order: '0002',
        rows: [
          ['1', '2024-02-06', 'new', 'f'],
          ['4', '2024-02-07', 'goes', 'f'],
        ],
      },
    });
    expect(counts).toMatchObject({
      rows_in: '5',
      clean: '4',
      rejected: '0',
      deduplicated: '1',
      deleted: '0',
    });
    expect(await lab.ask('SELECT id, note, _snapshot, _deleted FROM {entity} ORDER BY id')).toEqual([
      ['1', 'NEW', '0002', 'null'],
      ['2', 'MARKED', '0001', 'soft'],
      ['3', 'LEAVES', '0001', 'null'],
      ['4', 'GOES', '0002', 'null'],
    ]);
    expect(await lab.ask('SELECT id FROM {model} ORDER BY id')).toEqual([['1'], ['3'], ['4']]);
    expect(lab.entity().floor).toBe('0001');
  });

  it('hides rows that are gone, keeps nothing of what they said, and empties their partition', async () => {
    const counts = await lab.publish({
      order: '0005',
      rows: [['2', '2024-01-05', 'unmarked', 'f']],
      gone: [await keyOf(1), await keyOf(4)],
    });
    expect(counts).toMatchObject({ rows_in: '1', deleted: '2', partitions: '["2024-01","2024-02"]' });
    expect(
      await lab.ask("SELECT id, day, note, _hash FROM {entity} WHERE _deleted = 'gone' ORDER BY id"),
    ).toEqual([
      ['1', 'null', 'null', 'null'],
      ['4', 'null', 'null', 'null'],
    ]);
    expect(await lab.ask('SELECT id FROM {model} ORDER BY id')).toEqual([['2'], ['3']]);
  });

  it('does not bring a row back by an extract that is older than its deletion', async () => {
    await lab.publish({ order: '0003', rows: [['1', '2024-02-06', 'older', 'f']] });
    expect((await lab.ask(live)).map(([id]) => id)).toEqual(['2', '3']);
  });

  it('deletes within the windows of a backfill what they no longer hold, and takes a row that was inserted again', async () => {
    const counts = await lab.publish(
      {
        order: '0007',
        read: windowOf('2024-01-01', '2024-02-01'),
        rows: [['2', '2024-01-05', 'stays', 'f']],
      },
      {
        order: '0008',
        read: windowOf('2024-02-01', '2024-04-01'),
        rows: [['1', '2024-03-01', 'again', 'f']],
      },
    );
    expect(counts).toMatchObject({ rows_in: '2', deleted: '1' });
    expect(await lab.ask(live)).toEqual([
      ['1', 'AGAIN'],
      ['2', 'STAYS'],
    ]);
  });

  it('leaves newer rows alone when an older window comes late', async () => {
    await lab.publish({ order: '0006', read: windowOf('2024-01-01', '2024-04-01') });
    expect(await lab.ask(live)).toEqual([
      ['1', 'AGAIN'],
      ['2', 'STAYS'],
    ]);
  });

  it('drops changes that come after a full read and are older', async () => {
    await lab.publish({ order: '0020', read: full, rows: [['2', '2024-01-05', 'whole', 'f']] });
    await lab.publish({
      order: '0015',
      rows: [
        ['1', '2024-03-01', 'late', 'f'],
        ['2', '2024-01-05', 'late', 'f'],
      ],
    });
    // Tombstones end with it, too.
    expect(await lab.ask('SELECT id, note, _snapshot FROM {entity}')).toEqual([['2', 'WHOLE', '0020']]);
  });

  it('replaces everything by a source that went back, whose snapshots are older, and goes on from there', async () => {
    await lab.publish({
      order: '0009',
      read: { mode: 'full', reason: 'test', isRewound: true },
      rows: [
        ['2', '2024-01-05', 'restored', 'f'],
        ['5', '2024-03-02', 'other way', 'f'],
      ],
    });
    expect(await lab.ask('SELECT id, note FROM {model} ORDER BY id')).toEqual([
      ['2', 'RESTORED'],
      ['5', 'OTHER WAY'],
    ]);
    await lab.publish({ order: '0011', rows: [['5', '2024-03-02', 'since', 'f']] });
    expect(await lab.ask('SELECT id, note, _snapshot FROM {entity} ORDER BY id')).toEqual([
      ['2', 'RESTORED', '0009'],
      ['5', 'SINCE', '0011'],
    ]);
  });
});

describe('the hash of a row', () => {
  let postgres: ThrowawayPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  const columns = ['id', 't', 'c', 'n', 'd', 'f', 'b', 'at', 'day', 'j', 'a', 'bin', 'Odd "name\'\\'];

  it('is the same in PostgreSQL, and in Spark and DuckDB over the CSV, for hostile values', async () => {
    await postgres.sql(`CREATE TABLE h (id int, t text, c char(5), n numeric, d double precision, f real, b boolean,
      at timestamptz, day date, j jsonb, a text[], bin bytea, "Odd ""name'\\" text)`);
    const texts = [
      null,
      '',
      'NULL',
      '\\N',
      '\\.',
      'n',
      'v',
      'say "yes", "no"',
      '"',
      'one\ntwo',
      'one\rtwo',
      'one\r\ntwo',
      ' lead ',
      'u\u2028v',
      '\ufeffbom',
      '👩‍👩‍👧 żółw',
      '\u001f',
      '\u001fid\u001e1',
      "it's",
      '\\',
      '#',
      'x'.repeat(1_000_000),
    ];
    for (const [id, value] of texts.entries()) {
      await postgres.sql('INSERT INTO h (id, t, "Odd ""name\'\\") VALUES ($1, $2, $2)', [id, value]);
    }
    await postgres.sql(`INSERT INTO h VALUES
      (101, 'a', 'x', 1.50, 'NaN', '-0', true, 'infinity', 'infinity', '{"a": [1, "b"]}', '{a,NULL,"b c"}', '\\x00ff', ''),
      (102, 'a', 'x   ', 1234567890123456789012345678901234567890, 1e-310, 0.1, false, '0044-03-15 BC', '0044-03-15 BC', 'null', '{}', '', 'NULL'),
      (103, 'a', '', -0.000, '-Infinity', 1e20, NULL, '2024-03-31 01:30:00.000001+02', '2024-02-29', '"\\u00e9"', NULL, NULL, E'\\n')`);
    const client = await postgres.connect();
    await client.query(
      `SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET bytea_output = 'hex'; SET search_path = pg_catalog`,
    );
    const list = columns.map((name) => `t."${name.replaceAll('"', '""')}"`).join(', ');
    const csv = await text(
      client.query(copyTo(`COPY (SELECT ${list} FROM public.h t) TO STDOUT (FORMAT csv, HEADER)`)),
    );
    const { rows } = await client.query<{ id: number; key: string; hash: string }>(
      `SELECT id, ${postgresHash(['id', 't'])}::text AS key, ${postgresHash(columns)}::text AS hash FROM public.h t ORDER BY id`,
    );
    await client.end();
    expect(new Set(rows.map((row) => row.hash)).size).toBe(texts.length + 3);
    const expected = rows.map(({ id, key, hash }) => [String(id), key, hash]);

    const file = join(dir, 'hostile.csv.gz');
    writeFileSync(file, gzipSync(csv));
    const result = await spark.run({
      version: 1,
      step: 'hash',
      runKey: 'r',
      conf: {},
      inputs: [{ view: 'raw', format: 'csv', paths: [`file://${file}`], columns }],
      statements: [],
      outputs: [],
      metrics: [
        {
          name: 'all',
          sql: `SELECT to_json(sort_array(collect_list(struct(CAST(id AS INT) AS i, CAST(${sparkHash(['id', 't'])} AS STRING) AS k, CAST(${sparkHash(columns)} AS STRING) AS h)))) AS rows FROM raw`,
        },
      ],
      resultUri: `file://${dir}/hash.json`,
    });
    const inSpark = JSON.parse(result.metrics!.all!.rows!) as { i: number; k: string; h: string }[];
    expect(inSpark.map(({ i, k, h }) => [String(i), k, h])).toEqual(expected);

    const duck = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await duck.connect();
    const types = columns.map((name) => `'${name.replaceAll("'", "''")}': 'VARCHAR'`).join(', ');
    const found = await connection.runAndReadAll(
      `SELECT id, ${duckdbHash(['id', 't'])}::VARCHAR, ${duckdbHash(columns)}::VARCHAR
         FROM read_csv('${file}', columns = {${types}}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
           nullstr = '', allow_quoted_nulls = false, strict_mode = true, max_line_size = 8000000) ORDER BY id::INT`,
    );
    expect(found.getRowsJS()).toEqual(expected);
    connection.closeSync();
    duck.closeSync();
  });
});
