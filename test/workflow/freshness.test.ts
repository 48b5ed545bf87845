import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createActivities } from '../../activities/index.ts';
import { sparkPaths } from '../../scripts/setup/paths.mjs';
import { main } from '../../scripts/tidemark/main.ts';
import type { Output } from '../../scripts/tidemark/output.ts';
import { freshnessScheduleId, scheduleId } from '../../scripts/tidemark/schedule-spec.ts';
import { definePipeline } from '../../src/core/definition.ts';
import { makeLayout } from '../../src/core/layout.ts';
import { assemblePipeline } from '../../src/core/pipeline.ts';
import type { Alert } from '../../src/ports/alerts.ts';
import { bundleWorkflows, silenceSdk } from '../support/workflow-env.ts';
import { shopInput } from '../unit/core/sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-freshness-'));
const definition = definePipeline({ ...shopInput(), models: [], freshness: { maxAgeMinutes: 60 } });
const zones = { raw: 's3://z', clean: 's3://z', curated: 's3://z', quarantine: 's3://z', state: 's3://z' };
const layout = makeLayout(zones, 'shop');
const objects = new Map<string, string>();
const alerts: Alert[] = [];
const watch = freshnessScheduleId('shop');
let env: TestWorkflowEnvironment;
let stopWorker: () => Promise<void>;

beforeAll(async () => {
  silenceSdk();
  env = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: sparkPaths().temporalBin } },
  });
  const store = {
    read: async (uri: string) => (objects.has(uri) ? { text: objects.get(uri)!, etag: 'e' } : null),
    write: async (uri: string, body: string) => void objects.set(uri, body),
  };
  const deps = {
    pipelines: new Map([['shop', assemblePipeline(definition, [], {})]]),
    zones,
    store,
    alerts: [{ name: 'test', send: async (alert: Alert) => void alerts.push(alert) }],
  } as unknown as ActivityDeps;
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'tidemark',
    workflowBundle: await bundleWorkflows(),
    activities: createActivities(deps),
  });
  const running = worker.run();
  stopWorker = async () => {
    worker.shutdown();
    await running;
  };
});
afterAll(async () => {
  await stopWorker();
  await env.teardown();
  rmSync(folder, { recursive: true, force: true });
});

async function tidemark(...args: string[]): Promise<void> {
  const complained: string[] = [];
  const path = join(folder, 'pipeline.mjs');
  writeFileSync(path, `export default ${JSON.stringify(definition)};`);
  const out: Output = {
    print: () => undefined,
    complain: (text) => complained.push(text),
    env: { TEMPORAL_ADDRESS: env.address, TIDEMARK_PIPELINES: path },
    exitCode: 0,
  };
  expect([await main(args, out), complained]).toEqual([0, []]);
}

function publish(sequence: number, runKey: string, minutesAgo: number, runKind = 'live'): void {
  const publishedAt = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  // A backfill moves no watermark.
  const before = JSON.parse(objects.get(layout.publication) ?? '{}') as { watermarks?: unknown };
  const watermarks = runKind === 'backfill' ? before.watermarks : { orders: { runKey } };
  const text = JSON.stringify({ sequence, runKey, runKind, publishedAt, watermarks });
  objects.set(layout.publication, text);
  objects.set(layout.publicationCopy(sequence), text);
}

let day = 0;
/** Has the schedule itself fire three times, one after the other, and gives what each said. */
async function fire(): Promise<unknown[]> {
  const handle = env.client.schedule.getHandle(watch);
  const start = new Date(Date.UTC(2026, 0, ++day));
  const count = (await handle.describe()).info.numActionsTaken;
  // Every six minutes: at the deadline's tenth.
  await handle.backfill({ start, end: new Date(start.getTime() + 12 * 60_000), overlap: 'BUFFER_ALL' });
  const runs = await vi.waitFor(async () => {
    const { info } = await handle.describe();
    expect(info.numActionsTaken).toBe(count + 3);
    return info.recentActions.slice(-3);
  }, until);
  return await Promise.all(
    runs.map(({ action }) => env.client.workflow.getHandle(action.workflow.workflowId).result()),
  );
}

async function scheduleIds(): Promise<string[]> {
  const found: string[] = [];
  for await (const each of env.client.schedule.list()) found.push(each.scheduleId);
  return found.sort();
}

const until = { timeout: 20_000, interval: 50 };
const told = () => alerts.map(({ kind }) => kind);
/** Alerts travel in workflows of their own. */
const untilTold = (count: number) => vi.waitFor(() => expect(alerts.length).toBe(count), until);
const nothing = 'nothing new';

it('tells once that nothing was published, and once that it was again', async () => {
  await tidemark('schedule', 'create', 'shop', '--cron', '0 2 * * *');
  expect(await scheduleIds()).toEqual([watch, scheduleId('shop')]);

  publish(1, 'live-20260101T020000Z-aaaa', 10);
  expect(await fire()).toEqual([nothing, nothing, nothing]);
  expect(alerts).toEqual([]);

  publish(1, 'live-20260101T020000Z-aaaa', 125);
  expect(await fire()).toEqual(['late', nothing, nothing]);
  await untilTold(1);
  expect(alerts[0]).toMatchObject({
    kind: 'publication-late',
    title: 'shop: nothing published for 125 minutes, the deadline is 60',
    runKey: 'live-20260101T020000Z-aaaa',
  });

  // A backfill brings old days: the pipeline is no fresher for it.
  publish(2, 'backfill-20250101T000000Z-cccc', 1, 'backfill');
  expect(await fire()).toEqual([nothing, nothing, nothing]);

  publish(3, 'live-20260102T020000Z-bbbb', 1);
  expect(await fire()).toEqual(['fresh', nothing, nothing]);
  await untilTold(2);
  expect(told()).toEqual(['publication-late', 'publication-fresh']);
  // One incident, which the all-clear closes.
  expect(alerts[1]!.dedupKey).toBe(alerts[0]!.dedupKey);

  // Killed between telling and remembering, the next look finds that it was told.
  publish(3, 'live-20260102T020000Z-bbbb', 90);
  const before = objects.get(layout.freshness)!;
  expect(await fire()).toEqual(['late', nothing, nothing]);
  await untilTold(3);
  objects.set(layout.freshness, before);
  expect(await fire()).toEqual(['late', nothing, nothing]);
  publish(4, 'live-20260103T020000Z-dddd', 1);
  expect(await fire()).toEqual(['fresh', nothing, nothing]);
  // A second alert of the same lateness would have come before this one.
  await untilTold(4);
  expect(told()).toEqual(['publication-late', 'publication-fresh', 'publication-late', 'publication-fresh']);

  await tidemark('schedule', 'delete', 'shop');
  await vi.waitFor(async () => expect(await scheduleIds()).toEqual([]), until);
}, 60_000);
