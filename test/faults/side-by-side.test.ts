import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { createRandom } from '../../scripts/seed/random.ts';
import { backfillStatusQuery } from '../../workflows/messages.ts';
import { until } from '../support/postgres.ts';
import { VisitsBench } from './visits-bench.ts';

const LONG_MS = 400_000;
const seed = Number(process.env.TIDEMARK_TEST_SEED ?? Date.now() % 1_000_000);

const bench = new VisitsBench(inject('stackEnv'), inject('stackDir'));
beforeAll(() => bench.open());
afterEach(() => bench.stopWorkers());
afterAll(() => bench.close());

it(`a backfill beside live runs, terminated with its worker killed and started again, leaves what a sequential one does (seed ${seed})`, async () => {
  const random = createRandom(seed, 'backfill');
  const writer = await bench.connectWriter(createRandom(seed, 'kill'));
  await writer.mend();
  const killed = await bench.startWorker();
  const range = { from: '2024-01-01', to: '2024-05-01' };
  const chunks = { ...range, chunk: 'P10D', mode: 'missing', parallel: 4, batch: 5 } as const;
  const first = await bench.startBackfill(chunks);
  const writeAndRun = async () => {
    for (let left = random.between(2, 4); left > 0; left--) await writer.write({ isBadAllowed: false });
    return await bench.startLive();
  };
  const live = [await writeAndRun()];
  await until(async () => {
    const { done, building } = await first.query(backfillStatusQuery);
    return done.length > 0 && building.length > 0;
  }, LONG_MS);
  await killed.stop('SIGKILL');
  await first.terminate('killed');
  live.push(await writeAndRun());

  await bench.startWorker();
  const second = await bench.startBackfill(chunks);
  const { published } = await second.result();
  expect(published).toBeGreaterThan(0);
  expect(published).toBeLessThan(13);
  for (const run of live) expect((await run.result()).state).toBe('published');
  await (await bench.startLive()).result();
  const lake = await bench.readPlaces();
  expect(lake).toEqual(await bench.readSource());
  expect(await bench.findViolations(await bench.publications())).toEqual([]);

  const sequential = await bench.startBackfill({ ...range, chunk: 'P1M', mode: 'all', parallel: 1 });
  expect(await sequential.result()).toEqual({ published: 4, skipped: 0 });
  expect(await bench.readPlaces()).toEqual(lake);
});
