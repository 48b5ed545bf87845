import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it, vi } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { Limits } from '../../../activities/limits.ts';
import { runSparkStep } from '../../../activities/spark-step.ts';
import type { Layout } from '../../../src/core/layout.ts';
import type { Pipeline } from '../../../src/core/pipeline.ts';
import type { SparkPlan } from '../../../src/core/spark-plan.ts';
import type { StepState } from '../../../src/ports/spark.ts';

const layout = {
  sparkDriver: () => 's3://state/driver.py',
  sparkPlan: (_: string, label: string) => `s3://state/${label}.plan`,
  sparkResult: (_: string, label: string) => `s3://state/${label}.result`,
} as unknown as Layout;

/** A cluster whose steps end when a test says so; `live` are steps that an earlier attempt left on it. */
function makeCluster(live: readonly string[] = []) {
  const states = new Map<string, StepState>(live.map((name) => [name, 'RUNNING']));
  const idOf = (name: string) => ({ clusterId: 'j-1', stepId: name });
  const definition = { limits: { sparkSteps: 1, warehouseStatements: 1, extracts: 1, checks: 1 } };
  const deps = {
    limits: new Limits(new Map([['shop', { definition } as unknown as Pipeline]])),
    sparkDriver: 'driver',
    sparkSubmitArgs: [],
    store: { create: async () => undefined, read: async () => ({ text: '{"ok": true}' }) },
    spark: {
      find: async (name: string) => (states.has(name) ? { ...idOf(name), state: states.get(name) } : null),
      submit: async ({ name }: { name: string }) => {
        states.set(name, 'RUNNING');
        return idOf(name);
      },
      status: async ({ stepId }: { stepId: string }) => ({
        state: states.get(stepId),
        reason: null,
        logUri: null,
      }),
      cancel: async ({ stepId }: { stepId: string }) => void states.set(stepId, 'CANCELLED'),
    },
  } as unknown as ActivityDeps;
  const start = (step: string) => {
    const env = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    const beats: { waitsFor?: unknown }[] = [];
    env.on('heartbeat', (details) => beats.push((details ?? {}) as object));
    const request = { pipeline: 'shop', runKey: 'r1', step, makePlan: () => ({}) as SparkPlan };
    const result = env.run(() => runSparkStep(deps, layout, request)) as Promise<{ ok: boolean }>;
    result.catch(() => undefined);
    return { env, result, hasWaited: () => beats.some((each) => each.waitsFor !== undefined) };
  };
  const end = (name: string) => states.set(name, 'COMPLETED');
  return { states, start, end };
}

const until = (condition: () => boolean) => vi.waitUntil(condition, 15_000);

const A = 'tidemark/shop/r1/a/a1';
const B = 'tidemark/shop/r1/b/a1';
const C = 'tidemark/shop/r1/c/a1';

describe('EMR steps of a pipeline with limit 1', () => {
  it('are submitted one after the other', async () => {
    const { states, start, end } = makeCluster();
    const first = start('a');
    await until(() => states.has(A));
    const second = start('b');
    await until(() => second.hasWaited());
    expect([...states.keys()]).toEqual([A]);
    end(A);
    await first.result;
    await until(() => states.has(B));
    end(B);
    expect(await second.result).toEqual({ ok: true });
  });

  it('count one that is adopted, which waits for nobody', async () => {
    const { states, start, end } = makeCluster([B]);
    const first = start('a');
    await until(() => states.has(A));
    const adopted = start('b');
    const third = start('c');
    await until(() => third.hasWaited());
    end(A);
    await first.result;
    await new Promise((resolve) => setImmediate(resolve));
    expect([adopted.hasWaited(), states.has(C)]).toEqual([false, false]);
    end(B);
    await adopted.result;
    await until(() => states.has(C));
  });

  it('are not submitted for an activity that was cancelled while it waited', async () => {
    const { states, start, end } = makeCluster();
    const first = start('a');
    await until(() => states.has(A));
    const second = start('b');
    await until(() => second.hasWaited());
    second.env.cancel();
    await expect(second.result).rejects.toBeInstanceOf(CancelledFailure);
    end(A);
    await first.result;
    expect([...states.keys()]).toEqual([A]);
  });
});
