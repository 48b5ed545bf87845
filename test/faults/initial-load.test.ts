import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startWorkerProcess, type WorkerProcess } from '../../scripts/demo/worker-process.ts';
import { main } from '../../scripts/tidemark/main.ts';
import { composeDeps } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Publication } from '../../src/core/publication.ts';
import { connectTemporal } from '../../src/temporal-client.ts';
import type { ingest } from '../../workflows/index.ts';
import { type BackfillStatus, backfillStatusQuery } from '../../workflows/messages.ts';
import { until } from '../support/postgres.ts';

const LONG_MS = 180_000;
const PARALLEL = 4;

const stackEnv = inject('stackEnv');
const admin = stackEnv.TIDEMARK_LOCAL_SHOP_ADMIN_URL!;
const url = Object.assign(new URL(admin), { pathname: '/ledger' }).href;
const env = {
  ...stackEnv,
  TIDEMARK_PIPELINES: fileURLToPath(new URL('./ledger/pipeline.ts', import.meta.url)),
  TIDEMARK_TASK_QUEUE: 'initial-load',
  LEDGER_BANK_URL: url,
};

let client: Client;
let bank: pg.Client;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  await query(admin, 'CREATE DATABASE ledger');
  bank = await connect();
  await bank.query(`
    CREATE TABLE accounts AS SELECT 'A-' || n AS account, 'owner ' || n AS owner FROM generate_series(1, 50) n;
    ALTER TABLE accounts ADD PRIMARY KEY (account);
    CREATE TABLE bookings AS SELECT 'A-' || n % 50 + 1 AS account, n AS booking_no, (n * 0.01)::numeric(12,2) AS amount
      FROM generate_series(1, 10000) n;
    ALTER TABLE bookings ADD PRIMARY KEY (account, booking_no);
    ANALYZE`);
  client = await connectTemporal(readConfig(env));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
  await client.connection.close();
  await bank.end();
  await query(admin, 'DROP DATABASE ledger WITH (FORCE)');
});

async function connect(connectionString = url): Promise<pg.Client> {
  const connection = new pg.Client({ connectionString });
  await connection.connect();
  return connection;
}

async function query(connectionString: string, text: string): Promise<void> {
  const connection = await connect(connectionString);
  await connection.query(text);
  await connection.end();
}

async function startWorker(): Promise<WorkerProcess> {
  const log = `worker-initial-load-${workers.length}.log`;
  const worker = await startWorkerProcess(env, join(inject('stackDir'), log));
  workers.push(worker);
  return worker;
}

/** Changes, adds, removes and renumbers bookings all over the table, one transaction after the other, until it is stopped. */
async function startWriting() {
  const writer = await connect();
  let isStopping = false;
  let count = 0;
  const work = (async () => {
    while (!isStopping) {
      count += 1;
      await writer.query(`
        BEGIN;
        UPDATE bookings SET amount = amount + 1 WHERE booking_no % 200 = ${count % 200};
        SAVEPOINT a;
        INSERT INTO bookings SELECT 'A-' || n, 100000 + ${count}, 5 FROM generate_series(1, 50, 7) n;
        RELEASE a;
        DELETE FROM bookings WHERE booking_no % 1000 = ${(count * 7) % 1000};
        UPDATE bookings SET account = 'A-' || ${1 + (count % 50)} WHERE booking_no = ${1 + ((count * 13) % 10000)};
        COMMIT`);
    }
  })();
  work.catch(() => undefined);
  return {
    stop: async () => {
      isStopping = true;
      await work;
      await writer.end();
    },
  };
}

async function type(...args: string[]): Promise<{ text: string; exitCode: number }> {
  const lines: string[] = [];
  const out = {
    print: (text: string) => void lines.push(text),
    complain: (text: string) => void lines.push(text),
    env,
    exitCode: 0 as const,
  };
  const exitCode = await main(args, out);
  return { text: lines.join('\n'), exitCode };
}

/** Starts the load, as a person does, and gives what the command says. */
async function startLoad(...more: string[]): Promise<string> {
  const flags = ['--parallel', String(PARALLEL), '--batch', '11', ...more];
  const { text, exitCode } = await type('backfill', 'start', 'ledger', '--initial', ...flags);
  expect(exitCode, text).toBe(0);
  return text;
}

async function untilStatus(holds: (status: BackfillStatus) => boolean): Promise<void> {
  const handle = client.workflow.getHandle('backfill/ledger/initial');
  await until(async () => {
    const status = await handle.query(backfillStatusQuery).catch(() => null);
    return status !== null && holds(status);
  }, LONG_MS);
}

async function withDeps<T>(work: (deps: Awaited<ReturnType<typeof composeDeps>>) => Promise<T>): Promise<T> {
  const deps = await composeDeps(readConfig(env), new Map());
  try {
    return await work(deps);
  } finally {
    await deps.close();
  }
}

async function readPublication(): Promise<Publication> {
  const uri = `${readConfig(env).zones.state}/ledger/publication.json`;
  return await withDeps(async ({ store }) => JSON.parse((await store.read(uri))!.text) as Publication);
}

/** The most extracts of chunks that were under way at a time, by their histories. */
async function widest(): Promise<number> {
  const moments: [at: number, change: number][] = [];
  for await (const run of client.workflow.list({ query: "WorkflowType = 'extractChunk'" })) {
    if (!run.workflowId.startsWith('ingest/ledger/')) continue;
    const { events } = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const started = events?.filter((each) => each.activityTaskStartedEventAttributes) ?? [];
    for (const each of started) {
      const id = each.activityTaskStartedEventAttributes!.scheduledEventId!;
      const scheduled = events!.find(({ eventId }) => String(eventId) === String(id))!;
      if (scheduled.activityTaskScheduledEventAttributes!.activityType!.name !== 'extractSource') continue;
      const ended = events!.find(
        (other) =>
          String(other.activityTaskCompletedEventAttributes?.scheduledEventId) === String(id) ||
          String(other.activityTaskCanceledEventAttributes?.scheduledEventId) === String(id),
      );
      if (!ended) continue;
      moments.push([millis(each.eventTime!), 1], [millis(ended.eventTime!), -1]);
    }
  }
  let [now, most] = [0, 0];
  for (const [, change] of moments.sort(([a, x], [b, y]) => a - b || x - y)) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

const millis = ({ seconds, nanos }: { seconds?: unknown; nanos?: number | null }) =>
  Number(String(seconds)) * 1000 + (nanos ?? 0) / 1e6;

const ROWS = 'account, booking_no, CAST(amount AS VARCHAR(20)) FROM';

it('a table is loaded in ranges among writers, within a limit, through a kill and a cancel; one live run later the lake is the source', async () => {
  const plan = await type('backfill', 'plan', 'ledger', '--initial', '--rows', '500');
  expect(plan.exitCode, plan.text).toBe(0);
  expect(plan.text).toMatch(/^initial-[0-9a-f]{12}-00001-accounts +whole table +missing +read +50$/m);
  expect(plan.text).toMatch(
    /-00003-bookings +account\/booking_no A-\d+\/\d+\.\.A-\d+\/\d+ +missing +read +500$/m,
  );
  expect(plan.text).toMatch(/21 of 21 chunks, about 10050 rows to read; plan ([0-9a-f]{12})$/m);
  const digest = /plan ([0-9a-f]{12})$/m.exec(plan.text)![1]!;

  const long = await connect();
  await long.query('BEGIN; UPDATE bookings SET amount = amount + 1000 WHERE booking_no % 100 = 3');
  const writing = await startWriting();
  const killed = await startWorker();
  await type('schedule', 'create', 'ledger', '--every', '365d');
  expect(await startLoad('--plan', digest)).toContain('pause it until the load is done');
  await type('schedule', 'delete', 'ledger');
  const load = client.workflow.getHandle('backfill/ledger/initial');
  await untilStatus((status) => status.ready.length > 3);
  await load.terminate('killed');
  await killed.stop('SIGKILL');

  await startWorker();
  expect(await startLoad()).not.toContain('pause');
  await untilStatus((status) => status.done.length > 0);
  await long.query('COMMIT');
  await long.end();
  await type('backfill', 'cancel', 'ledger/initial');
  await load.result().catch(() => undefined);
  const half = await readPublication();
  expect(Object.keys(half.chunks)).toHaveLength(11);
  expect(half.watermarks.bookings).toBeUndefined();
  expect((await type('backfill', 'plan', 'ledger', '--initial', '--rows', '7')).text).toContain(
    `10 of 21 chunks, about 5000 rows to read; plan ${digest}, under way`,
  );

  await startLoad();
  expect(await load.result()).toEqual({ published: 10, skipped: 0 });
  await writing.stop();
  const loaded = await readPublication();
  expect(loaded.chunks).toMatchObject(half.chunks);
  expect(loaded.watermarks.bookings).toMatchObject({ xid: half.loads!.bookings!.oldest.xid });
  expect(await widest()).toBeLessThanOrEqual(PARALLEL);

  const live = await client.workflow.execute<typeof ingest>('ingest', {
    taskQueue: env.TIDEMARK_TASK_QUEUE,
    workflowId: 'ingest/ledger/live-1',
    args: [{ pipeline: 'ledger', kind: 'live' }],
  });
  expect(live.state).toBe('published');
  expect((await type('status', 'ledger/live-1')).text).toMatch(/\nextracted .*\nnothing quarantined(\n|$)/);
  const source = await bank.query({ text: `SELECT ${ROWS} bookings`, rowMode: 'array' });
  const native = await withDeps(({ warehouse }) => warehouse.query(`SELECT ${ROWS} ledger.booking_fact`));
  const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join(' ')).sort();
  expect(sorted(native.rows)).toEqual(sorted(source.rows));

  await type('schedule', 'create', 'ledger', '--every', '365d');
  const { runId } = await load.describe();
  for (const command of ['plan', 'start']) {
    const refused = await type('backfill', command, 'ledger', '--initial');
    expect(refused).toMatchObject({ exitCode: 1, text: expect.stringContaining('in the lake already') });
    expect(refused.text).toContain('npx tidemark run PIPELINE --kind full');
    expect(refused.text).not.toContain('pause it');
  }
  expect((await load.describe()).runId).toBe(runId);
  await type('schedule', 'delete', 'ledger');
});
