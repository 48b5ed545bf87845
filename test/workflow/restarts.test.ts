import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { WorkflowHandle, WorkflowStartOptions } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startWorkerProcess } from '../../scripts/demo/worker-process.ts';
import { freePorts } from '../../scripts/local/free-port.ts';
import { sparkPaths } from '../../scripts/setup/paths.mjs';
import { main } from '../../scripts/tidemark/main.ts';
import type { Output } from '../../scripts/tidemark/output.ts';
import type { DecisionRequest } from '../../src/core/gate.ts';
import { commandForMissingAttributes } from '../../src/temporal-client.ts';
import type { ingest } from '../../workflows/index.ts';
import { approveSignal, statusQuery } from '../../workflows/messages.ts';
import {
  intervalKey,
  pipelineKey,
  runKindKey,
  stateKey,
  waitingForKey,
  waitingSinceKey,
} from '../../workflows/search-attributes.ts';
import { bundleWorkflows, failing, silenceSdk, stubActivities, untilGate } from '../support/workflow-env.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-restarts-'));
const RUN = 'ingest/shop/live-2024-01-02T00:00:00Z';
const taskQueue = 'tidemark';
let port: number;
let workflowBundle: WorkflowBundle;
let env: TestWorkflowEnvironment;
let stopWorker: () => Promise<void>;

beforeAll(async () => {
  silenceSdk();
  const [bundle, ports] = await Promise.all([bundleWorkflows(), freePorts(1)]);
  workflowBundle = bundle;
  port = ports[0]!;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A real server whose database is a file, so that it goes on where it stopped. */
async function startServer(): Promise<void> {
  env = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: sparkPaths().temporalBin },
      port,
      dbFilename: join(folder, `temporal-${expect.getState().currentTestName?.length}.db`),
      searchAttributes: [pipelineKey, runKindKey, stateKey, intervalKey, waitingForKey, waitingSinceKey],
    },
  });
}

async function startWorker(): Promise<void> {
  const connection = env.nativeConnection;
  const activities = {
    ...stubActivities([]),
    checkRaw: async () => failing,
    describePipeline: async () => ({
      ...(await stubActivities([]).describePipeline({ pipeline: 'shop' })),
      deciders: { critical: ['ann@example.org', 'bob@example.org'] },
      secondApproval: ['raw'],
    }),
  };
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, activities });
  const running = worker.run();
  stopWorker = async () => {
    worker.shutdown();
    await running;
  };
}

async function park(early?: DecisionRequest): Promise<WorkflowHandle<typeof ingest>> {
  const { workflow } = env.client;
  const options = {
    taskQueue,
    workflowId: RUN,
    args: [{ pipeline: 'shop', kind: 'live', at: '2024-01-02T00:00:00Z' }],
  } satisfies WorkflowStartOptions<typeof ingest>;
  const run = early
    ? await workflow.signalWithStart<typeof ingest, [DecisionRequest]>('ingest', {
        ...options,
        signal: approveSignal,
        signalArgs: [early],
      })
    : await workflow.start<typeof ingest>('ingest', options);
  await untilGate(run, 'raw-1');
  return run;
}

beforeEach(async () => {
  await startServer();
  await startWorker();
});
afterEach(async () => {
  await stopWorker();
  await env.teardown();
});

async function tidemark(...args: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  const out: Output = {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    env: { TEMPORAL_ADDRESS: `127.0.0.1:${port}` },
    exitCode: 0,
  };
  const exitCode = await main(args, out);
  return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
}

it('a parked run goes on after worker and server were stopped and started again', async () => {
  const { gates: before } = await (await park()).query(statusQuery);
  const first = ['approve', RUN, '--gate', 'raw-1', '--reason', 'known', '--by', 'ann@example.org'];
  const waive = ['--until', 'P14D', '--max-unexpected', '40', '--request-id', 'r1'];
  const answer = await tidemark(...first, ...waive, '--json');
  expect(JSON.parse(answer.printed)).toMatchObject({ waitsForSecond: true });

  await stopWorker();
  await env.teardown();
  await startServer();
  expect((await tidemark('gates')).complained).toMatch(/1 waiting runs gave no answer .*npx tidemark worker/);
  await startWorker();

  const run = env.client.workflow.getHandle<typeof ingest>(RUN);
  await untilGate(run, 'raw-1');
  const { gates: after } = await run.query(statusQuery);
  expect(after).toEqual([{ ...before[0], first: expect.objectContaining({ by: 'ann@example.org' }) }]);
  // The same request is answered the same by another worker, weeks later.
  expect((await tidemark(...first, ...waive, '--json')).printed).toBe(answer.printed);

  const shown = await tidemark('gate', 'show', RUN);
  expect(shown.printed).toMatch(/ann@example.org has approved, a second person has to/);
  expect(shown.printed).toMatch(/sample {4}not shown: The environment has/);
  const same = await tidemark(...first);
  expect(same).toMatchObject({ exitCode: 1, complained: expect.stringMatching(/waits for a second person/) });
  const stranger = await tidemark('approve', RUN, '--reason', 'me too', '--by', 'eve', '--json');
  expect(JSON.parse(stranger.complained)).toEqual({
    error: {
      message: expect.stringMatching(
        /^refused: eve may not decide here; ann@example.org, bob@example.org may/,
      ),
      exitCode: 1,
    },
  });

  const second = await tidemark('approve', RUN, '--reason', 'agreed', '--by', 'Bob@example.org');
  expect(second.printed).toMatch(
    /waives orders\.total_price .* up to 40 rows until[\s\S]*next: goes on with this data/,
  );
  const { decisions, state } = await run.result();
  expect(state).toBe('published');
  expect(decisions).toMatchObject([
    {
      by: 'Bob@example.org',
      first: { by: 'ann@example.org', reason: 'known' },
      waiver: { checks: [{ maxUnexpected: 40 }] },
    },
  ]);
});

it('signals of a plain client decide, and invalid ones are refused into status and current details', async () => {
  const run = await park({ gate: 'raw-1', reason: 'x', by: 'early\n**approved**' });
  const send = (name: string, ...input: string[]) =>
    promisify(execFile)(sparkPaths().temporalBin, [
      ...['workflow', 'signal', '--address', `127.0.0.1:${port}`, '--workflow-id', RUN, '--name', name],
      ...input.flatMap((each) => ['--input', each]),
    ]);
  await send('approve');
  await send('approve', '"yes"');
  await send('approve', 'null');
  await send('approve', '{"gate": 7, "reason": "x", "by": "ann@example.org"}');
  await send('approve', '{"gate": "raw-1", "reason": "x", "by": "eve"}');
  await send(
    'approve',
    '{"gate": "raw-1", "reason": "x", "by": "ann@example.org", "waiver": {"until": "soon"}}',
  );
  await send(
    'retry',
    '{"reason": "x", "by": "ann@example.org", "waiver": {"until": "2099-01-01T00:00:00Z"}}',
  );
  await send('nonsense', '{}');
  const { refused, state } = await run.query(statusQuery);
  expect(state).toBe('waiting');
  expect(refused.map((each) => each.refusal.slice(0, 30))).toEqual([
    'there is no gate "raw-1"; this',
    'a decision is a JSON object, s',
    'a decision is a JSON object, s',
    'a decision is a JSON object, s',
    '"gate" is not a text',
    'eve may not decide here; ann@e',
    'a waiver needs an end; add --u',
    'retry takes no waiver; leave -',
  ]);
  const { currentDetails } = await run.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  const shown = currentDetails.split('\n').filter((line) => line.startsWith('- refused: '));
  expect(shown).toHaveLength(refused.length);
  expect(shown[0]).toMatch(/^- refused: signal approve by early \*\*approved\*\* at \S+Z: there is no gate/);
  expect(shown[5]).toMatch(/^- refused: signal approve by eve at \S+Z: eve may not decide here/);
  await send('skip', '{"gate": "raw-1", "reason": "orders can wait", "by": "ann@example.org"}');
  expect(await run.result()).toMatchObject({ state: 'published', decisions: [{ action: 'skip' }] });
});

it('the command says what is wrong with names', async () => {
  const unknown = await tidemark('status', '--pipeline', 'nope');
  expect(unknown).toMatchObject({
    exitCode: 2,
    complained: expect.stringMatching(/there is no pipeline "nope"/),
  });
  expect((await tidemark('gates')).printed).toBe('no gate is open');
  const out: Output = {
    print: () => undefined,
    complain: (text) => complained.push(text),
    env: { TEMPORAL_ADDRESS: `127.0.0.1:${port}`, TEMPORAL_NAMESPACE: 'nope' },
    exitCode: 0,
  };
  const complained: string[] = [];
  for (const command of [['status'], ['approve', RUN, '--reason', 'x'], ['gate', 'show', RUN]])
    expect(await main(command, out)).toBe(1);
  for (const text of complained)
    expect(text).toMatch(
      /TEMPORAL_NAMESPACE "nope" does not exist .*temporal operator namespace create nope$/,
    );
});

it('a worker refuses a namespace without the search attributes, with the command that mends it', async () => {
  await env.connection.workflowService.registerNamespace({
    namespace: 'bare',
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const { operatorService } = env.connection;
  const missing = () => commandForMissingAttributes(operatorService, 'bare').catch(() => 'not there yet');
  await vi.waitUntil(async () => (await missing()) !== 'not there yet', 30_000);
  const settings = {
    TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    TEMPORAL_NAMESPACE: 'bare',
    TIDEMARK_SOURCE_SHOP_URL: 'postgresql://reader@127.0.0.1:1/shop',
    AWS_REGION: 'eu-west-1',
    TIDEMARK_EMR_CLUSTER_ID: 'j-1',
    TIDEMARK_REDSHIFT_WORKGROUP: 'wg',
    TIDEMARK_REDSHIFT_DATABASE: 'dev',
    TIDEMARK_REDSHIFT_IAM_ROLE: 'arn:aws:iam::123456789012:role/spectrum',
    ...Object.fromEntries(
      ['RAW', 'CLEAN', 'CURATED', 'QUARANTINE', 'STATE'].map((each) => [
        `TIDEMARK_${each}_URI`,
        `s3://lake/${each.toLowerCase()}`,
      ]),
    ),
  };
  const refused = await startWorkerProcess(settings, join(folder, 'worker.log')).then(
    () => 'ready',
    (error: Error) => error.message,
  );
  expect(refused).toMatch(/^the worker ended with code 1 before it was ready/);
  const [, command] = /lacks search attributes that every run sets; make them: temporal (.*)$/m.exec(
    refused,
  )!;
  expect(command!.match(/--name /g)).toHaveLength(6);
  const run = promisify(execFile);
  await run(sparkPaths().temporalBin, [...command!.split(' '), '--address', `127.0.0.1:${port}`]);
  await vi.waitUntil(async () => (await missing()) === null, 30_000);
});
