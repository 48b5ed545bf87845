import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import { splitRange } from '../../src/core/backfill.ts';
import { captureRequest, entityOf } from '../support/extract-request.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;

beforeAll(async () => {
  server = await startPostgres();
  source = createPostgresSource({ url: server.url(), name: 'shop' });
  await server.sql(
    `create table hours as
       select n as k, '2024-03-08T00:30Z'::timestamptz + n * interval '1 hour' as at,
              ('2024-03-08T00:30Z'::timestamptz + n * interval '1 hour') at time zone 'UTC' as naive
         from generate_series(0, 24 * 260) n`,
  );
});
afterAll(async () => {
  await source.close();
  await server.stop();
});

/** Keys by local day, each day read as a window of its own. */
async function readDays(column: string, from: string, to: string, timeZone: string) {
  const days: [string, string[]][] = [];
  for (const window of splitRange(from, to, 'P1D')) {
    const read = { mode: 'window', column, ...window, timeZone } as const;
    const request = captureRequest([entityOf('public.hours', ['k integer'], read)]);
    await source.extract(request);
    days.push([window.from, request.csv('hours').trim().split('\n').slice(1)]);
  }
  return days;
}

test.each(['at', 'naive'])(
  'days of 23 and 25 hours part time without gap or overlap (column %s)',
  async (column) => {
    const spring = await readDays(column, '2024-03-09', '2024-03-12', 'America/New_York');
    expect(spring.map(([day, keys]) => [day, keys.length])).toEqual([
      ['2024-03-09', 24],
      ['2024-03-10', 23],
      ['2024-03-11', 24],
    ]);
    const autumn = await readDays(column, '2024-11-02', '2024-11-05', 'America/New_York');
    expect(autumn.map(([day, keys]) => [day, keys.length])).toEqual([
      ['2024-11-02', 24],
      ['2024-11-03', 25],
      ['2024-11-04', 24],
    ]);
    const keys = spring.flatMap(([, some]) => some.map(Number)).sort((a, b) => a - b);
    expect(keys).toEqual(Array.from({ length: 71 }, (_, nth) => keys[0]! + nth));
  },
);
