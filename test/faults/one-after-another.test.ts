import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/postgres.ts';
import { MetersBench } from './meters-bench.ts';

const meters = new MetersBench();
const { bench } = meters;
beforeAll(() => meters.open());
afterEach(() => bench.stopWorkers());
afterAll(() => bench.close());

/** Nothing lost and nothing twice: source and native table agree, and there are as many publications as runs that ended well. */
async function expectWhole(sequence: number): Promise<void> {
  const { source, native, publication } = await meters.compare();
  expect(native).toBe(source);
  expect(publication.sequence).toBe(sequence);
}

describe('one run after another fault', () => {
  it('names what cannot be reached, waits, and ends well once each is mended, through a killed worker', async () => {
    let worker = await bench.startWorker({
      METERS_GRID_URL: 'postgresql://reader:secret@127.0.0.1:1/meters',
    });
    const run = await meters.startRun();
    const unreachable = await meters.gate(run, 'contract-1');
    expect(unreachable.title).toBe('contract failed: SOURCE_UNREACHABLE');
    expect(unreachable.findings[0]!.message).toContain('127.0.0.1:1');
    expect(JSON.stringify(unreachable)).not.toContain('secret');
    await worker.stop();

    const wrongPassword = new URL(bench.env.METERS_GRID_URL!);
    wrongPassword.password = 'wrong-password';
    worker = await bench.startWorker({ METERS_GRID_URL: wrongPassword.href });
    await meters.retry(run);
    const refused = await meters.gate(run, 'contract-2');
    expect(refused.title).toBe('contract failed: SOURCE_AUTH_FAILED');
    expect(JSON.stringify(refused)).not.toContain('wrong-password');
    await worker.stop();

    worker = await bench.startWorker({ TIDEMARK_RAW_URI: 's3://no-such-bucket' });
    await meters.retry(run);
    const bucket = await meters.gate(run, 'extract-1');
    expect(bucket.title).toBe('extract failed: BUCKET_MISSING');
    expect(bucket.findings[0]!.message).toContain('no-such-bucket');
    await worker.stop();

    await meters.armStepFault({ mode: 'fail', match: '/clean-', times: 2 });
    worker = await bench.startWorker();
    await meters.retry(run);
    const step = await meters.gate(run, 'clean-1');
    expect(step.title).toBe('clean failed: SPARK_STEP_FAILED');
    expect((await meters.steps('/clean-')).map((each) => each.Name!.split('/').at(-1)).sort()).toEqual([
      'a1',
      'a2',
    ]);
    await meters.retry(run);

    await meters.stepIs('/model-', 'RUNNING');
    await worker.stop('SIGKILL');
    await bench.startWorker();
    expect((await run.result()).state).toBe('published');
    expect(await meters.steps('/model-'), 'the second worker adopts the step').toHaveLength(1);
    await expectWhole(1);
  });

  it('holds on a column that is gone, and reads anew after a worker was killed in the extract', async () => {
    await bench.sql('ALTER TABLE readings RENAME COLUMN kilowatts TO kw');
    const worker = await bench.startWorker();
    const run = await meters.startRun();
    const gate = await meters.gate(run, 'contract-1');
    expect(gate.findings[0]).toMatchObject({
      subject: 'readings',
      column: 'kilowatts',
      severity: 'critical',
    });
    expect(gate.findings[0]!.message).toMatch(/^renamed-candidate: .*perhaps renamed to kw/);
    expect(gate.allowed).toEqual(['approve', 'retry', 'skip', 'abort']);
    await bench.sql('ALTER TABLE readings RENAME COLUMN kw TO kilowatts');
    // Enough rows for the extract to be seen at work.
    await bench.sql('INSERT INTO readings SELECT n, n * 0.01 FROM generate_series(1001, 400000) n');
    await meters.retry(run);
    await until(async () => {
      const reading = `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'tidemark live-%' AND query LIKE 'COPY%'`;
      return (await bench.sql(reading)).rows.length > 0;
    }, 60_000);
    await worker.stop('SIGKILL');
    await bench.startWorker();
    expect((await run.result()).state).toBe('published');
    await expectWhole(2);
  });
});
