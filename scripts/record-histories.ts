import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ApplicationFailure, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Activities } from '../activities/index.ts';
import type { BackfillInput, Chunk, InitialLoadInput } from '../src/core/backfill.ts';
import type { PublishResult } from '../src/core/run.ts';
import { ERRORS, failingOnce, type GateKind, VERDICTS } from '../test/support/gate-kinds.ts';
import {
  failing,
  openWorkflowBench,
  passing,
  untilAlert,
  untilGate,
  type WorkflowBench,
} from '../test/support/workflow-env.ts';
import type { backfill, ingest, watchFreshness } from '../workflows/index.ts';
import {
  abortUpdate,
  approveSignal,
  approveUpdate,
  type BackfillStatus,
  backfillStatusQuery,
  retryUpdate,
  skipUpdate,
} from '../workflows/messages.ts';

type Run = WorkflowHandle<typeof ingest>;

/** A story of a run, told on the time-skipping server; it ends where its history is taken. */
interface Situation {
  readonly stubs: (bench: WorkflowBench) => Partial<Activities>;
  /** Gives the workflow to record when it is another than the run. */
  readonly story: (run: Run, bench: WorkflowBench) => Promise<WorkflowHandle | undefined>;
}

/** A check that fails the first time. */
function failsOnce() {
  let isFirst = true;
  return async () => {
    const verdict = isFirst ? failing : passing;
    isFirst = false;
    return verdict;
  };
}

/** A run that waits at its gate. */
function parked(kind: GateKind): [string, Situation] {
  return [
    `parked-${kind.stage}-${kind.fails}`,
    {
      stubs: (bench) => failingOnce(kind, bench.stubs),
      story: async (run, bench) => {
        await untilGate(run, `${kind.stage}-1`);
        await untilAlert(bench, 'gate-opened');
        return undefined;
      },
    },
  ];
}

/** Days of 2024 from its first on. */
function days(count: number): Chunk[] {
  const day = (nth: number) => new Date(Date.UTC(2024, 0, 1 + nth)).toISOString().slice(0, 10);
  return Array.from({ length: count }, (_, nth) => ({ from: day(nth), to: day(nth + 1) }));
}

/** A backfill whose chunks pass but for one, which waits at its raw gate; `found` says what is recorded once `holds`. */
function backfillOf(
  todo: readonly Chunk[],
  input: Partial<BackfillInput> | Pick<InitialLoadInput, 'isInitial'>,
  holds: (status: BackfillStatus) => boolean,
  found: (status: BackfillStatus, backfillId: string) => string = (_, id) => id,
  stubs: Partial<Activities> = { checkRaw: failsAt(todo[1]!) },
): Situation {
  return {
    stubs: () => ({ planBackfill: async () => ({ todo: [...todo], isFirstAlone: false }), ...stubs }),
    story: async (run, bench) => {
      const { taskQueue } = await run.describe();
      await run.result();
      const { workflow } = bench.env.client;
      const pipeline = `shop-${run.workflowId.slice(-8)}`;
      const range = { from: '2024-01-01', to: '2025-01-01', chunk: 'P1D', mode: 'missing' } as const;
      const handle = await workflow.start<typeof backfill>('backfill', {
        taskQueue,
        workflowId: `backfill/${pipeline}`,
        args: ['isInitial' in input ? { pipeline, ...input } : { pipeline, ...range, ...input }],
      });
      // Without the id of a run it is the last one, which may be another than the first.
      const last = workflow.getHandle(handle.workflowId);
      for (;;) {
        const status = await last.query(backfillStatusQuery).catch(() => null);
        if (status && holds(status)) return workflow.getHandle(found(status, handle.workflowId));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/** Raw checks that one chunk does not pass. */
function failsAt(bad: Chunk): Activities['checkRaw'] {
  return async ({ window, range }) =>
    JSON.stringify(window ?? range) === JSON.stringify(bad) ? failing : passing;
}

const isParked = ({ done, waiting, total }: BackfillStatus) =>
  waiting.length === 1 && done.length === total - 1;

const SITUATIONS: Readonly<Record<string, Situation>> = {
  ...Object.fromEntries([...VERDICTS, ...ERRORS].map(parked)),
  'parked-for-a-second-approval': {
    stubs: (bench) => ({
      ...failingOnce(VERDICTS.find(({ stage }) => stage === 'raw')!, bench.stubs),
      describePipeline: async (input) => ({
        ...(await bench.stubs.describePipeline(input)),
        deciders: { critical: ['ann', 'bob'] },
        secondApproval: ['raw'],
      }),
    }),
    story: async (run) => {
      await untilGate(run, 'raw-1');
      const waiver = { until: '2026-12-31T00:00:00Z', maxUnexpected: 40 };
      await run.signal(approveSignal, { reason: 'x', by: 'eve' });
      await run.executeUpdate(approveUpdate, { args: [{ reason: 'known', by: 'ann', waiver }] });
      return undefined;
    },
  },
  published: { stubs: () => ({}), story: async (run) => ignore(run.result()) },
  'waiting-at-raw-gate': {
    stubs: () => ({ checkRaw: failsOnce() }),
    story: async (run, bench) => {
      await untilGate(run, 'raw-1');
      await bench.env.sleep('2 hours');
      return undefined;
    },
  },
  approved: {
    stubs: () => ({ checkRaw: failsOnce() }),
    story: async (run) => {
      await untilGate(run, 'raw-1');
      await run.executeUpdate(approveUpdate, { args: [{ reason: 'looked at it', by: 'ann' }] });
      return ignore(run.result());
    },
  },
  aborted: {
    stubs: () => ({ checkRaw: failsOnce() }),
    story: async (run) => {
      await untilGate(run, 'raw-1');
      await run.executeUpdate(abortUpdate, { args: [{ reason: 'wrong data', by: 'ann' }] });
      return ignore(run.result().catch(() => undefined));
    },
  },
  'skipped-entity': {
    stubs: () => ({ checkRaw: failsOnce() }),
    story: async (run) => {
      await untilGate(run, 'raw-1');
      await run.executeUpdate(skipUpdate, { args: [{ reason: 'orders can wait', by: 'ann' }] });
      return ignore(run.result());
    },
  },
  skipped: {
    stubs: () => ({ checkModels: failsOnce() }),
    story: async (run) => {
      await untilGate(run, 'audit-1');
      await run.executeUpdate(skipUpdate, { args: [{ reason: 'not today', by: 'ann' }] });
      return ignore(run.result());
    },
  },
  'base-moved': {
    stubs: () => {
      const answers: PublishResult[] = [
        { published: false, reason: 'base-moved', sequence: 7 },
        { published: true, sequence: 8 },
      ];
      return { publishRun: async () => answers.shift()! };
    },
    story: async (run) => ignore(run.result()),
  },
  'retried-extract-error': {
    stubs: () => {
      let isFixed = false;
      return {
        extractSource: async () => {
          if (!isFixed) {
            isFixed = true;
            throw ApplicationFailure.nonRetryable('bucket raw does not exist', 'BUCKET_MISSING');
          }
          return {
            source: 'shop',
            manifest: { uri: 's3://raw/manifest.json', digest: 'd' },
            entities: { orders: { rowCount: 1, csvBytes: 1, read: 'full' } },
          };
        },
      };
    },
    story: async (run) => {
      await untilGate(run, 'extract-1');
      await run.executeUpdate(retryUpdate, { args: [{ reason: 'made the bucket', by: 'ann' }] });
      return ignore(run.result());
    },
  },
  'backfill-parked-chunk': backfillOf(days(6), { batch: 2 }, isParked),
  // It continues as new after a thousand events.
  'backfill-continued-as-new': backfillOf(days(105), { parallel: 8, batch: 25 }, isParked),
  'parked-extract-chunk': backfillOf(days(2), {}, isParked, ({ waiting }) => waiting[0]!),
  'parked-publish-chunks': backfillOf(
    days(3),
    {},
    ({ waiting }) => waiting.length === 1,
    ({ waiting }) => waiting[0]!,
    { checkModels: async ({ kind }) => (kind === 'backfill' ? failing : passing) },
  ),
  'initial-load-parked-chunk': backfillOf(
    [1, 2, 3].map((nth) => ({ load: 'd1f3', nth, entity: 'orders' })),
    { isInitial: true },
    isParked,
  ),
  'watch-freshness': {
    stubs: () => ({
      judgeFreshness: async ({ pipeline }) => ({
        change: { state: 'late', lateAfter: 'live-1', since: '2024-01-01T00:00:00Z' },
        alert: {
          kind: 'publication-late',
          dedupKey: `freshness/${pipeline}/live-1`,
          severity: 'critical',
          pipeline,
          runKey: 'live-1',
          workflowId: `freshness/${pipeline}`,
          title: 'nothing published for 120 minutes',
          lines: [],
          commands: [],
          at: '2024-01-01T02:00:00Z',
        },
      }),
    }),
    story: async (run, bench) => {
      const { taskQueue } = await run.describe();
      await run.result();
      const handle = await bench.env.client.workflow.start<typeof watchFreshness>('watchFreshness', {
        taskQueue,
        workflowId: 'freshness/shop',
        args: [{ pipeline: 'shop', since: '2024-01-01T00:00:00Z' }],
      });
      await handle.result();
      return handle;
    },
  },
  'parked-extract-used-up': {
    stubs: () => ({
      extractSource: async () => {
        throw ApplicationFailure.retryable('it does not answer', 'SOURCE_UNREACHABLE');
      },
    }),
    story: async (run, bench) => {
      await untilGate(run, 'extract-1');
      await untilAlert(bench, 'gate-opened');
      return undefined;
    },
  },
  'parked-delete-brake': {
    stubs: () => ({
      checkRaw: async () => ({
        ...failing,
        findings: [{ ...failing.findings[0]!, check: 'delete-brake', column: null }],
      }),
    }),
    story: async (run, bench) => {
      await untilGate(run, 'raw-1');
      await untilAlert(bench, 'gate-opened');
      const waiver = { until: '2099-01-01T00:00:00Z' };
      await run.signal(approveSignal, { reason: 'moved', by: 'ann', waiver });
      return undefined;
    },
  },
  'backfill-failed': {
    stubs: () => ({
      planBackfill: async () => {
        throw ApplicationFailure.nonRetryable('the plan is another', 'PLAN_CHANGED');
      },
    }),
    story: async (run, bench) => {
      const { taskQueue } = await run.describe();
      const handle = await bench.env.client.workflow.start<typeof backfill>('backfill', {
        taskQueue,
        workflowId: 'backfill/shop/2024-01-01..2024-03-01',
        args: [{ pipeline: 'shop', from: '2024-01-01', to: '2024-03-01', chunk: 'P1M', mode: 'missing' }],
      });
      await run.result();
      await ignore(handle.result().catch(() => undefined));
      return handle;
    },
  },
  backfill: {
    stubs: () => ({
      planBackfill: async () => ({
        todo: [
          { from: '2024-01-01', to: '2024-02-01' },
          { from: '2024-02-01', to: '2024-03-01' },
        ],
        isFirstAlone: false,
      }),
    }),
    story: async (run, bench) => {
      const { taskQueue } = await run.describe();
      const handle = await bench.env.client.workflow.start<typeof backfill>('backfill', {
        taskQueue,
        workflowId: 'backfill/shop',
        args: [{ pipeline: 'shop', from: '2024-01-01', to: '2024-03-01', chunk: 'P1M', mode: 'missing' }],
      });
      await Promise.all([run.result(), handle.result()]);
      return handle;
    },
  },
};

async function ignore(result: Promise<unknown>): Promise<undefined> {
  await result;
}

/** Records what is not there yet: a history that was recorded stays as it is, and is replayed for ever. */
async function recordHistories(): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const folder = new URL('../test/histories/', import.meta.url);
  const root = new URL('../', import.meta.url).pathname;
  mkdirSync(folder, { recursive: true });
  const missing = Object.entries(SITUATIONS).filter(
    ([name]) => !existsSync(new URL(`${version}-${name}.json`, folder)),
  );
  if (missing.length === 0) {
    console.log(`every situation of ${version} is recorded already`);
    return;
  }
  const bench = await openWorkflowBench();
  try {
    for (const [name, { stubs, story }] of missing) {
      const history = await bench.withRun(stubs(bench), async (run) => {
        const handle = (await story(run, bench)) ?? run;
        return await handle.fetchHistory();
      });
      // Stack traces name files; where the checkout is says nothing about the run.
      const text = JSON.stringify(JSON.parse(historyToJSON(history))).replaceAll(root, '');
      writeFileSync(new URL(`${version}-${name}.json`, folder), `${text}\n`);
      console.log(`${version}-${name}.json: ${history.events?.length ?? 0} events`);
    }
  } finally {
    await bench.close();
  }
}

await recordHistories();
