import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startWorkerProcess, type WorkerProcess } from '../../scripts/demo/worker-process.ts';
import { main } from '../../scripts/tidemark/main.ts';
import type { Output } from '../../scripts/tidemark/output.ts';
import { listWaits } from '../../scripts/tidemark/waits.ts';
import { composeDeps } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { connectTemporal } from '../../src/temporal-client.ts';
import type { backfill } from '../../workflows/index.ts';
import { backfillStatusQuery, setParallelUpdate } from '../../workflows/messages.ts';
import { until } from '../support/postgres.ts';

const LONG_MS = 180_000;
const DAYS = 20;
const GATE = 4711;

const stackEnv = inject('stackEnv');
const admin = stackEnv.TIDEMARK_LOCAL_SHOP_ADMIN_URL!;
const url = Object.assign(new URL(admin), { pathname: '/sensors' }).href;
const env = {
  ...stackEnv,
  // The other pipeline has the default task queue; the workers poll both.
  TIDEMARK_PIPELINES: ['../../pipelines/ecommerce/pipeline.ts', './sensors/pipeline.ts']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .join(','),
  SENSORS_GRID_URL: url,
};

let client: Client;
let keeper: pg.Client;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  await query(admin, 'CREATE DATABASE sensors');
  keeper = new pg.Client({ connectionString: url });
  await keeper.connect();
  await keeper.query(
    `CREATE TABLE raw_signals AS SELECT n AS signal_id, date '2024-01-01' + n % ${DAYS} AS sent_on, (n * 1.5)::numeric(10,2) AS volts
       FROM generate_series(1, 1000) n`,
  );
  // Readers of the view wait while somebody holds the lock; a plan of it does not.
  await keeper.query(
    `CREATE FUNCTION is_open() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN
       WHILE NOT pg_try_advisory_xact_lock_shared(${GATE}) LOOP PERFORM pg_sleep(0.02); END LOOP;
       RETURN true;
     END $$`,
  );
  await keeper.query('CREATE VIEW signals AS SELECT raw_signals.* FROM raw_signals WHERE (SELECT is_open())');
  client = await connectTemporal(readConfig(env));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
  await client.connection.close();
  await keeper.end();
  await query(admin, 'DROP DATABASE sensors WITH (FORCE)');
});

async function query(connectionString: string, text: string): Promise<pg.QueryResult> {
  const connection = new pg.Client({ connectionString });
  await connection.connect();
  try {
    return await connection.query(text);
  } finally {
    await connection.end();
  }
}

async function startWorker(name: string): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(env, join(inject('stackDir'), `worker-${name}.log`));
  workers.push(worker);
  return worker;
}

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
    const first = await startWorker('first');
    await until(async () => /^worker ready: .* task queue tidemark, sensors$/m.test(first.log()));
    const command = 'backfill start sensors --from 2024-01-01 --to 2024-01-21 --chunk P1D --parallel 4';
    const out = { print: () => undefined, complain: () => undefined, env, exitCode: 0 } satisfies Output;
    expect(await main(command.split(' '), out)).toBe(0);
    const handle: WorkflowHandle<typeof backfill> = client.workflow.getHandle(
      'backfill/sensors/2024-01-01..2024-01-21',
    );
    await until(async () => timesIn(first, 'waits for a place') === 3, LONG_MS);
    await until(async () => (await countExtracts()) > 0, LONG_MS);
    expect(await countExtracts()).toBe(1);
    const { extracting } = await handle.query(backfillStatusQuery);
    const waits = await Promise.all(
      extracting.map((chunk) => listWaits(client, `ingest/sensors/backfill-${chunk}`)),
    );
    expect(waits.flat()).toMatchObject(
      Array.from({ length: 3 }, () => ({ activity: 'extractSource', kind: 'extracts', limit: 1 })),
    );

    const second = await startWorker('second');
    await handle.executeUpdate(setParallelUpdate, { args: [16] });
    await until(
      async () => timesIn(first, 'waits for a place') + timesIn(second, 'waits for a place') === 14,
      LONG_MS,
    );
    await until(async () => (await countExtracts()) > 1, LONG_MS);
    expect(await countExtracts()).toBe(2);

    first.kill('SIGTERM');
    // By itself: nobody kills it when it is slow.
    await until(async () => hasEnded(first), LONG_MS);
    await until(async () => (await countExtracts()) === 1, LONG_MS);
    // Everything that the first one had is on the second now, in its queue.
    await until(async () => timesIn(second, 'waits for a place') >= 15, LONG_MS);
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
  const deps = await composeDeps(readConfig(env), new Map());
  try {
    return (await deps.warehouse.query(`${TOTALS} sensors.signal_fact`)).rows[0]!.map(String);
  } finally {
    await deps.close();
  }
}
