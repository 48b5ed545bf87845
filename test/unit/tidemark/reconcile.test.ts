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
