import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Publication } from '../../src/core/publication.ts';
import type { RunOutcome } from '../../src/core/run.ts';
import { type RunningPipeline, startPipeline } from './running-pipeline.ts';
import { askSource, openPlaces, type Places } from './three-places.ts';

const PIPELINE = fileURLToPath(new URL('../support/pipelines/warehouse-stock/pipeline.ts', import.meta.url));

/** Texts that break CSV, SQL and Hive paths when anything on the way forgets to quote. */
const TITLES = [
  'plain',
  '',
  null,
  'NULL',
  '\\N',
  '"quoted", and, commas',
  "O'Neil; drop table articles; --",
  'two\nlines',
  'carriage\r\nreturn',
  'back\\slash \\" end\\',
  '  padded  ',
  'tab\there',
  'Größe 電機 🙂 \u2028 line separator',
  '{files} %s $1 :name ?',
];
const HOSTILE_SKU = `a/b=c 'd' "e" %2F é`;
const COLD = 'cold store/№ 1';

describe('a pipeline with two sources, a composite key and tables of its own', () => {
  const env: Record<string, string> = { ...inject('stackEnv'), TIDEMARK_PIPELINES: PIPELINE };
  const adminUrl = env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!;
  const depotUrl = databaseUrl(adminUrl, 'stock_depot');
  const registerUrl = databaseUrl(adminUrl, 'stock_register');
  let places: Places | undefined;
  let pipeline: RunningPipeline | undefined;
  let runs: RunOutcome[];
  let first: Publication;
  let last: Publication;

  beforeAll(async () => {
    places = await openPlaces(env);
    await createDatabases(adminUrl, ['stock_depot', 'stock_register']);
    await write(registerUrl, 'CREATE TABLE articles (sku varchar(40) PRIMARY KEY, title varchar(200))');
    for (const [nth, title] of TITLES.entries())
      await write(registerUrl, 'INSERT INTO articles VALUES ($1, $2)', [`sku-${nth}`, title]);
    await write(registerUrl, 'INSERT INTO articles VALUES ($1, $2)', [HOSTILE_SKU, 'hostile key']);
    await write(
      depotUrl,
      'CREATE TABLE stock_levels (site varchar(10), sku varchar(40), zone varchar(40) NOT NULL, pieces int NOT NULL, worth numeric(12,2), PRIMARY KEY (site, sku))',
    );
    for (const site of ['north', 'south']) {
      await write(
        depotUrl,
        `INSERT INTO stock_levels SELECT $1, 'sku-' || n, CASE WHEN n % 2 = 0 THEN 'shelf' ELSE $2 END, n, n * 1.25 FROM generate_series(0, 9) n`,
        [site, COLD],
      );
      await write(depotUrl, 'INSERT INTO stock_levels VALUES ($1, $2, $3, 7, NULL)', [
        site,
        HOSTILE_SKU,
        'yard',
      ]);
    }
    pipeline = await startPipeline({
      pipeline: 'warehouse_stock',
      env: { ...env, STOCK_DEPOT_URL: depotUrl, STOCK_REGISTER_URL: registerUrl },
      dir: inject('stackDir'),
    });
    runs = [await pipeline.run('full')];
    first = (await places.publication('warehouse_stock'))!;
    await write(
      depotUrl,
      `UPDATE stock_levels SET zone = $1, pieces = 99 WHERE site = 'north' AND sku = 'sku-2'`,
      [COLD],
    );
    await write(depotUrl, `INSERT INTO stock_levels VALUES ('north', 'sku-12', 'shelf', 5, 0.05)`);
    runs.push(await pipeline.run('live'));
    last = (await places.publication('warehouse_stock'))!;
  });

  afterAll(async () => {
    await pipeline?.stop();
    places?.close();
  });

  it('publishes twice, the second time from the changed rows alone', () => {
    expect(runs).toMatchObject([
      { state: 'published', sequence: 1, extracted: { stock_levels: 22, articles: TITLES.length + 1 } },
      { state: 'published', sequence: 2, extracted: { stock_levels: 2, articles: 0 } },
    ]);
  });

  it('checks the large batches in Spark and small ones in the worker, with the same evidence', async () => {
    const [full, changes] = runs.map(({ runKey }) => runKey);
    const ask = (runKey: string, stage: 'raw' | 'audit') => places!.checks('warehouse_stock', runKey, stage);
    const raw = await ask(full!, 'raw');
    const evidence = raw.results.stock_levels!.results[1]!;
    expect(raw.sparkSteps).toHaveLength(2);
    expect(evidence).toMatchObject({
      success: false,
      result: {
        element_count: 22,
        unexpected_count: 2,
        partial_unexpected_index_list: [
          { site: 'north', sku: HOSTILE_SKU },
          { site: 'south', sku: HOSTILE_SKU },
        ],
      },
    });
    const audit = await ask(full!, 'audit');
    expect(audit.sparkSteps).toHaveLength(1);
    expect(audit.results.stock_fact!.results.map(({ result }) => result.element_count)).toEqual([22, 22]);
    expect(audit.results.stock_fact!.success).toBe(true);
    const small = await ask(changes!, 'raw');
    expect(small.sparkSteps).toEqual([]);
    expect(small.results.stock_levels!.results[1]!.result.element_count).toBe(2);
  });

  it('stock_fact holds the rows of the depot everywhere, the moved one once', async () => {
    const columns = 'site, sku, CAST(pieces AS VARCHAR(20)), CAST(worth AS VARCHAR(40))';
    const expected = await askSource(
      depotUrl,
      'SELECT site, sku, pieces::text, worth::text, zone FROM stock_levels ORDER BY site COLLATE "C", sku COLLATE "C"',
    );
    expect(expected).toHaveLength(23);
    const lake = await places!.lake(
      last.tables.stock_fact!,
      `SELECT ${columns} FROM {files} t ORDER BY site, sku`,
    );
    expect(lake).toEqual(expected.map((row) => row.slice(0, 4)));
    for (const schema of ['warehouse_stock_spectrum', 'warehouse_stock']) {
      const rows = await places!.ask(
        `SELECT ${columns}, zone FROM ${schema}.stock_fact t ORDER BY site, sku`,
      );
      expect(rows, schema).toEqual(expected);
    }
  });

  it('article_dimension holds every hostile text, joined across the sources', async () => {
    const articles = await askSource(registerUrl, 'SELECT sku, title FROM articles ORDER BY sku COLLATE "C"');
    const stock = new Map(
      (await askSource(depotUrl, 'SELECT sku, sum(pieces) FROM stock_levels GROUP BY sku')).map(
        ([sku, pieces]) => [sku, pieces],
      ),
    );
    const expected = articles.map(([sku, title]) => [sku, title, stock.get(sku!) ?? '0']);
    const columns = 'sku, title, CAST(pieces_in_stock AS VARCHAR(20))';
    const sql = (table: string) => `SELECT ${columns} FROM ${table} t ORDER BY sku`;
    expect(await places!.lake(last.tables.article_dimension!, sql('{files}'))).toEqual(expected);
    for (const schema of ['warehouse_stock_spectrum', 'warehouse_stock'])
      expect(await places!.ask(sql(`${schema}.article_dimension`)), schema).toEqual(expected);
  });

  it('writes only the partitions that the update and the insert touched', () => {
    const generations = ({ tables }: Publication) =>
      Object.fromEntries(tables.stock_fact!.partitions.map(({ value, generation }) => [value, generation]));
    const [before, after] = [generations(first), generations(last)];
    expect(Object.keys(after).sort()).toEqual([COLD, 'shelf', 'yard']);
    expect(after.yard).toBe(before.yard);
    expect(after.shelf).not.toBe(before.shelf);
    expect(after[COLD]).not.toBe(before[COLD]);
  });
});

describe('the engine', () => {
  // `order` is left out: rows, snapshots and SQL have an order too, and messages show `public.orders` as an example.
  it('names nothing of the shop outside its comments', () => {
    const found = ['src/core', 'src/adapters', 'activities', 'workflows', 'spark'].flatMap((folder) => {
      const root = fileURLToPath(new URL(`../../${folder}/`, import.meta.url));
      const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.(ts|py)$/.test(file),
      );
      expect(files.length, folder).toBeGreaterThan(0);
      return files.flatMap((file) => {
        const text = readFileSync(`${root}${file}`, 'utf8');
        const comments = file.endsWith('.py')
          ? /#[^\n]*|"""[\s\S]*?"""/g
          : /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g;
        const words = text.replace(comments, ' ').match(/\w*(customer|product|ecommerce)\w*/gi) ?? [];
        return words
          .filter((word) => !/^production$/i.test(word))
          .map((word) => `${folder}/${file}: ${word}`);
      });
    });
    expect(found).toEqual([]);
  });
});

function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function createDatabases(adminUrl: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await write(adminUrl, `DROP DATABASE IF EXISTS ${name}`);
    await write(adminUrl, `CREATE DATABASE ${name}`);
  }
}

async function write(url: string, sql: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql, [...values]);
  } finally {
    await client.end();
  }
}
