import type { Client } from '@temporalio/client';
import { optionalDateToTs, requiredTsToDate } from '@temporalio/common/lib/time.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { freePorts } from '../../scripts/local/free-port.ts';
import { sparkPaths } from '../../scripts/setup/paths.mjs';
import { main } from '../../scripts/tidemark/main.ts';
import { buildSchedule, scheduleId } from '../../scripts/tidemark/schedule-spec.ts';
import type { Interval } from '../../src/core/intervals.ts';
import { listTimes } from '../../src/core/schedule-times.ts';
import * as attributes from '../../workflows/search-attributes.ts';
import { silenceSdk } from '../support/workflow-env.ts';

const { scheduledStartTimeKey: _, ...own } = attributes;
let port: number;
let env: TestWorkflowEnvironment;

beforeAll(async () => {
  silenceSdk();
  [port] = (await freePorts(1)) as [number];
  env = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: sparkPaths().temporalBin },
      port,
      searchAttributes: Object.values(own),
    },
  });
});
afterAll(async () => await env.teardown());

async function type(...args: string[]): Promise<{ text: string; exitCode: number }> {
  const lines: string[] = [];
  const out = {
    print: (text: string) => void lines.push(text),
    complain: (text: string) => void lines.push(text),
    env: { TEMPORAL_ADDRESS: `127.0.0.1:${port}` },
    exitCode: 0 as const,
  };
  const exitCode = await main(args, out);
  return { text: lines.join('\n'), exitCode };
}

interface Gaps {
  readonly since: string;
  readonly changedAt: readonly string[];
  readonly intervals: readonly Interval[];
}

async function gaps(...more: string[]): Promise<Gaps> {
  const { text } = await type('status', '--gaps', 'ecommerce', '--json', ...more);
  return (JSON.parse(text) as [Gaps])[0];
}

it('gaps of the times that a schedule had before are still seen', async () => {
  expect(await type('schedule', 'create', 'ecommerce', '--every', '1s')).toMatchObject({ exitCode: 0 });
  await type('schedule', 'pause', 'ecommerce', '--note', 'nothing starts');
  const before = await vi.waitFor(
    async () => {
      const found = await gaps();
      expect(found.intervals.filter(({ isGap }) => isGap).length).toBeGreaterThan(2);
      return found;
    },
    { timeout: 30_000, interval: 100 },
  );

  for (const every of ['365d', '364d'])
    expect(await type('schedule', 'create', 'ecommerce', '--every', every)).toMatchObject({ exitCode: 0 });
  const after = await gaps();
  expect(after.since).toBe(before.since);
  expect(after.changedAt).toHaveLength(2);
  expect(after.intervals.slice(0, before.intervals.length)).toEqual(before.intervals);
  const { text, exitCode } = await type('status', '--gaps', 'ecommerce');
  expect(exitCode).toBe(1);
  expect(text).toContain(`ecommerce since ${before.since}, with other times since ${after.changedAt[0]}`);

  const last = before.intervals.at(-1)!;
  const late = await gaps('--since', last.at);
  expect(late.intervals[0]).toEqual(last);
  expect(late.intervals).toHaveLength(after.intervals.length - before.intervals.length + 1);
});

it.each([
  ['30 1,2 * * *', 'America/New_York'],
  ['*/15 0-3 1,31 * *', 'Australia/Lord_Howe'],
  ['0 0 * * MON', 'UTC'],
])('times that a schedule had are those of the server: %s in %s', async (cron, timeZone) => {
  const name = `zone_${cron.length}`;
  await env.client.schedule.create(buildSchedule(name, 'none', { cron, timeZone, overlap: 'skip' }));
  const [from, until] = [new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z')];
  const expected = await askServer(env.client, scheduleId(name), from, until);
  expect(expected.length).toBeGreaterThan(50);
  expect(listTimes({ cron, timeZone }, from, until)).toEqual(expected);
});

async function askServer(client: Client, id: string, from: Date, until: Date): Promise<string[]> {
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId: id,
    // It leaves the start itself out, and takes the end.
    startTime: optionalDateToTs(new Date(from.getTime() - 1)),
    endTime: optionalDateToTs(new Date(until.getTime() - 1)),
  });
  return startTime!.map((each) => requiredTsToDate(each, 'startTime').toISOString());
}
