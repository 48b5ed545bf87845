import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createRandom } from '../../scripts/seed/random.ts';
import type { RunOutcome } from '../../src/core/run.ts';
import type { GateAction } from '../../src/core/verdict.ts';
import type { ingest } from '../../workflows/index.ts';
import { backfillStatusQuery } from '../../workflows/messages.ts';
import { VisitsBench } from './visits-bench.ts';

/** Rounds of changes at the source and one thing that a person or a schedule does; a long search sets more. */
const ROUNDS = Number(process.env.TIDEMARK_TEST_ROUNDS ?? 2);
/** Runs, chunks and builds at work; those that wait for a person are not counted. */
const BUSY_AT_ONCE = 2;
const MONTHS = ['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01', '2024-05-01'] as const;
const LONG_MS = 400_000;
const seed = Number(process.env.TIDEMARK_TEST_SEED ?? Date.now() % 1_000_000);

const visits = new VisitsBench();
const { bench } = visits;
beforeAll(() => visits.open());
afterEach(() => bench.stopWorkers());
afterAll(() => visits.close());

/** Waits for runs, and for all that is under way beside them, with `approve` at one gate after the other. */
async function finish(runs: readonly WorkflowHandle<typeof ingest>[]): Promise<RunOutcome[]> {
  let isOver = false;
  const outcomes = Promise.all(runs.map((run) => run.result())).finally(() => (isOver = true));
  await bench.until(async () => {
    const [gate] = await visits.listGates();
    if (gate && (await visits.countBusy()) === 0) await visits.answer(gate, 'approve');
    return isOver && (await visits.listOpen()).length === 0;
  }, LONG_MS);
  return await outcomes;
}

/** Waits until a run has published, ended or come to a gate, or all wait at one. */
async function untilNews(): Promise<void> {
  const look = async () => {
    const waiting = (await visits.listGates()).map(({ run, id }) => `${run} ${id}`);
    return JSON.stringify([await visits.listOpen(), waiting, await visits.sequence()]);
  };
  const before = await look();
  await bench.until(async () => (await visits.countBusy()) === 0 || (await look()) !== before, LONG_MS);
}

it(`live runs, backfills, retries and late approvals in random order: no row goes back, and the lake is the source (seed ${seed})`, async () => {
  const random = createRandom(seed, 'order');
  const writer = await visits.connectWriter(createRandom(seed, 'writer'));
  const long = await visits.connectWriter(createRandom(seed, 'long'));
  await bench.startWorker();
  expect((await (await visits.startLive()).result()).sequence).toBe(1);

  // This run waits through all that follows, with a row that is made right and moves meanwhile.
  await visits.sql("INSERT INTO visits VALUES (500, 1, '2024-02-10', -5)");
  const latest = await visits.startLive();
  await bench.until(async () => (await visits.listGates()).length === 1, LONG_MS);
  await visits.sql("UPDATE visits SET amount = 5, visited_on = '2024-03-10' WHERE visit_id = 500");

  const runs = [latest];
  const done: string[] = [];
  const start = {
    live: async () => void runs.push(await visits.startLive()),
    backfill: async () => {
      const from = random.below(MONTHS.length - 1);
      const to = random.between(from + 1, Math.min(from + 2, MONTHS.length - 1));
      const dates = { from: MONTHS[from]!, to: MONTHS[to]! };
      await visits.startBackfill({ ...dates, chunk: random.pick(['P1M', 'P20D']), mode: 'all' });
    },
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (let left = random.between(1, 3); left > 0; left--) await writer.write({ isBadAllowed: true });
    if (random.chance(0.3)) await long.turnLongTransaction();
    if (random.chance(0.25)) await writer.mend();
    const gates = (await visits.listGates()).filter(({ run }) => run !== latest.workflowId);
    if (gates.length > 0 && random.chance(0.6)) {
      const action = random.pick<GateAction>(['approve', 'approve', 'retry', 'skip']);
      await visits.answer(random.pick(gates), action);
      done.push(action);
    } else {
      while ((await visits.countBusy()) >= BUSY_AT_ONCE) await untilNews();
      const isBackfilling = (await visits.listOpen()).some((id) => id.startsWith('backfill/'));
      const kind = isBackfilling || random.chance(0.6) ? 'live' : 'backfill';
      await start[kind]();
      done.push(kind);
    }
    if (random.chance(0.4)) await untilNews();
  }
  const sequence = await visits.sequence();
  await long.end();
  const outcomes = await finish(runs);
  await finish([await visits.startLive()]);

  const again = `TIDEMARK_TEST_SEED=${seed}`;
  const publications = await visits.publications();
  console.log(
    `seed ${seed}: ${done.join(', ')}; ${publications.length} publications, ${outcomes.flatMap((each) => each.decisions).length} decisions`,
  );
  expect(outcomes[0]!.sequence, again).toBeGreaterThan(sequence);
  expect(await visits.findViolations(publications), again).toEqual([]);
  expect(await visits.readPlaces(), again).toEqual(await visits.readSource());
});

it(`a backfill beside live runs, terminated with its worker killed and started again, leaves what a sequential one does (seed ${seed})`, async () => {
  const random = createRandom(seed, 'backfill');
  const writer = await visits.connectWriter(createRandom(seed, 'kill'));
  await writer.mend();
  const killed = await bench.startWorker();
  const range = { from: '2024-01-01', to: '2024-03-01' };
  const chunks = { ...range, chunk: 'P10D', mode: 'missing', parallel: 4, batch: 3 } as const;
  const first = await visits.startBackfill(chunks);
  const writeAndRun = async () => {
    for (let left = random.between(2, 4); left > 0; left--) await writer.write({ isBadAllowed: false });
    return await visits.startLive();
  };
  const live = [await writeAndRun()];
  await bench.until(async () => {
    const { done, building } = await first.query(backfillStatusQuery);
    return done.length > 0 && building.length > 0;
  }, LONG_MS);
  await killed.stop('SIGKILL');
  await first.terminate('killed');
  live.push(await writeAndRun());

  await bench.startWorker();
  const second = await visits.startBackfill(chunks);
  const { published } = await second.result();
  expect(published).toBeGreaterThan(0);
  expect(published).toBeLessThan(6);
  for (const run of live) expect((await run.result()).state).toBe('published');
  await (await visits.startLive()).result();
  const lake = await visits.readPlaces();
  expect(lake).toEqual(await visits.readSource());
  expect(await visits.findViolations(await visits.publications())).toEqual([]);

  const sequential = await visits.startBackfill({ ...range, chunk: 'P2M', mode: 'all', parallel: 1 });
  expect(await sequential.result()).toEqual({ published: 1, skipped: 0 });
  expect(await visits.readPlaces()).toEqual(lake);
});
