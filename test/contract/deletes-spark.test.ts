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

function shopOf(deletes: { mode: 'ignore' } | { mode: 'soft'; column: string }): Pipeline {
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
        deletes,
      },
    ],
    models: [{ name: 'sales_fact', sql: 'x' }],
  });
  const head = 'grain: g\nkey: [id]\nincremental: sales\npartition_by: month';
  const sql = `/*\n${head}\ncolumns: { id: { type: integer }, note: { type: text }, month: { type: varchar(7) } }\n*/ SELECT id, note, month FROM sales`;
  return assemblePipeline(definition, [parseModel('sales_fact', sql, definition)], {});
}

const full = { mode: 'full', reason: 'test' } as const;
const january = { mode: 'window', column: 'day', from: '2024-01-01', to: '2024-02-01' } as const;
const stored = 'SELECT id, note, _snapshot, _deleted FROM {entity} ORDER BY id';
const live = 'SELECT id, note FROM {entity} WHERE _deleted IS NULL ORDER BY id';

describe('the fold of changes and deletions', () => {
  const labs: LakeLab[] = [];
  const open = async (name: string, deletes: Parameters<typeof shopOf>[0] = { mode: 'ignore' }) => {
    const lab = await openLakeLab(spark, shopOf(deletes), 'sales', join(dir, name));
    labs.push(lab);
    return lab;
  };
  const keyOf = async (lab: LakeLab, id: number) =>
    BigInt((await lab.ask(`SELECT _key FROM {entity} WHERE id = ${id}`))[0]![0]!);
  afterAll(() => {
    for (const lab of labs) lab.close();
  });

  it('keeps the newest snapshot of a key when an extract has several', async () => {
    const lab = await open('later');
    const counts = await lab.publish({
      order: '0001',
      read: full,
      rows: [
        ['1', '2024-01-05', 'old', 'f'],
        ['2', '2024-01-05', 'once', 'f'],
      ],
      later: {
        order: '0002',
        rows: [
          ['1', '2024-02-05', 'new', 'f'],
          ['3', '2024-02-06', 'late', 'f'],
        ],
      },
    });
    expect(counts).toMatchObject({ rows_in: '4', clean: '3', rejected: '0', deduplicated: '1' });
    expect(await lab.ask(stored)).toEqual([
      ['1', 'NEW', '0002', 'null'],
      ['2', 'ONCE', '0001', 'null'],
      ['3', 'LATE', '0002', 'null'],
    ]);
    expect(lab.entity().floor).toBe('0001');
  });

  it('hides a row that is gone, empties its partition, and brings it back when it is inserted again', async () => {
    const lab = await open('gone');
    await lab.publish({
      order: '0001',
      read: full,
      rows: [
        ['1', '2024-01-05', 'a', 'f'],
        ['2', '2024-02-05', 'b', 'f'],
        ['3', '2024-02-06', 'c', 'f'],
      ],
    });
    const counts = await lab.publish({ order: '0003', gone: [await keyOf(lab, 1), await keyOf(lab, 3)] });
    expect(counts).toMatchObject({ rows_in: '0', deleted: '2', partitions: '["2024-01","2024-02"]' });
    // Nothing of what the row said is kept.
    expect(await lab.ask(stored)).toEqual([
      ['1', 'null', '0003', 'gone'],
      ['2', 'B', '0001', 'null'],
      ['3', 'null', '0003', 'gone'],
    ]);
    expect(await lab.ask('SELECT id FROM {model}')).toEqual([['2']]);

    // An extract that was read before the deletion and is published after it.
    await lab.publish({ order: '0002', rows: [['1', '2024-01-05', 'older', 'f']] });
    expect(await lab.ask(live)).toEqual([['2', 'B']]);

    await lab.publish({ order: '0004', rows: [['1', '2024-03-01', 'again', 'f']] });
    expect(await lab.ask(live)).toEqual([
      ['1', 'AGAIN'],
      ['2', 'B'],
    ]);
  });

  it('deletes within the window of a backfill what the window no longer holds', async () => {
    const lab = await open('window');
    await lab.publish({
      order: '0001',
      read: full,
      rows: [
        ['1', '2024-01-05', 'stays', 'f'],
        ['2', '2024-01-31', 'gone', 'f'],
        ['3', '2024-02-01', 'outside', 'f'],
        ['4', '2024-01-07', 'newer', 'f'],
      ],
    });
    await lab.publish({ order: '0009', rows: [['4', '2024-01-07', 'newer', 'f']] });
    const counts = await lab.publish({
      order: '0005',
      read: january,
      rows: [['1', '2024-01-05', 'changed', 'f']],
    });
    expect(counts).toMatchObject({ rows_in: '1', deleted: '1' });
    expect(await lab.ask(live)).toEqual([
      ['1', 'CHANGED'],
      ['3', 'OUTSIDE'],
      ['4', 'NEWER'],
    ]);

    // Several windows at once; the second is empty.
    const february = { ...january, from: '2024-02-01', to: '2024-03-01' };
    await lab.publish(
      { order: '0010', read: january, rows: [['4', '2024-01-07', 'last', 'f']] },
      { order: '0011', read: february },
    );
    expect(await lab.ask(live)).toEqual([['4', 'LAST']]);
  });

  it('drops late changes of snapshots before a full read', async () => {
    const lab = await open('floor');
    await lab.publish({
      order: '0001',
      read: full,
      rows: [
        ['1', '2024-01-05', 'a', 'f'],
        ['2', '2024-01-05', 'b', 'f'],
      ],
    });
    await lab.publish({ order: '0005', read: full, rows: [['1', '2024-01-05', 'a', 'f']] });
    await lab.publish({
      order: '0003',
      rows: [
        ['2', '2024-01-05', 'b', 'f'],
        ['1', '2024-01-05', 'x', 'f'],
      ],
    });
    expect(await lab.ask(stored)).toEqual([['1', 'A', '0005', 'null']]);
  });

  it('hides rows that the source marks as deleted, and shows them when the mark is taken away', async () => {
    const lab = await open('soft', { mode: 'soft', column: 'is_void' });
    await lab.publish({
      order: '0001',
      read: full,
      rows: [
        ['1', '2024-01-05', 'a', 't'],
        ['2', '2024-01-05', 'b', 'f'],
        ['3', '2024-01-05', 'c', null],
      ],
    });
    expect(await lab.ask('SELECT id, _deleted FROM {entity} ORDER BY id')).toEqual([
      ['1', 'soft'],
      ['2', 'null'],
      ['3', 'null'],
    ]);
    expect(await lab.ask('SELECT id FROM {model} ORDER BY id')).toEqual([['2'], ['3']]);
    await lab.publish({ order: '0002', rows: [['1', '2024-01-05', 'a', 'f']] });
    expect(await lab.ask('SELECT id FROM {model} ORDER BY id')).toEqual([['1'], ['2'], ['3']]);
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
