import {
  ApplicationFailure,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Activities } from '../../activities/index.ts';
import { decide } from '../../scripts/tidemark/decide.ts';
import { describeError } from '../../scripts/tidemark/describe-error.ts';
import type { DecisionRequest } from '../../src/core/gate.ts';
import type { GateAction } from '../../src/core/verdict.ts';
import type { ingest } from '../../workflows/index.ts';
import {
  abortUpdate,
  approveUpdate,
  retryUpdate,
  skipUpdate,
  statusQuery,
} from '../../workflows/messages.ts';
import { beforePublish, ERRORS, failingOnce, type GateKind, VERDICTS } from '../support/gate-kinds.ts';
import {
  failing,
  type ManyRuns,
  openWorkflowBench,
  passing,
  untilGate,
  type WorkflowBench,
} from '../support/workflow-env.ts';

let bench: WorkflowBench;
let runs: ManyRuns;
beforeAll(async () => {
  bench = await openWorkflowBench();
  runs = await bench.openRuns();
});
afterAll(async () => {
  await runs.close();
  await bench.close();
});

const UPDATES = { approve: approveUpdate, skip: skipUpdate, retry: retryUpdate, abort: abortUpdate };
const ACTIONS = Object.keys(UPDATES) as GateAction[];

/** Activities of which the first waits to be let go, and one fails once. */
function stubsOf(kind: GateKind, letGo: Promise<void>): Partial<Activities> {
  return {
    describePipeline: async (input) => {
      await letGo;
      return await bench.stubs.describePipeline(input);
    },
    ...failingOnce(kind, bench.stubs),
  };
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return (error as WorkflowUpdateFailedError).cause!.message;
}

/** What an operator reads whose decision comes too late. */
async function refusalOfLate(
  { workflowId }: WorkflowHandle<typeof ingest>,
  action: GateAction,
  gate: string | undefined,
): Promise<string> {
  const request = { gate, reason: 'looked at it', by: 'cleo' };
  return await decide(bench.env.client, workflowId, action, request).then(
    () => 'taken',
    (error: unknown) => describeError(error).message,
  );
}

async function endOf(run: WorkflowHandle<typeof ingest>): Promise<string> {
  return await run.result().then(
    ({ state }) => state,
    (error: unknown) => {
      expect(error).toBeInstanceOf(WorkflowFailedError);
      expect((error as WorkflowFailedError).cause).toMatchObject({ type: 'RunAborted' });
      return 'aborted';
    },
  );
}

describe.each([...VERDICTS, ...ERRORS])('gate of a $name', (kind) => {
  it.concurrent.each(ACTIONS)(
    '%s: refused before it opens, answered while it is open, refused after the end',
    async (action) => {
      const { promise: letGo, resolve: go } = withResolvers();
      const gate = `${kind.stage}-1`;
      const update = UPDATES[action];
      const request = { gate, reason: 'looked at it', by: 'ann' };
      const { run, calls } = await runs.start(stubsOf(kind, letGo));
      const early = await refusalOf(run.executeUpdate(update, { args: [request] }));
      expect(early).toBe(`there is no gate "${gate}"; this run has opened none`);
      go();
      await untilGate(run, gate);
      const [open] = (await run.query(statusQuery)).gates;
      if (kind.ends[action] === 'refused') {
        const refusal = await refusalOf(run.executeUpdate(update, { args: [request] }));
        expect(refusal).toBe(
          `${action} is not possible at gate ${gate}; possible are ${open!.allowed.join(', ')}`,
        );
        await run.executeUpdate(abortUpdate, { args: [request] });
        expect(await endOf(run)).toBe('aborted');
      } else {
        const answer = await run.executeUpdate(update, { args: [request] });
        expect(answer.next).toBe(open!.effects[action]);
        expect(await endOf(run)).toBe(kind.ends[action]);
      }
      const late = run.executeUpdate(update, { args: [request] });
      await expect(late).rejects.toBeInstanceOf(WorkflowNotFoundError);

      const times = (name: string) => calls.filter((each) => each === name).length;
      if (action === 'retry')
        expect(kind.again.map((name) => [name, times(name)])).toEqual(kind.again.map((name) => [name, 2]));
      const isUnpublished = kind.ends === beforePublish || kind.fails === 'verdict';
      if (isUnpublished && !['publish', 'reconcile'].includes(kind.stage))
        expect(times('publishRun')).toBe(kind.ends[action] === 'published' ? 1 : 0);
    },
  );
});

describe('two operators at once', () => {
  it('one decides, the other learns by whom', async () => {
    const { run } = await runs.start({ checkRaw: onceFailing(), checkModels: onceFailing() });
    await untilGate(run, 'raw-1');
    const both = await Promise.allSettled([
      decide(bench.env.client, run.workflowId, 'approve', { gate: 'raw-1', reason: 'fine', by: 'ann' }),
      decide(bench.env.client, run.workflowId, 'abort', { gate: 'raw-1', reason: 'not fine', by: 'bob' }),
    ]);
    const taken = both.filter((each) => each.status === 'fulfilled');
    const lost = both.find((each) => each.status === 'rejected');
    expect(taken).toHaveLength(1);
    expect(describeError(lost!.reason).message).toMatch(
      /^refused: (gate raw-1 is already decided: approve by ann|the run is aborted already, by bob)/,
    );
    if (taken[0]!.value.decision.action === 'approve') await run.terminate();
  });

  it('whoever comes after an abort learns by whom, while the run ends and after it', async () => {
    const { run } = await runs.start({ checkRaw: onceFailing() });
    await untilGate(run, 'raw-1');
    let hasEnded = false;
    const end = endOf(run).finally(() => {
      hasEnded = true;
    });
    await decide(bench.env.client, run.workflowId, 'abort', { reason: 'not fine', by: 'bob' });
    const sendAllAlong = async () => {
      const refusals: string[] = [];
      do refusals.push(await refusalOfLate(run, 'approve', 'raw-1'));
      while (!hasEnded);
      return refusals;
    };
    const refusals = (await Promise.all(Array.from({ length: 8 }, sendAllAlong))).flat();
    expect(await end).toBe('aborted');
    refusals.push(await refusalOfLate(run, 'approve', undefined));
    for (const each of refusals) expect(each).toMatch(/^refused: the run is aborted already, by bob at 2/);
    expect(refusals.at(-1)).toMatch(/; the run has ended since$/);
  });

  it('whoever comes after the run was approved and has ended learns that', async () => {
    const { run } = await runs.start({ checkRaw: onceFailing() });
    await untilGate(run, 'raw-1');
    await decide(bench.env.client, run.workflowId, 'approve', { reason: 'fine', by: 'ann' });
    expect(await endOf(run)).toBe('published');
    for (const gate of ['raw-1', undefined])
      expect(await refusalOfLate(run, 'abort', gate)).toMatch(
        /^refused: gate raw-1 is already decided: approve by ann at 2.*; the run has ended since$/,
      );
    expect(await refusalOfLate(run, 'abort', 'raw-2')).toMatch(/has ended, so nothing can be decided/);
  });

  it('a request sent twice at once decides once and is answered the same', async () => {
    await bench.withRun({ checkRaw: onceFailing(), checkModels: onceFailing() }, async (run) => {
      await untilGate(run, 'raw-1');
      const request = { reason: 'fine', by: 'ann', requestId: 'r1' };
      const [one, other] = await Promise.all([
        run.executeUpdate(approveUpdate, { args: [request] }),
        run.executeUpdate(approveUpdate, { args: [request] }),
      ]);
      expect(other).toEqual(one);
      await untilGate(run, 'audit-1');
      expect((await run.query(statusQuery)).gates.map((each) => each.decision?.by)).toEqual([
        'ann',
        undefined,
      ]);
      await run.terminate();
    });
  });
});

describe('who may decide', () => {
  it('follows the severity of the gate: a warning where tries are used up, critical where data fails', async () => {
    let tries = 0;
    const stubs: Partial<Activities> = {
      describePipeline: async (input) => ({
        ...(await bench.stubs.describePipeline(input)),
        deciders: { critical: ['ann'], warning: ['duty'] },
      }),
      extractSource: async (input) => {
        tries += 1;
        if (tries <= 2) throw ApplicationFailure.retryable('it does not answer', 'SOURCE_UNREACHABLE');
        return await bench.stubs.extractSource(input);
      },
      checkRaw: onceFailing(),
    };
    await bench.withRun(stubs, async (run) => {
      const by = (name: string) => ({ args: [{ reason: 'looked', by: name }] as [DecisionRequest] });
      await untilGate(run, 'extract-1');
      const [used] = (await run.query(statusQuery)).gates;
      expect(used).toMatchObject({ severity: 'warning', findings: [{ severity: 'warning' }] });
      expect(await refusalOf(run.executeUpdate(retryUpdate, by('ann')))).toMatch(
        /^ann may not decide here; duty may/,
      );
      await run.executeUpdate(retryUpdate, by('duty'));
      await untilGate(run, 'raw-1');
      expect((await run.query(statusQuery)).gates[1]).toMatchObject({ severity: 'critical' });
      expect(await refusalOf(run.executeUpdate(approveUpdate, by('duty')))).toMatch(
        /^duty may not decide here; ann may/,
      );
      await run.executeUpdate(approveUpdate, by('ann'));
      expect(await endOf(run)).toBe('published');
    });
  });
});

describe('a gate of the delete brake', () => {
  it('takes an approval, but no waiver', async () => {
    const brake = {
      ...failing,
      findings: [{ ...failing.findings[0]!, check: 'delete-brake', column: null }],
    };
    await bench.withRun({ checkRaw: async () => brake }, async (run) => {
      await untilGate(run, 'raw-1');
      const waiver = { until: '2024-02-01T00:00:00Z' };
      const waiving = run.executeUpdate(approveUpdate, { args: [{ reason: 'moved', by: 'ann', waiver }] });
      expect(await refusalOf(waiving)).toMatch(/^the delete brake of orders cannot be waived/);
      await run.executeUpdate(approveUpdate, { args: [{ reason: 'moved', by: 'ann' }] });
      expect(await endOf(run)).toBe('published');
    });
  });
});

function onceFailing() {
  let isFirst = true;
  return async () => {
    const verdict = isFirst ? failing : passing;
    isFirst = false;
    return verdict;
  };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
