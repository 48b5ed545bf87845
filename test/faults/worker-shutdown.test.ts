import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { abortUpdate, statusQuery } from '../../workflows/messages.ts';
import { until } from '../support/postgres.ts';
import { MetersBench, type Run } from './meters-bench.ts';

const meters = new MetersBench();
const { bench } = meters;
beforeAll(() => meters.open());
afterAll(() => bench.close());

describe('a worker that is asked to end while its EMR step runs', () => {
  it('leaves the step to the next worker; only an abort cancels it', async () => {
    // It never ends by itself, so it cannot end within the time that a worker has for its shutdown.
    await meters.armStepFault({ mode: 'lose', match: '/meters/', times: 1 });
    const first = await bench.startWorker();
    const run = await meters.startRun();
    await until(async () => first.log().includes('submitted an EMR step'), 60_000);
    const { runKey } = await run.query(statusQuery);
    // Other tests leave steps on the same cluster.
    const states = async () =>
      (await meters.steps(`/meters/${runKey}/clean-`)).map((each) => each.Status?.State);
    await meters.stepIs(`/meters/${runKey}/clean-`, 'RUNNING');
    first.kill('SIGTERM');
    await until(async () => (await lastFailure(run)) === 'WorkerShutdown', 60_000);
    expect(await states()).toEqual(['RUNNING']);

    const second = await bench.startWorker();
    await until(async () => second.log().includes('adopted the EMR step'), 60_000);
    await run.executeUpdate(abortUpdate, { args: [{ reason: 'not today', by: 'test' }] });
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'RunAborted' } });
    expect(await states()).toEqual(['CANCELLED']);
  });
});

/** Why the activity under way was tried again, as the server tells it. */
async function lastFailure(run: Run): Promise<string> {
  const { raw } = await run.describe();
  return (raw.pendingActivities ?? [])
    .map((each) => each.lastFailure?.applicationFailureInfo?.type ?? '')
    .join();
}
