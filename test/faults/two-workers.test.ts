import type { WorkflowHandle } from '@temporalio/client';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkerProcess } from '../../scripts/demo/worker-process.ts';
import { main } from '../../scripts/tidemark/main.ts';
import type { Output } from '../../scripts/tidemark/output.ts';
import { listWaits } from '../../scripts/tidemark/waits.ts';
import type { backfill } from '../../workflows/index.ts';
import { backfillStatusQuery, setParallelUpdate } from '../../workflows/messages.ts';
import { PipelineBench } from './pipeline-bench.ts';

const DAYS = 10;
const GATE = 4711;

const bench = new PipelineBench({
  pipeline: 'sensors',
  urlVariable: 'SENSORS_GRID_URL',
  // The other pipeline has the default task queue; the workers poll both.
  besides: ['../../pipelines/ecommerce/pipeline.ts'],
});
let keeper: pg.Client;
beforeAll(async () => {
  // Readers of the view wait while somebody holds the lock; a plan of it does not.
  await bench.open(`
    CREATE TABLE raw_signals AS SELECT n AS signal_id, date '2024-01-01' + n % ${DAYS} AS sent_on, (n * 1.5)::numeric(10,2) AS volts
      FROM generate_series(1, 1000) n;
    CREATE FUNCTION is_open() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN
      WHILE NOT pg_try_advisory_xact_lock_shared(${GATE}) LOOP PERFORM pg_sleep(0.02); END LOOP;
      RETURN true;
    END $$;
    CREATE VIEW signals AS SELECT raw_signals.* FROM raw_signals WHERE (SELECT is_open())`);
  keeper = await bench.connect();
});
afterAll(() => bench.close());

/** Extracts that read the source at this moment, as PostgreSQL counts them. */
async function countExtracts(): Promise<number> {
  const { rows } = await keeper.query(
    `SELECT count(DISTINCT application_name)::int AS extracts FROM pg_stat_activity
      WHERE datname = 'sensors' AND state = 'active' AND application_name LIKE 'tidemark %'`,
  );
  return (rows as { extracts: number }[])[0]!.extracts;
}

function hasEnded({ pid }: WorkerProcess): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}

const timesIn = (worker: WorkerProcess, text: string) => worker.log().split(text).length - 1;

describe('a backfill with more chunks side by side than a worker may extract', () => {
  it('keeps to the limit of each worker, shares the chunks, and ends on one when the other is drained', async () => {
    await keeper.query(`SELECT pg_advisory_lock(${GATE})`);
    const first = await bench.startWorker();
    await bench.until(async () => /^worker ready: .* task queue tidemark, sensors$/m.test(first.log()));
    const command = 'backfill start sensors --from 2024-01-01 --to 2024-01-11 --chunk P1D --parallel 4';
    const out = {
      print: () => undefined,
      complain: () => undefined,
      env: bench.env,
      exitCode: 0,
    } satisfies Output;
    expect(await main(command.split(' '), out)).toBe(0);
    const handle: WorkflowHandle<typeof backfill> = bench.client.workflow.getHandle(
      'backfill/sensors/2024-01-01..2024-01-11',
    );
    await bench.until(async () => timesIn(first, 'waits for a place') === 3);
    await bench.until(async () => (await countExtracts()) > 0);
    expect(await countExtracts()).toBe(1);
    const { extracting } = await handle.query(backfillStatusQuery);
    const waits = await Promise.all(
      extracting.map((chunk) => listWaits(bench.client, `ingest/sensors/backfill-${chunk}`)),
    );
    expect(waits.flat()).toMatchObject(
      Array.from({ length: 3 }, () => ({ activity: 'extractSource', kind: 'extracts', limit: 1 })),
    );

    const second = await bench.startWorker();
    await handle.executeUpdate(setParallelUpdate, { args: [8] });
    await bench.until(
      async () => timesIn(first, 'waits for a place') + timesIn(second, 'waits for a place') === 6,
    );
    await bench.until(async () => (await countExtracts()) > 1);
    expect(await countExtracts()).toBe(2);

    first.kill('SIGTERM');
    // By itself: nobody kills it when it is slow.
    await bench.until(async () => hasEnded(first));
    await bench.until(async () => (await countExtracts()) === 1);
    // Everything that the first one had is on the second now, in its queue.
    await bench.until(async () => timesIn(second, 'waits for a place') >= 7);
    expect(await countExtracts()).toBe(1);

    await keeper.query(`SELECT pg_advisory_unlock(${GATE})`);
    expect(await handle.result()).toEqual({ published: DAYS, skipped: 0 });
    expect(await totalsOfWarehouse()).toEqual(await totalsOfSource());
  });
});

const TOTALS = 'SELECT count(*), count(DISTINCT signal_id), CAST(sum(volts) AS VARCHAR(40)) FROM';

async function totalsOfSource(): Promise<string[]> {
  const { rows } = await keeper.query({ text: `${TOTALS} raw_signals`, rowMode: 'array' });
  return (rows as unknown[][])[0]!.map(String);
}

async function totalsOfWarehouse(): Promise<string[]> {
  return (await bench.deps.warehouse.query(`${TOTALS} sensors.signal_fact`)).rows[0]!.map(String);
}
