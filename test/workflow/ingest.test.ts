import { ApplicationFailure, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PublishResult } from '../../src/core/run.ts';
import {
  abortUpdate,
  approveSignal,
  approveUpdate,
  retryUpdate,
  skipUpdate,
  statusQuery,
} from '../../workflows/messages.ts';
import {
  failing,
  openWorkflowBench,
  passing,
  untilAlert,
  untilGate,
  type WorkflowBench,
} from '../support/workflow-env.ts';

const STORY = [
  'describePipeline',
  'planRun',
  'checkSource',
  'extractSource',
  'checkRaw',
  'cleanEntities',
  'modelTables',
  'checkModels',
  'publishRun',
  'syncCatalog',
  'loadWarehouse',
  'reconcile',
  'announceRun',
];

let bench: WorkflowBench;
beforeAll(async () => {
  bench = await openWorkflowBench();
});
afterAll(() => bench.close());

/** A check that fails the first `times` times. */
function failsFirst(times: number) {
  let calls = 0;
  return async () => (++calls <= times ? failing : passing);
}

describe('a run', () => {
  it('goes through every stage once and is published', async () => {
    const outcome = await bench.withRun({}, (run) => run.result());
    expect(outcome).toMatchObject({
      state: 'published',
      sequence: 1,
      extracted: { orders: 90, customers: 9 },
      decisions: [],
    });
    expect(bench.calls).toEqual(STORY);
  });

  it('names itself by its interval and its workflow run', async () => {
    const outcome = await bench.withRun({}, (run) => run.result());
    expect(outcome.runKey).toMatch(/^live-20240102T000000Z-[0-9a-f]{8}$/);
  });

  it('builds again on the new base when another run published meanwhile', async () => {
    const bases: number[] = [];
    const answers: PublishResult[] = [
      { published: false, reason: 'base-moved', sequence: 7 },
      { published: true, sequence: 8 },
    ];
    const outcome = await bench.withRun(
      {
        publishRun: async ({ baseSequence }) => {
          bases.push(baseSequence);
          return answers.shift()!;
        },
      },
      (run) => run.result(),
    );
    expect(bases).toEqual([0, 7]);
    expect(outcome.sequence).toBe(8);
    expect(bench.calls.filter((name) => name === 'cleanEntities')).toHaveLength(2);
    expect(bench.calls.filter((name) => name === 'extractSource')).toHaveLength(1);
  });

  it('extracts again when the watermark was moved back under it', async () => {
    const answers: PublishResult[] = [
      { published: false, reason: 'watermark-moved-back', sequence: 3 },
      { published: true, sequence: 4 },
    ];
    await bench.withRun({ publishRun: async () => answers.shift()! }, (run) => run.result());
    expect(bench.calls.filter((name) => name === 'extractSource')).toHaveLength(2);
  });

  it('tells of warnings and goes on', async () => {
    const warning = { ...failing, findings: [{ ...failing.findings[0]!, severity: 'warning' as const }] };
    const outcome = await bench.withRun({ checkRaw: async () => warning }, async (run) => {
      await untilAlert(bench, 'check-warning');
      return await run.result();
    });
    expect(outcome.state).toBe('published');
  });
});

describe('a gate', () => {
  it('waits for weeks, reminds, and never approves by itself', async () => {
    await bench.withRun({ checkRaw: failsFirst(1) }, async (run) => {
      await untilGate(run, 'raw-1');
      await bench.env.sleep('30 days');
      expect((await run.query(statusQuery)).state).toBe('waiting');
      expect(bench.alerts.map((alert) => alert.kind)).toEqual([
        'gate-opened',
        'gate-reminder',
        'gate-reminder',
      ]);
      expect(bench.calls).not.toContain('cleanEntities');
      await run.executeUpdate(approveUpdate, { args: [{ gate: 'raw-1', reason: 'looked', by: 'ann' }] });
      const outcome = await run.result();
      expect(outcome.decisions).toMatchObject([
        { gate: 'raw-1', action: 'approve', by: 'ann', reason: 'looked', evidenceDigest: 'e1' },
      ]);
    });
  });

  it('alerts with what, where, how many, since when, and the commands to type', async () => {
    await bench.withRun({ checkRaw: failsFirst(1) }, async (run) => {
      await untilGate(run, 'raw-1');
      const alert = await untilAlert(bench, 'gate-opened');
      expect(alert.lines[0]).toBe('critical: orders.total_price: 30 of 90 rows fail (keys 1, ...)');
      expect(alert.lines.at(-1)).toMatch(/^waiting since 20.* at gate raw-1/);
      expect(alert.commands[0]!.command).toBe(
        `npx tidemark approve ${run.workflowId} --gate raw-1 --reason "..."`,
      );
      await run.executeUpdate(approveUpdate, { args: [{ reason: 'ok', by: 'ann' }] });
      await run.result();
    });
  });

  it('retries from a fresh extract', async () => {
    await bench.withRun({ checkRaw: failsFirst(1) }, async (run) => {
      await untilGate(run, 'raw-1');
      await run.executeUpdate(retryUpdate, { args: [{ reason: 'fixed at the source', by: 'ann' }] });
      expect((await run.result()).state).toBe('published');
    });
    expect(bench.calls.filter((name) => name === 'extractSource')).toHaveLength(2);
  });

  it('skips the failing entity and publishes the rest', async () => {
    const skipped: (readonly string[])[] = [];
    await bench.withRun(
      {
        checkRaw: failsFirst(1),
        publishRun: async (input) => {
          skipped.push(input.skipped);
          return { published: true, sequence: 1 };
        },
      },
      async (run) => {
        await untilGate(run, 'raw-1');
        await run.executeUpdate(skipUpdate, { args: [{ reason: 'orders can wait', by: 'ann' }] });
        expect((await run.result()).state).toBe('published');
      },
    );
    expect(skipped).toEqual([['orders']]);
  });

  it('skips the whole run at the audit, as skipped and not as success', async () => {
    await bench.withRun({ checkModels: failsFirst(1) }, async (run) => {
      await untilGate(run, 'audit-1');
      await run.executeUpdate(skipUpdate, { args: [{ reason: 'not today', by: 'ann' }] });
      expect(await run.result()).toMatchObject({ state: 'skipped', sequence: null });
    });
    expect(bench.calls).not.toContain('publishRun');
  });

  it('aborts: the run fails and nothing is published', async () => {
    await bench.withRun({ checkRaw: failsFirst(1) }, async (run) => {
      await untilGate(run, 'raw-1');
      await run.executeUpdate(abortUpdate, { args: [{ reason: 'wrong data', by: 'ann' }] });
      const error = await run.result().catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(WorkflowFailedError);
      expect((error as WorkflowFailedError).cause).toMatchObject({ type: 'RunAborted' });
      expect((await untilAlert(bench, 'run-aborted')).lines[0]).toMatch(/^aborted by ann: wrong data/);
    });
    expect(bench.calls).not.toContain('publishRun');
  });

  it('opens on a permanent error at once, with its code and what to do, and retries after the fix', async () => {
    let isFixed = false;
    await bench.withRun(
      {
        extractSource: async () => {
          if (!isFixed)
            throw ApplicationFailure.nonRetryable(
              'bucket raw does not exist. Create the bucket',
              'BUCKET_MISSING',
            );
          return {
            source: 'shop',
            manifest: { uri: 'u', digest: 'd' },
            entities: { orders: { rowCount: 1, csvBytes: 1, read: 'full' } },
          };
        },
      },
      async (run) => {
        await untilGate(run, 'extract-1');
        expect((await run.query(statusQuery)).gates[0]).toMatchObject({
          title: 'extract failed: BUCKET_MISSING',
          allowed: ['retry', 'skip', 'abort'],
        });
        isFixed = true;
        await run.executeUpdate(retryUpdate, { args: [{ reason: 'made the bucket', by: 'ann' }] });
        expect((await run.result()).state).toBe('published');
      },
    );
  });

  it('builds under a new generation when a step after the extract is retried', async () => {
    const generations: string[] = [];
    await bench.withRun(
      {
        cleanEntities: async ({ generation }) => {
          generations.push(generation);
          if (generations.length === 1)
            throw ApplicationFailure.nonRetryable('rows are missing', 'BALANCE_BROKEN');
          return null;
        },
      },
      async (run) => {
        await untilGate(run, 'clean-1');
        await run.executeUpdate(retryUpdate, { args: [{ reason: 'again', by: 'ann' }] });
        expect((await run.result()).state).toBe('published');
      },
    );
    expect(generations.map((each) => each.slice(-4))).toEqual(['x1m1', 'x1m2']);
  });

  it('goes on after a signal, for plain clients, and ignores an invalid one', async () => {
    await bench.withRun({ checkRaw: failsFirst(1) }, async (run) => {
      await untilGate(run, 'raw-1');
      await run.signal(approveSignal, { gate: 'raw-9', reason: 'wrong gate', by: 'bob' });
      await run.signal(approveSignal, { gate: 'raw-1', reason: 'fine', by: 'ann' });
      expect((await run.result()).decisions).toMatchObject([{ by: 'ann' }]);
    });
  });
});

describe('a decision is refused', () => {
  const cases = [
    {
      name: 'without a reason',
      request: { gate: 'raw-1', reason: ' ', by: 'ann' },
      refusal: /reason is missing/,
    },
    {
      name: 'without a person',
      request: { gate: 'raw-1', reason: 'x', by: '' },
      refusal: /who decides is missing/,
    },
    {
      name: 'for an unknown gate',
      request: { gate: 'raw-7', reason: 'x', by: 'ann' },
      refusal: /there is no gate "raw-7"/,
    },
    {
      name: 'on stale evidence',
      request: { gate: 'raw-1', reason: 'x', by: 'ann', evidenceDigest: 'old' },
      refusal: /evidence is stale/,
    },
  ];
  it.each(cases)('$name', async ({ request, refusal }) => {
    await bench.withRun({ checkRaw: failsFirst(1) }, async (run) => {
      await untilGate(run, 'raw-1');
      const error = await run
        .executeUpdate(approveUpdate, { args: [request] })
        .catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
      expect((error as WorkflowUpdateFailedError).cause!.message).toMatch(refusal);
      await run.executeUpdate(approveUpdate, { args: [{ reason: 'ok', by: 'ann' }] });
      await run.result();
    });
  });

  it('when it is already decided, by whom; the same request again is answered the same', async () => {
    await bench.withRun({ checkRaw: failsFirst(1), checkModels: failsFirst(1) }, async (run) => {
      await untilGate(run, 'raw-1');
      const request = { gate: 'raw-1', reason: 'ok', by: 'ann', requestId: 'r1' };
      const first = await run.executeUpdate(approveUpdate, { args: [request] });
      expect(await run.executeUpdate(approveUpdate, { args: [request] })).toEqual(first);
      await untilGate(run, 'audit-1');
      const error = await run
        .executeUpdate(abortUpdate, { args: [{ gate: 'raw-1', reason: 'no', by: 'bob' }] })
        .catch((failure: unknown) => failure);
      expect((error as WorkflowUpdateFailedError).cause!.message).toMatch(/already decided: approve by ann/);
      await run.executeUpdate(approveUpdate, { args: [{ reason: 'ok', by: 'ann' }] });
      await run.result();
    });
  });
});

// Last: a result that rejects leaves this server's clock locked.
it('a run that cannot begin tells that it failed', async () => {
  await bench.withRun(
    {
      describePipeline: async () => {
        throw ApplicationFailure.nonRetryable('the worker knows no pipeline "shop"', 'DEFINITION_UNKNOWN');
      },
    },
    async (run) => {
      await expect(run.result()).rejects.toThrow();
      const alert = await untilAlert(bench, 'run-failed');
      expect(alert.severity).toBe('critical');
      expect(alert.lines[0]).toMatch(
        /knows no pipeline "shop"; nothing is published\. .*npx tidemark run shop$/,
      );
    },
  );
});
