import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, expect, it, vi } from 'vitest';
import { freePorts } from '../../scripts/local/free-port.ts';
import { sparkPaths } from '../../scripts/setup/paths.mjs';
import type { Alert } from '../../src/ports/alerts.ts';
import type { ingest } from '../../workflows/index.ts';
import { approveUpdate, statusQuery } from '../../workflows/messages.ts';
import {
  intervalKey,
  pipelineKey,
  runKindKey,
  stateKey,
  waitingForKey,
  waitingSinceKey,
} from '../../workflows/search-attributes.ts';
import {
  bundleWorkflows,
  failing,
  SEARCH_ATTRIBUTES,
  silenceSdk,
  stubActivities,
  untilGate,
} from '../support/workflow-env.ts';

const LONG_MS = 60_000;
const searchAttributes = [pipelineKey, runKindKey, stateKey, intervalKey, waitingForKey, waitingSinceKey];

let workflowBundle: WorkflowBundle;
beforeAll(async () => {
  silenceSdk();
  workflowBundle = await bundleWorkflows();
});

/** A run that comes to a gate, and the workers that serve it one after the other, all with the same alerts. */
function makeRun(escalateAfterMinutes: readonly number[]) {
  const alerts: Alert[] = [];
  const stubs = stubActivities(alerts);
  const taskQueue = `waits-${randomUUID()}`;
  const workflowId = `ingest/shop/${randomUUID()}`;
  return {
    kinds: () => alerts.filter(({ kind }) => kind.startsWith('gate-')).map(({ kind }) => kind),
    startWorker: async ({ nativeConnection: connection }: TestWorkflowEnvironment) => {
      const activities = {
        ...stubs,
        checkRaw: async () => failing,
        describePipeline: async () => ({
          ...(await stubs.describePipeline({ pipeline: 'shop' })),
          escalateAfterMinutes: [...escalateAfterMinutes],
        }),
      };
      // Without a cache each task replays the run, and none is kept for a worker that is gone.
      const options = { connection, taskQueue, workflowBundle, activities, maxCachedWorkflows: 0 };
      const worker = await Worker.create(options);
      const running = worker.run();
      return async () => {
        worker.shutdown();
        await running;
      };
    },
    start: ({ client }: TestWorkflowEnvironment): Promise<WorkflowHandle<typeof ingest>> =>
      client.workflow.start<typeof ingest>('ingest', {
        taskQueue,
        workflowId,
        args: [{ pipeline: 'shop', kind: 'live', at: '2024-01-02T00:00:00Z' }],
      }),
    on: ({ client }: TestWorkflowEnvironment) => client.workflow.getHandle<typeof ingest>(workflowId),
  };
}

async function approve(run: WorkflowHandle<typeof ingest>): Promise<void> {
  await run.executeUpdate(approveUpdate, { args: [{ gate: 'raw-1', reason: 'known', by: 'ann' }] });
  expect(await run.result()).toMatchObject({ state: 'published', decisions: [{ action: 'approve' }] });
}

it('waits for 30 days, half of them without any worker, and is answered through another one', async () => {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: sparkPaths().temporalTestServerBin } },
  });
  const day = 24 * 60;
  const run = makeRun([day, 9 * day, 18 * day]);
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  const stopFirst = await run.startWorker(env);
  const handle = await run.start(env);
  await untilGate(handle, 'raw-1');
  const { gates } = await handle.query(statusQuery);
  await env.sleep('11 days');
  await vi.waitUntil(() => run.kinds().length === 3, LONG_MS);
  await stopFirst();

  // This server stops its clock at a timer that nobody takes up; the next test has one.
  await env.sleep('15 days');
  const stopSecond = await run.startWorker(env);
  await env.sleep('4 days');
  await vi.waitUntil(() => run.kinds().length === 4, LONG_MS);
  expect(run.kinds()).toEqual(['gate-opened', 'gate-reminder', 'gate-reminder', 'gate-reminder']);
  expect((await handle.query(statusQuery)).gates).toEqual(gates);
  expect(await env.currentTimeMs()).toBeGreaterThan(Date.parse(gates[0]!.openedAt) + 30 * day * 60_000 - 1);
  await approve(handle);
  await stopSecond();
  await env.teardown();
});

it('a reminder that falls due while worker and server are down is sent once after their restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-long-waits-'));
  const [port] = await freePorts(1);
  const startServer = () =>
    TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path: sparkPaths().temporalBin },
        port: port!,
        dbFilename: join(folder, 'temporal.db'),
        searchAttributes,
      },
    });
  const run = makeRun([0.05, 60]);
  const first = await startServer();
  const stopFirst = await run.startWorker(first);
  await untilGate(await run.start(first), 'raw-1');
  const { gates } = await run.on(first).query(statusQuery);
  await stopFirst();
  await first.teardown();
  await vi.waitUntil(() => Date.now() > Date.parse(gates[0]!.openedAt) + 3_000, LONG_MS);

  const second = await startServer();
  const stopSecond = await run.startWorker(second);
  await vi.waitUntil(() => run.kinds().length === 2, LONG_MS);
  expect((await run.on(second).query(statusQuery)).gates).toEqual(gates);
  await approve(run.on(second));
  await vi.waitUntil(() => run.kinds().includes('gate-decided'), LONG_MS);
  expect(run.kinds()).toEqual(['gate-opened', 'gate-reminder', 'gate-decided']);
  await stopSecond();
  await second.teardown();
  rmSync(folder, { recursive: true, force: true });
});
