import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCheckRunner } from '../../src/adapters/duckdb/check-runner.ts';

describe('totals of a table with hidden rows', () => {
  let dir: string;
  const columns = [{ name: 'total', type: 'numeric(10,2)' }];
  const hidden = { column: '_deleted', value: 'gone' };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tidemark-totals-'));
    const duck = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await duck.connect();
    const rows = "(VALUES (1.50, NULL), (2.25, 'soft'), (NULL, 'gone')) t(total, _deleted)";
    await connection.run(
      `COPY (SELECT total::DECIMAL(10,2) AS total, _deleted FROM ${rows}) TO '${dir}/new.parquet'`,
    );
    await connection.run(`COPY (SELECT 4.00::DECIMAL(10,2) AS total) TO '${dir}/old.parquet'`);
    connection.closeSync();
    duck.closeSync();
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it.each([
    ['files that have the column', ['new'], { rowCount: 2, sums: { total: '3.75' } }],
    ['files of an older version', ['old'], { rowCount: 1, sums: { total: '4.00' } }],
    ['both', ['new', 'old'], { rowCount: 3, sums: { total: '7.75' } }],
  ])('%s', async (_, names, expected) => {
    const files = names.map((name) => join(dir, `${name}.parquet`));
    const totals = await createCheckRunner({}).totals(
      { format: 'parquet', files, columns },
      ['total'],
      hidden,
    );
    expect(totals).toEqual(expected);
  });
});
