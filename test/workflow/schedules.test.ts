import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { freePorts } from '../../scripts/local/free-port.ts';
import { sparkPaths } from '../../scripts/setup/paths.mjs';
import { main } from '../../scripts/tidemark/main.ts';
import type { Output } from '../../scripts/tidemark/output.ts';
import { buildSchedule, scheduleId } from '../../scripts/tidemark/schedule-spec.ts';
import type { Interval } from '../../src/core/intervals.ts';
import type { ingest } from '../../workflows/index.ts';
import * as attributes from '../../workflows/search-attributes.ts';
import { bundleWorkflows, failing, passing, silenceSdk, stubActivities } from '../support/workflow-env.ts';

const { scheduledStartTimeKey, ...own } = attributes;
const EVERY_MS = 1_000;
/** As short as the server takes it; the outage is longer. */
const CATCHUP_MS = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'tidemark-schedules-'));
const taskQueue = 'tidemark';
let port: number;
let workflowBundle: WorkflowBundle;
let env: TestWorkflowEnvironment;
let stopWorker: () => Promise<void>;
/** The first run that came to its checks; it alone fails them. */
let parked: string | null = null;
/** Workflow ids, as often as each published. */
const published: string[] = [];

beforeAll(async () => {
  silenceSdk();
  const [bundle, ports] = await Promise.all([bundleWorkflows(), freePorts(1)]);
  workflowBundle = bundle;
  port = ports[0]!;
});
afterEach(async () => await stop());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A worker on a real server whose database is a file, so that it goes on where it stopped. */
async function start(): Promise<void> {
  env = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: sparkPaths().temporalBin },
      port,
      dbFilename: join(folder, 'temporal.db'),
      searchAttributes: Object.values(own),
    },
  });
  const stubs = stubActivities([]);
  const workflowId = () => activityInfo().workflowExecution!.workflowId;
  const activities = {
    ...stubs,
    checkRaw: async () => {
      parked ??= workflowId();
      return workflowId() === parked ? failing : passing;
    },
    publishRun: async (request: Parameters<typeof stubs.publishRun>[0]) => {
      published.push(workflowId());
      return await stubs.publishRun(request);
    },
  };
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle,
    activities,
  });
  const running = worker.run();
  stopWorker = async () => {
    worker.shutdown();
    await running;
  };
}

async function stop(): Promise<void> {
  await stopWorker();
  await env.teardown();
}

/** What `tidemark status --gaps` says of each interval up to an instant. */
async function judge(upToMs = Number.POSITIVE_INFINITY): Promise<Interval[]> {
  const printed: string[] = [];
  const out: Output = {
    print: (text) => printed.push(text),
    complain: (text) => printed.push(text),
    env: { TEMPORAL_ADDRESS: `127.0.0.1:${port}` },
    exitCode: 0,
  };
  await main(['status', '--gaps', '--json'], out);
  const [found] = JSON.parse(printed.join('\n')) as [{ intervals: Interval[] }];
  // A second that was due while the schedule was made has no run; the story begins with the first that has one.
  const begin = found.intervals.findIndex(({ run }) => run);
  return found.intervals.slice(Math.max(begin, 0)).filter(({ at }) => Date.parse(at) <= upToMs);
}

// A server and a worker that share two slow cores with other tests can lag far behind a run each second.
const until = { timeout: 90_000, interval: 100 };

it('a parked run swallows no interval, and none is lost or read twice over an outage', async () => {
  await start();
  const wish = { every: '1s', overlap: 'allow_all', catchup: '10s' } as const;
  await env.client.schedule.create(buildSchedule('shop', taskQueue, wish));

  const before = await vi.waitFor(async () => {
    const seen = await judge();
    expect(seen.slice(0, 4).map(({ state }) => state)).toEqual([
      'waiting',
      'published',
      'published',
      'published',
    ]);
    return seen;
  }, until);
  expect(before[0]).toMatchObject({ run: { run: parked, waitingFor: 'raw-1' }, isGap: false });

  const stoppedAt = Date.now();
  await stop();
  const goneAt = Date.now();
  // Some intervals more than are made up for, some that are.
  await vi.waitFor(() => expect(Date.now() - goneAt).toBeGreaterThan(CATCHUP_MS + 3 * EVERY_MS), until);
  await start();
  const startedAt = Date.now();

  // What has a run of its own has published, what has none is covered by one that has; the parked one still waits.
  const settled = (each: Interval) => each.state === 'published' || each.coveredBy?.state === 'published';
  await vi.waitFor(async () => {
    const [first, ...others] = await judge(startedAt);
    expect(first).toMatchObject({ state: 'waiting', run: { run: parked } });
    expect(others.filter((each) => !settled(each))).toEqual([]);
  }, until);
  await env.client.workflow.getHandle<typeof ingest>(parked!).signal('approve', {
    gate: 'raw-1',
    reason: 'known',
    by: 'ann@example.org',
  });
  await env.client.workflow.getHandle<typeof ingest>(parked!).result();

  // Its end is seen a moment later in the server's list.
  const intervals = await vi.waitFor(async () => {
    const seen = await judge(startedAt);
    expect(seen[0]).toMatchObject({ state: 'published', run: { run: parked } });
    return seen;
  }, until);
  const names = intervals.map(({ at }) => Date.parse(at));
  // The calendar has each second from the first to the restart.
  expect(names).toEqual(
    Array.from(
      { length: Math.floor((startedAt - names[0]!) / EVERY_MS) + 1 },
      (_, nth) => names[0]! + nth * EVERY_MS,
    ),
  );
  expect(intervals.filter((each) => !settled(each) || each.isGap)).toEqual([]);
  const missed = intervals.filter(({ state }) => state === 'missed');
  // A time just before the stop may not have been acted on yet.
  const duringOutage = (each: Interval) => Date.parse(each.at) > stoppedAt - EVERY_MS;
  expect(missed.length).toBeGreaterThan(0);
  expect(missed.filter((each) => !duringOutage(each))).toEqual([]);
  expect(intervals.filter((each) => duringOutage(each) && each.state === 'published').length).toBeGreaterThan(
    1,
  );

  // The server counts the same: a run for each time that was not missed, and none swallowed.
  const runsOf = new Map<number, string[]>();
  for await (const run of env.client.workflow.list({
    query: `TemporalScheduledById = '${scheduleId('shop')}'`,
  })) {
    const time = run.typedSearchAttributes.get(scheduledStartTimeKey)!.getTime();
    runsOf.set(time, [...(runsOf.get(time) ?? []), run.workflowId]);
  }
  for (const { at, state, run } of intervals) {
    expect(runsOf.get(Date.parse(at)) ?? [], at).toEqual(state === 'missed' ? [] : [run!.run]);
    expect(published.filter((id) => id === run?.run).length, at).toBe(state === 'missed' ? 0 : 1);
  }
  const { info } = await env.client.schedule.getHandle(scheduleId('shop')).describe();
  expect(info.numActionsSkippedOverlap).toBe(0);
  expect(info.numActionsMissedCatchupWindow).toBe(missed.length);
}, 300_000);
