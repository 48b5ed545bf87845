import { describe, expect, it } from 'vitest';
import { renderCompared } from '../../../scripts/tidemark/reconcile.ts';
import { buildSchedule } from '../../../scripts/tidemark/schedule-spec.ts';

describe('tidemark reconcile', () => {
  it('tells what was compared by entity', () => {
    const orders = {
      kind: 'rows',
      comparedCount: 3002,
      differingBuckets: 2,
      lateCount: 1,
      lostCount: 1,
      goneCount: 0,
      healedCount: 2,
    } as const;
    expect(renderCompared(['orders', 'customers'], { orders })).toBe(
      [
        'entity     rows compared  buckets differing  late  lost  gone  healed',
        'orders     3002           2                  1     1     0     2',
        'customers  -              -                  -     -     -     read whole',
      ].join('\n'),
    );
  });
});

it('does not count rows as late that differ by a column which is gone', () => {
  const customers = {
    kind: 'rows',
    comparedCount: 300,
    differingBuckets: 16,
    lateCount: 300,
    lostCount: 0,
    goneCount: 0,
    healedCount: 300,
    droppedColumns: ['state'],
  } as const;
  expect(renderCompared(['customers'], { customers }).split('\n').slice(1)).toEqual([
    'customers  300            16                 -     0     0     300',
    'customers: 300 rows compared, 300 with other values or still with those of state, which the source no longer has, 0 lost, 0 gone, 300 healed',
  ]);
});

describe('a schedule of audits', () => {
  it('stands beside the one of runs', () => {
    const wish = { every: '1d', overlap: 'skip' } as const;
    const [live, audit] = [
      buildSchedule('shop', 'q', wish),
      buildSchedule('shop', 'q', { ...wish, audit: true }),
    ];
    expect([live.scheduleId, live.action.args]).toEqual([
      'ingest/shop',
      [{ pipeline: 'shop', kind: 'live' }],
    ]);
    expect([audit.scheduleId, audit.action.workflowId, audit.action.args]).toEqual([
      'ingest/shop/audit',
      'ingest/shop/audit',
      [{ pipeline: 'shop', kind: 'live', audit: true }],
    ]);
  });
});
