import { randomUUID } from 'node:crypto';
import {
  AddJobFlowStepsCommand,
  EMRClient,
  ListClustersCommand,
  ListStepsCommand,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmrSpark } from '../../src/adapters/emr/emr-spark.ts';
import type { Spark, StepRef, StepState } from '../../src/ports/spark.ts';
import { armFault } from './arm-fault.ts';
import { contractClusterId, isAws } from './contract-target.ts';

const client = new EMRClient({});
const suffix = randomUUID().slice(0, 8);
const nameOf = (step: string) => `tidemark/contract/${suffix}/${step}`;
// Starts a JVM and ends well at once.
const SUCCEEDS = ['spark-submit', '--version'];
const FAILS = [
  'spark-submit',
  '--deploy-mode',
  'cluster',
  'file:///nowhere/driver.py',
  's3://nowhere/plan.json',
];
const transient = {
  releaseLabel: 'emr-7.13.0',
  instanceType: 'm5.xlarge',
  instanceCount: 1,
  serviceRole: 'EMR_DefaultRole',
  jobFlowRole: 'EMR_EC2_DefaultRole',
};
let clusterId: string;
let spark: Spark;

beforeAll(async () => {
  clusterId = contractClusterId ?? (await startCluster());
  spark = createEmrSpark(client, { clusterId });
});
afterAll(async () => {
  if (!isAws) await client.send(new TerminateJobFlowsCommand({ JobFlowIds: [clusterId] }));
  client.destroy();
});

async function startCluster(): Promise<string> {
  const { JobFlowId } = await client.send(
    new RunJobFlowCommand({ Name: nameOf('cluster'), Instances: { KeepJobFlowAliveWhenNoSteps: true } }),
  );
  return JobFlowId!;
}

async function awaitState(ref: StepRef, state: StepState, from = spark): Promise<void> {
  const reached = expect.poll(async () => (await from.status(ref)).state, {
    interval: 200,
    timeout: isAws ? 600_000 : 30_000,
  });
  await reached.toBe(state);
}

async function countSteps(name: string): Promise<number> {
  const { Steps } = await client.send(new ListStepsCommand({ ClusterId: clusterId }));
  return Steps!.filter((step) => step.Name === name).length;
}

/** Makes the next step of the name run for ever, without costs. */
const loseStep = (name: string) => armFault('EMR', { mode: 'lose', match: name }, '/_steps');

test('a step that completed is adopted', async () => {
  const step = { name: nameOf('completes'), args: SUCCEEDS };
  expect(await spark.find(step.name)).toBeNull();
  const ref = await spark.submit(step);
  await awaitState(ref, 'COMPLETED');
  expect(await spark.submit(step)).toEqual(ref);
  expect(await spark.find(step.name)).toEqual({ ...ref, state: 'COMPLETED' });
  expect(await spark.status(ref)).toMatchObject({ state: 'COMPLETED', reason: null });
});

test('a step that failed says why, and is not adopted', async () => {
  const step = { name: nameOf('fails'), args: FAILS };
  const ref = await spark.submit(step);
  await awaitState(ref, 'FAILED');
  const { reason, logUri } = await spark.status(ref);
  expect(reason).toMatch(/\w/);
  expect(logUri === null || logUri.length > 0).toBe(true);
  const again = await spark.submit({ ...step, args: SUCCEEDS });
  expect(again).not.toEqual(ref);
  expect((await spark.find(step.name))?.stepId).toBe(again.stepId);
  await awaitState(again, 'COMPLETED');
});

test('an unknown cluster is gone', async () => {
  const lost = createEmrSpark(client, { clusterId: 'j-0000000000000' });
  const gone = { code: 'EMR_CLUSTER_GONE' };
  await expect(lost.probe()).rejects.toMatchObject(gone);
  await expect(lost.find('x')).rejects.toMatchObject(gone);
  await expect(lost.submit({ name: 'x', args: [] })).rejects.toMatchObject(gone);
  await expect(lost.status({ clusterId: 'j-0000000000000', stepId: 's-0' })).rejects.toMatchObject(gone);
});

test('probe describes the cluster', async () => {
  expect(await spark.probe()).toContain(clusterId);
});

describe.skipIf(isAws)('on a stand-in', () => {
  test('a running step is adopted, cancelled, and then no longer adopted', async () => {
    const step = { name: nameOf('runs'), args: SUCCEEDS };
    await loseStep(step.name);
    const ref = await spark.submit(step);
    await awaitState(ref, 'RUNNING');
    expect(await spark.submit(step)).toEqual(ref);
    await spark.cancel(ref);
    await awaitState(ref, 'CANCELLED');
    await spark.cancel(ref);
    await loseStep(step.name);
    const next = await spark.submit(step);
    expect(next.stepId).not.toBe(ref.stepId);
    await spark.cancel(next);
    await awaitState(next, 'CANCELLED');
  });

  test.each(['lost-answer', 'drop', 'error'])(
    'AddJobFlowSteps that ends with %s adds one step',
    async (mode) => {
      const name = nameOf(`ambiguous ${mode}`);
      await loseStep(name);
      await armFault('EMR', { operation: 'AddJobFlowSteps', mode });
      const ref = await spark.submit({ name, args: SUCCEEDS });
      expect(await spark.find(name)).toMatchObject(ref);
      expect(await countSteps(name)).toBe(1);
      await spark.cancel(ref);
      await awaitState(ref, 'CANCELLED');
    },
  );

  test('it gives up on a service that never answers well', async () => {
    await armFault('EMR', { operation: 'AddJobFlowSteps', mode: 'drop', times: 3 });
    const name = nameOf('never');
    await expect(spark.submit({ name, args: SUCCEEDS })).rejects.toMatchObject({ code: 'EMR_UNREACHABLE' });
    expect(await countSteps(name)).toBe(0);
  });

  test('finds a step behind many others', async () => {
    const old = nameOf('old');
    const blocker = nameOf('blocker');
    await loseStep(blocker);
    await spark.submit({ name: blocker, args: SUCCEEDS });
    const ref = await spark.submit({ name: old, args: SUCCEEDS });
    const Steps = Array.from({ length: 60 }, (_, index) => ({
      Name: nameOf(`other ${index}`),
      ActionOnFailure: 'CONTINUE' as const,
      HadoopJarStep: { Jar: 'command-runner.jar', Args: SUCCEEDS },
    }));
    const { StepIds } = await client.send(new AddJobFlowStepsCommand({ JobFlowId: clusterId, Steps }));
    expect(await spark.find(old)).toEqual({ ...ref, state: 'PENDING' });
    await Promise.all(StepIds!.map((stepId) => spark.cancel({ clusterId, stepId })));
    await spark.cancel(ref);
    await spark.cancel((await spark.find(blocker))!);
    await awaitState(ref, 'CANCELLED');
  });

  test('throttles and missing permissions are told apart', async () => {
    const throttle = { operation: 'DescribeCluster', mode: 'throttle', times: 3 };
    await armFault('EMR', throttle);
    await expect(spark.probe()).rejects.toMatchObject({ code: 'AWS_THROTTLED', retryAfterMs: 5_000 });
    await armFault('EMR', {
      operation: 'DescribeCluster',
      mode: 'error',
      status: 400,
      code: 'AccessDeniedException',
      message: 'User: worker is not authorized',
    });
    await expect(spark.probe()).rejects.toMatchObject({
      code: 'AWS_ACCESS_DENIED',
      message: expect.stringContaining('elasticmapreduce:DescribeCluster'),
    });
  });

  test('a step that ends with its cluster says so', async () => {
    const doomed = await startCluster();
    const on = createEmrSpark(client, { clusterId: doomed });
    const name = nameOf('doomed');
    await loseStep(name);
    const ref = await on.submit({ name, args: SUCCEEDS });
    await awaitState(ref, 'RUNNING', on);
    await client.send(new TerminateJobFlowsCommand({ JobFlowIds: [doomed] }));
    const ended = expect.poll(() => on.status(ref).catch((error: { code: string }) => error.code), {
      interval: 200,
      timeout: 20_000,
    });
    await ended.toBe('EMR_CLUSTER_GONE');
    await expect(on.submit({ name: nameOf('late'), args: SUCCEEDS })).rejects.toMatchObject({
      code: 'EMR_CLUSTER_GONE',
    });
    await expect(on.probe()).rejects.toMatchObject({ code: 'EMR_CLUSTER_GONE' });
  });

  test('a transient cluster is started once for a step and ends with it', async () => {
    const each = createEmrSpark(client, { transient });
    const step = { name: nameOf('transient'), args: SUCCEEDS };
    expect(await each.probe()).toContain('emr-7.13.0');
    expect(await each.find(step.name)).toBeNull();
    await armFault('EMR', { operation: 'RunJobFlow', mode: 'lost-answer' });
    const ref = await each.submit(step);
    expect(await each.submit(step)).toEqual(ref);
    await awaitState(ref, 'COMPLETED', each);
    const clusters = async () => {
      const { Clusters } = await client.send(new ListClustersCommand({}));
      return Clusters!.filter((cluster) => cluster.Name === step.name);
    };
    await expect
      .poll(async () => (await clusters())[0]?.Status?.State, { timeout: 20_000 })
      .toBe('TERMINATED');
    expect(await each.submit(step)).toEqual(ref);
    expect(await clusters()).toHaveLength(1);
  });
});
