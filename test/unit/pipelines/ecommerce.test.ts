import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { loadPipeline } from '../../../src/load-pipelines.ts';

const FOLDER = new URL('../../../pipelines/ecommerce/', import.meta.url);
const pipeline = await loadPipeline(fileURLToPath(new URL('pipeline.ts', FOLDER)));

describe('the e-commerce pipeline', () => {
  it('has a suite for each entity and each model', () => {
    const { entities, models } = pipeline.definition;
    const names = [...entities, ...models].map(({ name }) => name).sort();
    expect(Object.keys(pipeline.suites).sort()).toEqual(names);
  });

  it('holds a run when totals are negative', () => {
    const suite = pipeline.suites.orders as { expectations: { kwargs: object }[] };
    expect(suite.expectations).toContainEqual({
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'total_price', min_value: 0 },
      severity: 'critical',
    });
  });

  it('computes the fact by touched months alone and the dimensions whole', () => {
    const reads = pipeline.models.map(({ name, head, reads }) => [
      name,
      head.incremental ?? null,
      [...reads],
    ]);
    expect(reads).toEqual([
      ['date_dimension', null, []],
      ['customers_dimension', null, ['customers', 'orders']],
      ['product_dimension', null, ['products', 'orders']],
      ['orders_fact', 'orders', ['orders']],
    ]);
  });

  it('declares every name, address and birth date as personal', () => {
    const model = pipeline.models.find(({ name }) => name === 'customers_dimension')!;
    const personal = Object.entries(model.head.columns).flatMap(([name, { pii }]) => (pii ? [name] : []));
    expect(personal).toEqual([
      'customer_name',
      'customer_email',
      'date_of_birth',
      'address',
      'city',
      'postal_code',
    ]);
  });
});

describe('date_dimension', async () => {
  const days = await computeDays();
  const holidaysOf = (year: number) =>
    days.filter((day) => day.year === year && day.is_holiday).map((day) => day.date_id);

  it('has each day from 2000 to 2035 once, with its weekday', () => {
    expect(days).toHaveLength(13_149);
    const first = Date.UTC(2000, 0, 1);
    days.forEach((day, index) => {
      const date = new Date(first + index * 86_400_000);
      const weekday = date.toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' });
      expect([day.date_id, day.weekday, day.is_weekend, day.quarter]).toEqual([
        Number(date.toISOString().slice(0, 10).replaceAll('-', '')),
        weekday,
        weekday === 'Saturday' || weekday === 'Sunday',
        Math.floor(date.getUTCMonth() / 3) + 1,
      ]);
    });
  });

  // Hand lists from the calendar that the US Office of Personnel Management publishes.
  it.each([
    [2020, '0101 0120 0217 0525 0703 0704 0907 1012 1111 1126 1225'],
    [2021, '0101 0118 0215 0531 0618 0619 0704 0705 0906 1011 1111 1125 1224 1225 1231'],
    [2022, '0101 0117 0221 0530 0619 0620 0704 0905 1010 1111 1124 1225 1226'],
    [2023, '0101 0102 0116 0220 0529 0619 0704 0904 1009 1110 1111 1123 1225'],
    [2024, '0101 0115 0219 0527 0619 0704 0902 1014 1111 1128 1225'],
  ])('knows the federal holidays of %i and the days on which they are observed', (year, list) => {
    expect(holidaysOf(year)).toEqual(list.split(' ').map((monthDay) => year * 10_000 + Number(monthDay)));
  });
});

/** Rows of the model's own SQL, which but for the list of numbers says the same in DuckDB as in Spark. */
async function computeDays() {
  const text = await readFile(new URL('models/date_dimension.sql', FOLDER), 'utf8');
  const sql = text
    .replace(/^\s*\/\*[\s\S]*?\*\//, '')
    .replace('explode(sequence(0, 13148))', 'unnest(generate_series(0, 13148))');
  const connection = await (await DuckDBInstance.create()).connect();
  try {
    const reader =
      await connection.runAndReadAll(`select date_id, weekday, is_weekend, is_holiday, cast(year as int) as year, cast(quarter as int) as quarter
         from (${sql}) order by date_id`);
    return reader.getRowObjectsJson() as {
      date_id: number;
      weekday: string;
      is_weekend: boolean;
      is_holiday: boolean;
      year: number;
      quarter: number;
    }[];
  } finally {
    connection.closeSync();
  }
}
