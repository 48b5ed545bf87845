import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import {
  type ActionOnFailure,
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  DescribeClusterCommand,
  DescribeStepCommand,
  EMRClient,
  ListClustersCommand,
  ListStepsCommand,
  RunJobFlowCommand,
  type RunJobFlowCommandInput,
  type StepConfig,
  type StepState,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CHECKOUT } from '../../scripts/setup/paths.mjs';
import { contractBucket } from './contract-target.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-emr-'));
const prefix = `contract/${randomUUID()}`;
const logUri = `s3://${contractBucket}/${prefix}/logs/`;
const waitScript = `s3://${contractBucket}/${prefix}/wait.py`;
const s3 = new S3Client({ forcePathStyle: true });
let server: ChildProcess;
let url: string;
let emr: EMRClient;

// Notes its pid, prints, and ends with the exit code that it finds in its second file once that is there.
const waitSource = `
import os, sys, time
started, go_on = sys.argv[1:3]
with open(started, "a") as file:
    file.write(f"{os.getpid()}\\n")
print("waiting for", os.path.basename(go_on), flush=True)
while not os.path.exists(go_on):
    time.sleep(0.05)
sys.exit(int(open(go_on).read()))
`;

async function startServer(): Promise<void> {
  server = spawn(
    process.execPath,
    ['--import', 'tsx', 'scripts/local/emr/server.ts', '--port', '0', '--state', join(folder, 'state')],
    { cwd: CHECKOUT, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_NO_WARNINGS: '1' } },
  );
  for await (const line of createInterface({ input: server.stdout! })) {
    if (line.startsWith('ready ')) url = line.slice('ready '.length);
    break;
  }
  emr = connect();
}

function connect(maxAttempts = 3): EMRClient {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  return new EMRClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts });
}

async function admin(path: string, body: unknown = {}): Promise<void> {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status, await response.text()).toBe(200);
}

async function newCluster(more: Partial<RunJobFlowCommandInput> = {}): Promise<string> {
  const { JobFlowId } = await emr.send(
    new RunJobFlowCommand({ Name: 'contract', Instances: { KeepJobFlowAliveWhenNoSteps: true }, ...more }),
  );
  return JobFlowId!;
}

function stepOf(name: string, args: string[], action: ActionOnFailure = 'CONTINUE'): StepConfig {
  return { Name: name, ActionOnFailure: action, HadoopJarStep: { Jar: 'command-runner.jar', Args: args } };
}

/** A step that runs until `goOn(name)`. */
const waitingStep = (name: string, action?: ActionOnFailure): StepConfig =>
  stepOf(
    name,
    ['spark-submit', '--deploy-mode', 'cluster', waitScript, startedFile(name), join(folder, `${name}.go`)],
    action,
  );
const startedFile = (name: string): string => join(folder, `${name}.started`);
const goOn = (name: string, exitCode = 0): void =>
  writeFileSync(join(folder, `${name}.go`), String(exitCode));
const hasStarted = (name: string): Promise<void> =>
  vi.waitFor(() => expect(existsSync(startedFile(name)), name).toBe(true), {
    timeout: 60_000,
    interval: 100,
  });
const startedPids = (name: string): number[] =>
  readFileSync(startedFile(name), 'utf8').trim().split('\n').map(Number);

async function submit(clusterId: string, ...steps: StepConfig[]): Promise<string[]> {
  const { StepIds } = await emr.send(new AddJobFlowStepsCommand({ JobFlowId: clusterId, Steps: steps }));
  return StepIds!;
}

async function describe(clusterId: string, stepId: string) {
  const { Step } = await emr.send(new DescribeStepCommand({ ClusterId: clusterId, StepId: stepId }));
  return Step!;
}

function reaches(clusterId: string, stepId: string, state: StepState) {
  return vi.waitFor(
    async () => {
      const step = await describe(clusterId, stepId);
      expect(step.Status!.State).toBe(state);
      return step;
    },
    { timeout: 60_000, interval: 100 },
  );
}

function clusterReaches(clusterId: string, state: string) {
  return vi.waitFor(
    async () => {
      const { Cluster } = await emr.send(new DescribeClusterCommand({ ClusterId: clusterId }));
      expect(Cluster!.Status!.State).toBe(state);
      return Cluster!;
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** A killed process stays visible until its new parent has taken note, so this waits. */
function isGone(name: string): Promise<void> {
  const [pid] = startedPids(name);
  return vi.waitFor(() => expect(() => process.kill(pid!, 0)).toThrow('ESRCH'), { timeout: 10_000 });
}

beforeAll(async () => {
  await s3.send(new PutObjectCommand({ Bucket: contractBucket, Key: `${prefix}/wait.py`, Body: waitSource }));
  await startServer();
});

afterAll(async () => {
  await admin('/_steps/interrupt');
  server.kill('SIGTERM');
  await once(server, 'exit');
  emr.destroy();
  s3.destroy();
  rmSync(folder, { recursive: true });
});

test('a step outlives a killed stand-in and is adopted; steps queue, and logs go to LogUri', async () => {
  const cluster = await newCluster({ LogUri: logUri });
  const [first, second] = await submit(cluster, waitingStep('first'), waitingStep('second'));
  await hasStarted('first');
  expect((await describe(cluster, second!)).Status!.State).toBe('PENDING');
  server.kill('SIGKILL');
  await once(server, 'exit');
  await startServer();
  expect((await describe(cluster, first!)).Status!.State).toBe('RUNNING');
  goOn('first');
  const done = await reaches(cluster, first!, 'COMPLETED');
  expect(startedPids('first')).toHaveLength(1);
  const { CreationDateTime, StartDateTime, EndDateTime } = done.Status!.Timeline!;
  expect(CreationDateTime!.getTime()).toBeLessThanOrEqual(StartDateTime!.getTime());
  expect(StartDateTime!.getTime()).toBeLessThan(EndDateTime!.getTime());

  await reaches(cluster, second!, 'RUNNING');
  goOn('second', 3);
  const failed = await reaches(cluster, second!, 'FAILED');
  expect(failed.Status!.FailureDetails).toEqual({
    Reason: 'Unknown Error.',
    Message: 'Step failed with exitCode 3',
    LogFile: `${logUri}${cluster}/steps/${second}/stderr.gz`,
  });
  await clusterReaches(cluster, 'WAITING');
  const key = `${prefix}/logs/${cluster}/steps/${first}/stdout.gz`;
  const log = await vi.waitFor(() => s3.send(new GetObjectCommand({ Bucket: contractBucket, Key: key })), {
    timeout: 10_000,
  });
  expect(gunzipSync(await log.Body!.transformToByteArray()).toString()).toContain('waiting for first.go');
});

test('steps run side by side up to the concurrency level; cancelled ones end, with their processes', async () => {
  const cluster = await newCluster({ StepConcurrencyLevel: 2 });
  const [left, right, queued] = await submit(
    cluster,
    waitingStep('left'),
    waitingStep('right'),
    waitingStep('queued'),
  );
  await Promise.all([hasStarted('left'), hasStarted('right')]);
  expect((await describe(cluster, queued!)).Status!.State).toBe('PENDING');
  const { CancelStepsInfoList } = await emr.send(
    new CancelStepsCommand({ ClusterId: cluster, StepIds: [left!, queued!, 's-NONE'] }),
  );
  expect(CancelStepsInfoList!.map((each) => each.Status)).toEqual(['SUBMITTED', 'SUBMITTED', 'FAILED']);
  await reaches(cluster, queued!, 'CANCELLED');
  await reaches(cluster, left!, 'CANCELLED');
  await isGone('left');
  expect(existsSync(startedFile('queued'))).toBe(false);

  await emr.send(new TerminateJobFlowsCommand({ JobFlowIds: [cluster] }));
  await reaches(cluster, right!, 'INTERRUPTED');
  const gone = await clusterReaches(cluster, 'TERMINATED');
  expect(gone.Status!.StateChangeReason!.Code).toBe('USER_REQUEST');
  await isGone('right');
  await expect(submit(cluster, waitingStep('late'))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a transient cluster ends after its steps, and a failed step acts as it says', async () => {
  const refused = (name: string, action: ActionOnFailure): StepConfig => stepOf(name, ['ls'], action);
  const quick = stepOf('quick', ['spark-submit', '--version']);
  const start = (...steps: StepConfig[]) => newCluster({ Instances: {}, Steps: steps });
  const [completed, shutDown, waiting] = await Promise.all([
    start(quick),
    start(refused('bad', 'TERMINATE_CLUSTER'), quick),
    newCluster({ Steps: [refused('bad', 'CANCEL_AND_WAIT'), quick] }),
  ]);
  const ended = await clusterReaches(shutDown, 'TERMINATED_WITH_ERRORS');
  expect(ended.Status!.StateChangeReason!.Code).toBe('STEP_FAILURE');
  await clusterReaches(waiting, 'WAITING');
  for (const cluster of [shutDown, waiting]) {
    const { Steps } = await emr.send(new ListStepsCommand({ ClusterId: cluster }));
    expect(Steps!.map((step) => step.Status!.State)).toEqual(['CANCELLED', 'FAILED']);
    expect(Steps![1]!.Status!.FailureDetails!.Message).toContain('Cannot run program "ls"');
  }
  const done = await clusterReaches(completed, 'TERMINATED');
  expect(done.Status!.StateChangeReason!.Code).toBe('ALL_STEPS_COMPLETED');
  const { Clusters } = await emr.send(new ListClustersCommand({ ClusterStates: ['TERMINATED_WITH_ERRORS'] }));
  expect(Clusters!.map((each) => each.Id)).toEqual([shutDown]);
});

test('ListSteps gives pages of 50, newest first, and keeps them while steps are added', async () => {
  const cluster = await newCluster();
  const add = (from: number, count: number) =>
    submit(cluster, ...Array.from({ length: count }, (_, index) => stepOf(`n${from + index}`, ['none'])));
  await add(0, 120);
  const names: string[] = [];
  let Marker: string | undefined;
  do {
    const answer = await emr.send(new ListStepsCommand({ ClusterId: cluster, Marker }));
    expect(answer.Steps!.length).toBeLessThanOrEqual(50);
    names.push(...answer.Steps!.map((step) => step.Name!));
    Marker = answer.Marker;
    if (names.length === 50) await add(120, 1);
  } while (Marker !== undefined);
  expect(names).toEqual(Array.from({ length: 120 }, (_, index) => `n${119 - index}`));
  const filtered = await emr.send(
    new ListStepsCommand({ ClusterId: cluster, StepStates: ['RUNNING', 'COMPLETED'] }),
  );
  expect(filtered.Steps).toEqual([]);
  await expect(emr.send(new ListStepsCommand({ ClusterId: cluster, Marker: 'x' }))).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
});

test('limits and unknown ids are refused as EMR refuses them', async () => {
  const cluster = await newCluster();
  const wide = await newCluster({ StepConcurrencyLevel: 2 });
  const many = Array.from({ length: 257 }, () => stepOf('many', ['none']));
  const refusals: [Promise<unknown>, string, RegExp][] = [
    [submit(cluster, ...many), 'ValidationException', /Maximum number of active steps/],
    [submit(cluster, stepOf('long', ['x'.repeat(10_230)])), 'ValidationException', /10240 characters/],
    [submit(wide, stepOf('stop', [], 'CANCEL_AND_WAIT')), 'ValidationException', /ActionOnFailure/],
    [submit('j-NONE', stepOf('none', [])), 'ValidationException', /does not exist/],
    [submit(cluster, stepOf('', [])), 'ValidationException', /Steps\.0\.Name/],
    [describe(cluster, 's-NONE'), 'InvalidRequestException', /Step id 's-NONE' is not valid/],
    [describe('j-NONE', 's-NONE'), 'InvalidRequestException', /Cluster id 'j-NONE' is not valid/],
  ];
  for (const [call, name, message] of refusals) {
    await expect(call).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  }
});

test('armed faults hit steps and calls', async () => {
  const cluster = await newCluster();
  const quick = (name: string) => stepOf(name, ['spark-submit', '--version']);
  await admin('/_steps', { mode: 'lose', match: 'lost' });
  await admin('/_steps', { mode: 'fail-after', match: 'late' });
  const [late, lost] = await submit(cluster, quick('late'), quick('lost'));
  expect((await reaches(cluster, late!, 'FAILED')).Status!.FailureDetails!.Message).toMatch(/Injected/);
  await reaches(cluster, lost!, 'RUNNING');
  await emr.send(new CancelStepsCommand({ ClusterId: cluster, StepIds: [lost!] }));
  await reaches(cluster, lost!, 'CANCELLED');

  const impatient = connect(1);
  await admin('/_faults', { operation: 'AddJobFlowSteps', mode: 'lost-answer' });
  const request = new AddJobFlowStepsCommand({ JobFlowId: cluster, Steps: [stepOf('silent', ['none'])] });
  await expect(impatient.send(request)).rejects.toThrow();
  const { Steps } = await emr.send(new ListStepsCommand({ ClusterId: cluster }));
  expect(Steps![0]!.Name).toBe('silent');
  await admin('/_faults', { operation: '*', mode: 'throttle' });
  await expect(impatient.send(new ListClustersCommand({}))).rejects.toMatchObject({
    name: 'ThrottlingException',
  });
  impatient.destroy();
});
