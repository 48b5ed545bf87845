import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../scripts/tidemark/main.ts';
import type { ingest } from '../../workflows/index.ts';
import { type BackfillStatus, backfillStatusQuery } from '../../workflows/messages.ts';
import { PipelineBench } from './pipeline-bench.ts';

const PARALLEL = 4;
const TASK_QUEUE = 'initial-load';

const bench = new PipelineBench({
  pipeline: 'ledger',
  urlVariable: 'LEDGER_BANK_URL',
  env: { TIDEMARK_TASK_QUEUE: TASK_QUEUE },
});
beforeAll(() =>
  bench.open(`
    CREATE TABLE accounts AS SELECT 'A-' || n AS account, 'owner ' || n AS owner FROM generate_series(1, 50) n;
    ALTER TABLE accounts ADD PRIMARY KEY (account);
    CREATE TABLE bookings AS SELECT 'A-' || n % 50 + 1 AS account, n AS booking_no, (n * 0.01)::numeric(12,2) AS amount
      FROM generate_series(1, 10000) n;
    ALTER TABLE bookings ADD PRIMARY KEY (account, booking_no);
    ANALYZE`),
);
afterAll(() => bench.close());

/**
 * Changes, adds, removes and renumbers bookings all over the table, one transaction after the other, until it is stopped.
 * Each stays open for a while, so that most snapshots have one in progress, and leaves the CPU to the load.
 */
async function startWriting() {
  const writer = await bench.connect();
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
        SELECT pg_sleep(0.05);
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
    },
  };
}

async function type(...args: string[]): Promise<{ text: string; exitCode: number }> {
  const lines: string[] = [];
  const out = {
    print: (text: string) => void lines.push(text),
    complain: (text: string) => void lines.push(text),
    env: bench.env,
    exitCode: 0 as const,
  };
  const exitCode = await main(args, out);
  return { text: lines.join('\n'), exitCode };
}

/** Starts the load, as a person does, and gives what the command says. */
async function startLoad(...more: string[]): Promise<string> {
  const flags = ['--parallel', String(PARALLEL), '--batch', '6', ...more];
  const { text, exitCode } = await type('backfill', 'start', 'ledger', '--initial', ...flags);
  expect(exitCode, text).toBe(0);
  return text;
}

async function untilStatus(holds: (status: BackfillStatus) => boolean): Promise<void> {
  const handle = bench.client.workflow.getHandle('backfill/ledger/initial');
  await bench.until(async () => {
    const status = await handle.query(backfillStatusQuery).catch(() => null);
    return status !== null && holds(status);
  });
}

/** The most extracts of chunks that were under way at a time, by their histories. */
async function widest(): Promise<number> {
  const moments: [at: number, change: number][] = [];
  for await (const run of bench.client.workflow.list({ query: "WorkflowType = 'extractChunk'" })) {
    if (!run.workflowId.startsWith('ingest/ledger/')) continue;
    const { events } = await bench.client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
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
  const plan = await type('backfill', 'plan', 'ledger', '--initial', '--rows', '1000');
  expect(plan.exitCode, plan.text).toBe(0);
  expect(plan.text).toMatch(/^initial-[0-9a-f]{12}-00001-accounts +whole table +missing +read +50$/m);
  expect(plan.text).toMatch(
    /-00003-bookings +account\/booking_no A-\d+\/\d+\.\.A-\d+\/\d+ +missing +read +1000$/m,
  );
  expect(plan.text).toMatch(/11 of 11 chunks, about 10050 rows to read; plan ([0-9a-f]{12})$/m);
  const digest = /plan ([0-9a-f]{12})$/m.exec(plan.text)![1]!;

  const long = await bench.connect();
  await long.query('BEGIN; UPDATE bookings SET amount = amount + 1000 WHERE booking_no % 100 = 3');
  const writing = await startWriting();
  const killed = await bench.startWorker();
  await type('schedule', 'create', 'ledger', '--every', '365d');
  expect(await startLoad('--plan', digest)).toContain('pause it until the load is done');
  await type('schedule', 'delete', 'ledger');
  const load = bench.client.workflow.getHandle('backfill/ledger/initial');
  await untilStatus((status) => status.ready.length > 3);
  await load.terminate('killed');
  await killed.stop('SIGKILL');

  await bench.startWorker();
  expect(await startLoad()).not.toContain('pause');
  await untilStatus((status) => status.done.length > 0);
  await long.query('COMMIT');
  await type('backfill', 'cancel', 'ledger/initial');
  await load.result().catch(() => undefined);
  const half = (await bench.publication())!;
  expect(Object.keys(half.chunks)).toHaveLength(6);
  expect(half.watermarks.bookings).toBeUndefined();
  expect((await type('backfill', 'plan', 'ledger', '--initial', '--rows', '7')).text).toContain(
    `5 of 11 chunks, about 5000 rows to read; plan ${digest}, under way`,
  );

  await startLoad();
  expect(await load.result()).toEqual({ published: 5, skipped: 0 });
  await writing.stop();
  const loaded = (await bench.publication())!;
  expect(loaded.chunks).toMatchObject(half.chunks);
  expect(loaded.watermarks.bookings).toMatchObject({ xid: half.loads!.bookings!.oldest.xid });
  expect(await widest()).toBeLessThanOrEqual(PARALLEL);

  const live = await bench.client.workflow.execute<typeof ingest>('ingest', {
    taskQueue: TASK_QUEUE,
    workflowId: 'ingest/ledger/live-1',
    args: [{ pipeline: 'ledger', kind: 'live' }],
  });
  expect(live.state).toBe('published');
  expect((await type('status', 'ledger/live-1')).text).toMatch(/\nextracted .*\nnothing quarantined(\n|$)/);
  const source = await long.query<unknown[]>({ text: `SELECT ${ROWS} bookings`, rowMode: 'array' });
  const native = await bench.deps.warehouse.query(`SELECT ${ROWS} ledger.booking_fact`);
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
