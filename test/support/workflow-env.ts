import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, type Logger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { Activities } from '../../activities/index.ts';
import { sparkPaths } from '../../scripts/setup/paths.mjs';
import type { IngestInput } from '../../src/core/run.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import type { Alert } from '../../src/ports/alerts.ts';
import type { ingest } from '../../workflows/index.ts';

/** The real workflows on the time-skipping server, with activities that a test decides on. */
export interface WorkflowBench {
  readonly env: TestWorkflowEnvironment;
  /** Alerts that were sent, in order. */
  readonly alerts: Alert[];
  /** Names of the activities that ran, in order. */
  readonly calls: string[];
  /** The activities that a run has when a test gives no others. */
  readonly stubs: Activities;
  /** Starts a run, hands it to `story` while a worker serves it, and stops the worker. */
  withRun<T>(
    stubs: Partial<Activities>,
    story: (run: WorkflowHandle<typeof ingest>) => Promise<T>,
    input?: Partial<IngestInput>,
  ): Promise<T>;
  /** Starts a worker that serves many runs side by side, each with activities of its own; close it after use. */
  openRuns(): Promise<ManyRuns>;
  close(): Promise<void>;
}

export interface ManyRuns {
  /** Starts a run; `calls` are the names of its activities, in order. */
  start(stubs: Partial<Activities>): Promise<{ run: WorkflowHandle<typeof ingest>; calls: string[] }>;
  close(): Promise<void>;
}

/** Search attributes of runs, as the operator service of the server that skips time takes them. */
export const SEARCH_ATTRIBUTES = {
  TidemarkPipeline: 2,
  TidemarkRunKind: 2,
  TidemarkState: 2,
  TidemarkWaitingFor: 2,
  TidemarkInterval: 6,
  TidemarkWaitingSince: 6,
};

const silent: Logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };

/** Keeps the SDK's log out of a test's output; once a process, before anything else of the SDK runs. */
export function silenceSdk(): void {
  Runtime.install({ logger: silent, telemetryOptions: { logging: { filter: 'OFF', forward: {} } } });
}

/** Bundles today's workflows. */
export function bundleWorkflows(): Promise<WorkflowBundle> {
  return bundleWorkflowCode({
    workflowsPath: new URL('../../workflows/index.ts', import.meta.url).pathname,
    logger: silent,
  });
}

/**
 * Opens the bench; silences the SDK, so at most one is opened in a process. `dev`: on the real dev server, whose time
 * goes on as it does; the one that skips time does not answer every request to cancel another workflow.
 */
export async function openWorkflowBench(server: 'skipping' | 'dev' = 'skipping'): Promise<WorkflowBench> {
  silenceSdk();
  const { temporalBin, temporalTestServerBin } = sparkPaths();
  const env =
    server === 'dev'
      ? await TestWorkflowEnvironment.createLocal({
          server: {
            executable: { type: 'existing-path', path: temporalBin },
            log: { format: 'pretty', level: 'error' },
          },
        })
      : await TestWorkflowEnvironment.createTimeSkipping({
          server: { executable: { type: 'existing-path', path: temporalTestServerBin } },
        });
  // Without them a workflow that upserts one would fail its task for ever.
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  const bundle = await bundleWorkflows();
  const alerts: Alert[] = [];
  const calls: string[] = [];
  return {
    env,
    alerts,
    calls,
    stubs: stubActivities(alerts),
    close: () => env.teardown(),
    openRuns: () => openRuns(env, bundle),
    withRun: async (stubs, story, input = {}) => {
      alerts.length = 0;
      calls.length = 0;
      const taskQueue = `test-${randomUUID()}`;
      const activities = Object.fromEntries(
        Object.entries({ ...stubActivities(alerts), ...stubs }).map(([name, work]) => [
          name,
          async (request: never) => {
            calls.push(name);
            return await work(request);
          },
        ]),
      );
      const worker = await Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        workflowBundle: bundle,
        activities,
      });
      return await worker.runUntil(async () => {
        const handle = await env.client.workflow.start<typeof ingest>('ingest', {
          taskQueue,
          workflowId: `ingest/shop/${randomUUID()}`,
          args: [{ pipeline: 'shop', kind: 'live', at: '2024-01-02T00:00:00Z', ...input }],
        });
        return await story(handle);
      });
    },
  };
}

async function openRuns(env: TestWorkflowEnvironment, workflowBundle: WorkflowBundle): Promise<ManyRuns> {
  const taskQueue = `test-${randomUUID()}`;
  const runs = new Map<string, { stubs: Partial<Activities>; calls: string[] }>();
  const defaults = stubActivities([]);
  const activities = Object.fromEntries(
    Object.keys(defaults).map((each) => {
      const name = each as keyof Activities;
      return [
        name,
        async (request: never): Promise<unknown> => {
          const own = runs.get(activityInfo().workflowExecution?.workflowId ?? '');
          own?.calls.push(name);
          return await (own?.stubs[name] ?? defaults[name])(request);
        },
      ];
    }),
  );
  const connection = env.nativeConnection;
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, activities });
  const running = worker.run();
  return {
    start: async (stubs) => {
      const workflowId = `ingest/shop/${randomUUID()}`;
      const calls: string[] = [];
      runs.set(workflowId, { stubs, calls });
      const run = await env.client.workflow.start<typeof ingest>('ingest', {
        taskQueue,
        workflowId,
        args: [{ pipeline: 'shop', kind: 'live', at: '2024-01-02T00:00:00Z' }],
      });
      return { run, calls };
    },
    close: async () => {
      worker.shutdown();
      await running;
    },
  };
}

export const passing: Verdict = {
  evidenceUri: 's3://state/evidence.json',
  evidenceDigest: 'e1',
  findings: [],
  findingCount: 0,
  checkCount: 3,
  allowed: ['approve', 'skip', 'retry', 'abort'],
};

export const failing: Verdict = {
  ...passing,
  findings: [
    {
      check: 'expect_column_values_to_be_between',
      severity: 'critical',
      subject: 'orders',
      column: 'total_price',
      message: '30 of 90 rows fail',
      rowCount: 90,
      failedCount: 30,
      sampleKeys: ['1'],
    },
  ],
  findingCount: 1,
};

export function stubActivities(alerts: Alert[]): Activities {
  const manifest = { uri: 's3://state/manifest.json', digest: 'd' };
  return {
    describePipeline: async () => ({
      retry: { attempts: 2, firstDelaySeconds: 1, maxDelaySeconds: 5 },
      escalateAfterMinutes: [60, 480],
    }),
    planBackfill: async () => ({ todo: [], isFirstAlone: false }),
    recordFailedChunk: async () => undefined,
    planRun: async () => ({
      baseSequence: 0,
      sources: [
        {
          source: 'shop',
          entities: [{ name: 'orders', read: { mode: 'full', reason: 'no watermark is published' } }],
        },
      ],
    }),
    checkSource: async ({ plan }) => ({ plan, verdict: passing }),
    extractSource: async () => ({
      source: 'shop',
      manifest,
      entities: {
        orders: { rowCount: 90, csvBytes: 1, read: 'full' },
        customers: { rowCount: 9, csvBytes: 1, read: 'full' },
      },
    }),
    checkRaw: async () => passing,
    cleanEntities: async () => ({
      manifest,
      entities: { orders: { rowsIn: 90, clean: 90, rejected: 0, deduplicated: 0, reasons: {} } },
    }),
    modelTables: async () => ({ manifest, tables: {} }),
    checkModels: async () => passing,
    publishRun: async () => ({ published: true, sequence: 1 }),
    syncCatalog: async () => ({ registered: [] }),
    loadWarehouse: async () => ({ sequence: 1, replaced: {} }),
    reconcile: async () => passing,
    announceRun: async () => ({ recordUri: 's3://state/run.json' }),
    judgeFreshness: async () => null,
    rememberFreshness: async () => undefined,
    listAlertChannels: async () => ['test'],
    sendAlert: async ({ channel: _, ...alert }) => {
      alerts.push(alert);
    },
  };
}

/** Waits until a run waits at a gate. */
export async function untilGate(run: WorkflowHandle<typeof ingest>, id: string): Promise<void> {
  for (;;) {
    const status = await run
      .query<{ gates: { id: string; decision: unknown }[] }>('status')
      .catch(() => null);
    if (status?.gates.some((gate) => gate.id === id && gate.decision === null)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until an alert of that kind has reached the channel; alerts travel beside the run. */
export async function untilAlert(bench: Pick<WorkflowBench, 'alerts'>, kind: Alert['kind']): Promise<Alert> {
  for (;;) {
    const alert = bench.alerts.find((each) => each.kind === kind);
    if (alert) return alert;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
