import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { reasonOf, renderBackfill } from '../../../scripts/tidemark/backfill-status.ts';
import { renderAnswer } from '../../../scripts/tidemark/decide.ts';
import { describeError } from '../../../scripts/tidemark/describe-error.ts';
import { judgeSource, renderProbes, runProbe } from '../../../scripts/tidemark/doctor.ts';
import { renderGate, renderStatus } from '../../../scripts/tidemark/gate-text.ts';
import { describeQuarantined } from '../../../scripts/tidemark/quarantined.ts';
import { renderResult } from '../../../scripts/tidemark/query.ts';
import { ingestWorkflowId, parseAt, parseRunId } from '../../../scripts/tidemark/run-id.ts';
import { buildFreshnessSchedule, buildSchedule } from '../../../scripts/tidemark/schedule-spec.ts';
import { renderRuns } from '../../../scripts/tidemark/status.ts';
import { describeAge, renderTable } from '../../../scripts/tidemark/table.ts';
import { renderValidated } from '../../../scripts/tidemark/validate.ts';
import { exitCodeOf } from '../../../scripts/tidemark/watch.ts';
import { TidemarkError } from '../../../src/core/errors.ts';
import type { Gate } from '../../../src/core/gate.ts';
import { emptyStatus, type RunStatus } from '../../../workflows/messages.ts';

const gate: Gate = {
  id: 'raw-1',
  stage: 'raw',
  severity: 'critical',
  title: '1 critical check failed at raw (of 12)',
  findings: [
    {
      check: 'expect_column_values_to_be_between(total_price)',
      severity: 'critical',
      subject: 'orders',
      column: 'total_price',
      message: 'below 0',
      rowCount: 100,
      failedCount: 2,
      sampleKeys: ['7', '9'],
    },
  ],
  findingCount: 1,
  allowed: ['approve', 'abort'],
  effects: { approve: 'goes on with this data', abort: 'ends the run' },
  evidenceUri: 's3://state/evidence.json',
  evidenceDigest: 'abc123',
  openedAt: '2026-01-31T02:00:00.000Z',
  decision: null,
};

test('columns of a table line up and end without blanks', () => {
  expect(
    renderTable(
      ['A', 'LONG'],
      [
        ['wide cell', 'x'],
        ['b\n c', ''],
      ],
    ),
  ).toBe('A          LONG\nwide cell  x\nb c');
});

test.each([
  ['2026-01-31T02:00:00Z', '45 s', 45],
  ['2026-01-31T02:00:00Z', '59 min', 3599],
  ['2026-01-31T02:00:00Z', '30 h', 30 * 3600],
  ['2026-01-31T02:00:00Z', '3 d', 80 * 3600],
])('age of %s is %s', (since, text, seconds) => {
  expect(describeAge(since, Date.parse(since) + seconds * 1000)).toBe(text);
});

test('an open gate shows what failed and the command for each allowed action', () => {
  expect(renderGate('ingest/shop/live-x', gate, Date.parse('2026-01-31T02:05:00Z'))).toBe(
    [
      'ingest/shop/live-x  gate raw-1  critical  open for 5 min (since 2026-01-31T02:00:00.000Z)',
      '  1 critical check failed at raw (of 12)',
      '  - critical: orders.total_price: below 0 (keys 7, 9)',
      '  evidence s3://state/evidence.json',
      '  evidence digest abc123',
      '  npx tidemark approve ingest/shop/live-x --gate raw-1 --reason "..."',
      '      goes on with this data',
      '  npx tidemark abort ingest/shop/live-x --gate raw-1 --reason "..."',
      '      ends the run',
    ].join('\n'),
  );
});

test('an open gate that hides findings names the command that shows them', () => {
  const findings = Array.from({ length: 7 }, (_, nth) => ({ ...gate.findings[0]!, column: `c${nth}` }));
  const text = renderGate('ingest/shop/live-x', { ...gate, findings, findingCount: 7 }, 0);
  expect(text).toContain('\n  - and 2 more: npx tidemark gate show ingest/shop/live-x --gate raw-1\n');
});

test('a source without any of its tables names the command that seeds the local shop', () => {
  const tables = ['public.a', 'public.b'];
  const missing = tables.map((table) => `shop at localhost: no table ${table}`);
  expect(() => judgeSource(tables, missing)).toThrow(
    /none of its 2 tables is there.*npm run -s seed -- --url "\$TIDEMARK_LOCAL_SHOP_ADMIN_URL"/,
  );
  expect(() => judgeSource(tables, missing.slice(1))).toThrow(/^shop at localhost: no table public.b$/);
  const note = 'shop at localhost: note: this is a standby';
  expect(judgeSource(tables, [note])).toBe(`2 tables can be read; ${note}`);
});

const emptyRun: RunStatus = {
  runKey: 'live-x',
  state: 'published',
  stage: 'announce',
  since: '2026-01-31T02:00:00Z',
  gates: [],
  aborted: null,
  refused: [],
  waived: [],
  extracted: {},
  sequence: 1,
};

test.each([
  [{}, 'nothing quarantined'],
  [{ orders: 3, customers: 1 }, 'quarantined orders 3, customers 1'],
])('the end of a run and its status tell of quarantined rows %j', (found, text) => {
  expect(describeQuarantined(found)).toBe(text);
  const status = { ...emptyRun, extracted: { orders: 9, customers: 2 } };
  expect(renderStatus('ingest/shop/live-x', status, 0, found)).toMatch(
    new RegExp(`\\nextracted orders 9 rows, customers 2 rows\\n${text}$`),
  );
});

test('the status of a run says nothing of quarantine where that is not known', () => {
  expect(renderStatus('ingest/shop/live-x', emptyRun, 0)).not.toContain('quarantine');
});

describe('names', () => {
  test('a run may be named without its prefix', () => {
    expect(parseRunId('shop/live-2026')).toBe('ingest/shop/live-2026');
    expect(parseRunId('ingest/shop/live-2026')).toBe('ingest/shop/live-2026');
  });

  test('the instant of a run is taken to whole seconds UTC', () => {
    expect(parseAt('2026-01-31T02:00:00.900+01:00', 0)).toBe('2026-01-31T01:00:00Z');
    expect(ingestWorkflowId('shop', 'live', parseAt(undefined, 0))).toBe(
      'ingest/shop/live-1970-01-01T00:00:00Z',
    );
  });
});

test('a schedule lets a waiting run not swallow the next', () => {
  const built = buildSchedule('shop', 'queue', { every: '2h', overlap: 'allow_all' });
  expect(built).toMatchObject({
    scheduleId: 'ingest/shop',
    spec: { intervals: [{ every: 7_200_000 }] },
    action: { workflowId: 'ingest/shop/live', args: [{ pipeline: 'shop', kind: 'live' }] },
    policies: { overlap: 'ALLOW_ALL', catchupWindow: 7_200_000 },
  });
});

test('after an outage the last time of a schedule is made up for, never more than one by default', () => {
  const windowOf = (wish: object) =>
    buildSchedule('shop', 'queue', { overlap: 'allow_all', ...wish }).policies.catchupWindow / 3_600_000;
  expect(windowOf({ every: '30m' })).toBe(0.5);
  expect(windowOf({ cron: '0 * * * *' })).toBe(1);
  expect(windowOf({ cron: '0 2 * * *' })).toBe(24);
  // A day in New York may have 25 hours.
  expect(windowOf({ cron: '0 2 * * *', timeZone: 'America/New_York' })).toBe(25);
  expect(windowOf({ cron: '0 2 * * MON-FRI' })).toBe(72);
  expect(windowOf({ cron: '0 2 * * *', catchup: '7d' })).toBe(168);
});

test('the freshness of a pipeline is looked at about ten times within its deadline', () => {
  const everyOf = (minutes: number) =>
    buildFreshnessSchedule('shop', 'queue', minutes, '2026-01-01T00:00:00Z').spec.intervals[0]!.every /
    60_000;
  expect([1, 30, 90, 1500].map(everyOf)).toEqual([1, 3, 9, 15]);
});

test('exit codes tell published, failed and waiting apart', () => {
  expect(['published', 'skipped', 'aborted', 'failed', 'terminated', 'waiting'].map(exitCodeOf)).toEqual([
    0, 0, 1, 1, 1, 3,
  ]);
});

test('lists and answers read as plain lines', () => {
  expect(renderRuns([])).toContain('no runs yet');
  expect(
    renderAnswer('ingest/shop/live-x', {
      decision: {
        gate: 'raw-1',
        action: 'approve',
        by: 'dana',
        reason: 'known',
        at: 'T',
        evidenceDigest: '',
      },
      next: 'goes on',
    }),
  ).toContain('approve at gate raw-1 recorded for ingest/shop/live-x, by dana at T: known\nnext: goes on');
  const status = { ...emptyStatus(3, '2024-01-01T00:00:00Z'), done: ['x'], extracting: ['y'] };
  expect(renderBackfill('b', 'running', status, Date.parse('2024-01-01T02:00:00Z'))).toContain(
    'done       1 of 3 chunks, 0.5 an hour, about 4 h left\nextracting y',
  );
  expect(renderResult({ columns: [{ name: 'n', type: 'int' }], rows: [[1], [null]] }, 1)).toBe(
    'n\n1\n(2 rows, 1 not shown; --limit)',
  );
  expect(
    renderValidated([
      { path: 'p.ts', pipeline: null, entities: 0, models: 0, suites: 0, problems: ['a: b'], warnings: [] },
    ]),
  ).toBe('p.ts: 1 problem\n  a: b');
});

test('a backfill that failed tells why, not just that an activity did', () => {
  const reason = ApplicationFailure.create({ message: 'all are in the lake already', cause: new Error('') });
  const activity = new ActivityFailure(
    'Activity task failed',
    'plan',
    '1',
    RetryState.NON_RETRYABLE_FAILURE,
    'w',
    reason,
  );
  expect(reasonOf(new WorkflowFailedError('failed', activity, RetryState.NON_RETRYABLE_FAILURE))).toBe(
    'all are in the lake already',
  );
});

test.each([
  ['has ended', 'workflow execution already completed', 'npx tidemark backfill status backfill/shop/initial'],
  [
    'has ended',
    'workflow update was aborted by closing workflow',
    'npx tidemark backfill status backfill/shop/initial',
  ],
  ['there is no', 'workflow not found', 'npx tidemark backfill list'],
])('of a backfill that %s the commands of backfills are told', (what, message, command) => {
  const error = new WorkflowNotFoundError(message, 'backfill/shop/initial', undefined);
  expect(describeError(error).message).toMatch(what);
  expect(describeError(error).message).toMatch(command);
});

test('a run says which failures a waiver let pass', () => {
  const finding = gate.findings[0]!;
  const waiver = { id: 'w/1', until: '2026-05-31T00:00:00Z', maxUnexpected: 9, by: 'ana' };
  const status = { ...emptyRun, waived: [{ finding, waiver }] };
  expect(renderStatus('ingest/shop/live-x', status, 0)).toContain(
    'waived up to 9 rows until 2026-05-31T00:00:00Z by ana: orders',
  );
});

test('a probe that fails or hangs says how to mend it', async () => {
  const results = await Promise.all([
    runProbe({ what: 'good', run: async () => 'fine', mend: '' }),
    runProbe({
      what: 'store',
      run: async () => {
        throw new TidemarkError('BUCKET_MISSING', 'bucket lake is missing');
      },
      mend: 'general',
    }),
    runProbe({ what: 'hangs', run: () => new Promise<string>(() => {}), mend: 'look at it' }, 5),
  ]);
  expect(results.map((each) => each.ok)).toEqual([true, false, false]);
  expect(results[1]!.mend).toContain('Create the bucket');
  expect(renderProbes(results)).toContain('hangs  FAILED  no answer in 0.005 s    look at it');
});
