import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  type Client,
  WorkflowFailedError,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Activities } from '../../activities/index.ts';
import type { BackfillInput, InitialLoadInput } from '../../src/core/backfill.ts';
import type { BusinessWindow } from '../../src/core/run.ts';
import type { backfill } from '../../workflows/index.ts';
import {
  abortUpdate,
  approveUpdate,
  type BackfillStatus,
  backfillStatusQuery,
  pauseUpdate,
  resumeUpdate,
  setParallelUpdate,
  skipUpdate,
} from '../../workflows/messages.ts';
import {
  failing,
  openWorkflowBench,
  passing,
  untilAlert,
  type WorkflowBench,
} from '../support/workflow-env.ts';

let bench: WorkflowBench;
beforeAll(async () => {
  bench = await openWorkflowBench('dev');
});
afterAll(() => bench.close());

/** Days of 2024 from its first on. */
function days(count: number): BusinessWindow[] {
  const day = (nth: number) => new Date(Date.UTC(2024, 0, 1 + nth)).toISOString().slice(0, 10);
  return Array.from({ length: count }, (_, nth) => ({ from: day(nth), to: day(nth + 1) }));
}

interface Backfill {
  readonly handle: WorkflowHandleWithFirstExecutionRunId<typeof backfill>;
  readonly client: Client;
  /** Starts it once more, as after a kill. */
  readonly again: () => Promise<WorkflowHandle<typeof backfill>>;
}

/** Windows of each publication, in order, and the chunks whose raw checks fail. */
interface Shop {
  readonly published: (readonly BusinessWindow[])[];
  readonly stubs: Partial<Activities>;
}

function shop(todo: readonly BusinessWindow[], bad: ReadonlySet<string> = new Set()): Shop {
  const published: (readonly BusinessWindow[])[] = [];
  return {
    published,
    stubs: {
      planBackfill: async () => {
        const done = new Set(published.flat().map((each) => each.from));
        return { todo: todo.filter((each) => !done.has(each.from)), isFirstAlone: false };
      },
      checkRaw: async ({ window }) => (bad.has(window?.from ?? '') ? failing : passing),
      publishRun: async ({ windows }) => {
        if (windows) published.push(windows);
        return { published: true, sequence: published.length };
      },
    },
  };
}

async function withBackfill<T>(
  { stubs }: Shop,
  input: Partial<BackfillInput> | Pick<InitialLoadInput, 'isInitial'>,
  story: (backfill: Backfill) => Promise<T>,
): Promise<T> {
  return await bench.withRun(stubs, async (run) => {
    const { taskQueue } = await run.describe();
    await run.result();
    const pipeline = `shop${randomUUID().slice(0, 8)}`;
    const { client } = bench.env;
    const again = () =>
      client.workflow.start<typeof backfill>('backfill', {
        taskQueue,
        workflowId: `backfill/${pipeline}/2024-01-01..2025-01-01`,
        args: [{ pipeline, from: '2024-01-01', to: '2025-01-01', chunk: 'P1D', mode: 'missing', ...input }],
      });
    return await story({ handle: await again(), client, again });
  });
}

async function until(
  handle: WorkflowHandle<typeof backfill>,
  holds: (status: BackfillStatus) => boolean,
): Promise<BackfillStatus> {
  for (;;) {
    const status = await handle.query(backfillStatusQuery).catch(() => null);
    if (status && holds(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a backfill', () => {
  it('extracts chunks side by side and builds several at once, in order', async () => {
    const todo = days(5);
    const lake = shop(todo);
    const result = await withBackfill(lake, { batch: 2 }, ({ handle }) => handle.result());
    expect(result).toEqual({ published: 5, skipped: 0 });
    expect(lake.published.flat().map((each) => each.from)).toEqual(todo.map((each) => each.from));
    expect(lake.published.length).toBeLessThan(5);
    expect(bench.calls.filter((name) => name === 'cleanEntities').length).toBe(lake.published.length + 1);
  });

  it('goes on with the others while one chunk waits for a person, and with that one after the decision', async () => {
    const lake = shop(days(6), new Set(['2024-01-02']));
    const result = await withBackfill(lake, { batch: 10 }, async ({ handle, client }) => {
      const status = await until(handle, (each) => each.done.length === 5);
      expect(status.waiting).toEqual([expect.stringContaining('backfill-2024-01-02..2024-01-03')]);
      await client.workflow
        .getHandle(status.waiting[0]!)
        .executeUpdate(approveUpdate, { args: [{ reason: 'known', by: 'ann' }] });
      return await handle.result();
    });
    expect(result).toEqual({ published: 6, skipped: 0 });
    expect(lake.published.at(-1)).toEqual([{ from: '2024-01-02', to: '2024-01-03' }]);
  });

  it('starts no further chunk while as many wait as are allowed', async () => {
    const bad = new Set(days(5).map((each) => each.from));
    await withBackfill(shop(days(8), bad), { maxWaiting: 2, parallel: 1 }, async ({ handle }) => {
      const status = await until(handle, (each) => each.waiting.length === 2);
      expect(status.extracting).toHaveLength(2);
      await handle.cancel();
      await handle.result().catch(() => undefined);
    });
  });

  it('ends as incomplete when a chunk was aborted, keeps that, and does only that chunk when started again', async () => {
    const bad = new Set(['2024-01-02']);
    const lake = shop(days(3), bad);
    const recorded: string[] = [];
    const stubs = {
      ...lake.stubs,
      recordFailedChunk: async ({ chunk }: { chunk: string }) => void recorded.push(chunk),
    };
    await withBackfill({ ...lake, stubs }, {}, async ({ handle, client, again }) => {
      const { waiting } = await until(handle, (each) => each.done.length === 2);
      await client.workflow
        .getHandle(waiting[0]!)
        .executeUpdate(abortUpdate, { args: [{ reason: 'broken', by: 'ann' }] });
      const failure = await handle.result().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(WorkflowFailedError);
      expect((failure as WorkflowFailedError).cause?.message).toMatch(
        /1 of 3 chunks ended without publishing: 2024-01-02\.\.2024-01-03 .*aborted by ann/,
      );
      expect(recorded).toEqual(['2024-01-02..2024-01-03']);
      expect(await untilAlert(bench, 'backfill-failed')).toMatchObject({
        severity: 'critical',
        workflowId: handle.workflowId,
        lines: [expect.stringMatching(/^1 of 3 chunks ended without publishing/)],
      });
      bad.clear();
      expect(await (await again()).result()).toEqual({ published: 1, skipped: 0 });
      expect(bench.alerts.filter((each) => each.kind === 'backfill-failed')).toHaveLength(1);
    });
  });

  it('tells of a plan that cannot be carried out', async () => {
    const planBackfill = async () => {
      throw ApplicationFailure.nonRetryable('the plan is 1f, not 2e', 'PLAN_CHANGED');
    };
    await withBackfill({ ...shop([]), stubs: { planBackfill } }, {}, async ({ handle }) => {
      await expect(handle.result()).rejects.toThrow();
      expect((await untilAlert(bench, 'backfill-failed')).lines).toEqual(['the plan is 1f, not 2e']);
    });
  });

  it('is paused, resumed and given another width while it runs', async () => {
    const bad = new Set(['2024-01-01']);
    await withBackfill(shop(days(4), bad), { parallel: 1, maxWaiting: 1 }, async ({ handle, client }) => {
      const { waiting } = await until(handle, (each) => each.waiting.length === 1);
      expect((await handle.executeUpdate(pauseUpdate)).isPaused).toBe(true);
      await client.workflow
        .getHandle(waiting[0]!)
        .executeUpdate(approveUpdate, { args: [{ reason: 'known', by: 'ann' }] });
      const paused = await until(handle, (each) => each.ready.length === 1);
      expect(paused).toMatchObject({ done: [], extracting: [], building: [] });
      expect((await handle.executeUpdate(setParallelUpdate, { args: [3] })).parallel).toBe(3);
      await expect(handle.executeUpdate(setParallelUpdate, { args: [0] })).rejects.toThrow();
      await handle.executeUpdate(resumeUpdate);
      expect(await handle.result()).toEqual({ published: 4, skipped: 0 });
    });
  });

  it('cancels the chunks under way when it is cancelled', async () => {
    await withBackfill(shop(days(2), new Set(['2024-01-01'])), {}, async ({ handle, client }) => {
      const { waiting } = await until(handle, (each) => each.waiting.length === 1);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      await expect(client.workflow.getHandle(waiting[0]!).result()).rejects.toThrow();
    });
  });

  it('takes over a chunk that outlived a killed backfill, with the decision that it waits for', async () => {
    const lake = shop(days(3), new Set(['2024-01-01']));
    await withBackfill(lake, {}, async ({ handle, client, again }) => {
      const { waiting } = await until(handle, (each) => each.waiting.length === 1 && each.done.length === 2);
      await handle.terminate('killed');
      const second = await again();
      await until(second, (each) => each.waiting.length === 1);
      await client.workflow
        .getHandle(waiting[0]!)
        .executeUpdate(approveUpdate, { args: [{ reason: 'known', by: 'ann' }] });
      expect(await second.result()).toEqual({ published: 1, skipped: 0 });
    });
    expect(lake.published.flat()).toHaveLength(3);
  });

  it('loads ranges of keys, and is not done while one of them is left out', async () => {
    const ranges = [1, 2, 3].map((nth) => ({ load: 'l', nth, entity: 'orders' }));
    const published: unknown[] = [];
    const stubs: Partial<Activities> = {
      planBackfill: async () => ({ todo: ranges, isFirstAlone: false }),
      extractSource: async (input) => {
        const { manifest, entities } = await bench.stubs.extractSource(input);
        return { source: 'shop', manifest, entities: { orders: entities.orders! } };
      },
      checkRaw: async ({ range }) => (range?.nth === 2 ? failing : passing),
      publishRun: async ({ ranges: built }) => {
        published.push(...(built ?? []));
        return { published: true, sequence: 1 };
      },
    };
    await withBackfill({ published: [], stubs }, { isInitial: true }, async ({ handle, client }) => {
      const { waiting } = await until(handle, (each) => each.done.length === 2 && each.waiting.length === 1);
      expect(waiting[0]).toMatch(/\/backfill-initial-l-00002-orders$/);
      await client.workflow
        .getHandle(waiting[0]!)
        .executeUpdate(skipUpdate, { args: [{ reason: 'not today', by: 'ann' }] });
      const failure = await handle.result().catch((error: unknown) => error);
      expect((failure as WorkflowFailedError).cause?.message).toMatch(
        /1 of 3 chunks ended without publishing: initial-l-00002-orders \(left out by decision\)/,
      );
    });
    expect(published).toEqual([ranges[0], ranges[2]]);
  });

  it('continues as new over a hundred chunks without losing or repeating one, also while one waits', async () => {
    const todo = days(110);
    const lake = shop(todo, new Set(['2024-01-05']));
    await withBackfill(lake, { parallel: 8, batch: 25 }, async ({ handle, client }) => {
      const status = await until(handle, (each) => each.done.length === 109);
      const first = await client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId).describe();
      expect(first.status.name).toBe('CONTINUED_AS_NEW');
      await client.workflow
        .getHandle(status.waiting[0]!)
        .executeUpdate(approveUpdate, { args: [{ reason: 'known', by: 'ann' }] });
      expect(await handle.result()).toEqual({ published: 110, skipped: 0 });
    });
    const published = lake.published.flat().map((each) => each.from);
    expect(published.toSorted()).toEqual(todo.map((each) => each.from));
  });
});
