import { describe, expect, it } from 'vitest';
import { describeCompared, planComparison, reportComparisons } from '../../../src/core/comparison.ts';
import type { EntityDefinition } from '../../../src/core/definition.ts';
import type { ExtractSummary } from '../../../src/core/run.ts';
import { orders, tableOf } from './sample.ts';

const since = { mode: 'incremental', fromXid: '1' } as const;
const reconciled: EntityDefinition = {
  ...orders,
  deletes: { mode: 'reconcile', maxShare: 0.05, maxCount: 100 },
};
const base = (rowCount: number) => {
  const table = tableOf(['']);
  return { ...table, partitions: [{ ...table.partitions[0]!, rowCount }] };
};

describe('planComparison', () => {
  it('compares keys where deletions are reconciled, rows in an audit, and nothing else', () => {
    expect(planComparison(orders, since, base(5), undefined)).toBeNull();
    expect(planComparison(reconciled, since, base(5), undefined)?.kind).toBe('keys');
    expect(planComparison(reconciled, since, base(5), true)?.kind).toBe('rows');
    expect(planComparison(orders, since, base(5), ['orders'])?.kind).toBe('rows');
    expect(planComparison(orders, since, base(5), ['customers'])).toBeNull();
  });

  it('leaves out what is read whole or by window, and what the lake has nothing of', () => {
    const window = { mode: 'window', column: 'ordered_at', from: '2024-01-01', to: '2024-01-02' } as const;
    expect(planComparison(reconciled, { mode: 'full', reason: 'x' }, base(5), true)).toBeNull();
    expect(planComparison(reconciled, window, base(5), true)).toBeNull();
    expect(planComparison(reconciled, since, null, true)).toBeNull();
  });

  it.each([
    [0, 16],
    [4_096, 16],
    [4_097, 32],
    [1_500_000, 8_192],
    [1_000_000_000, 65_536],
  ])('%i rows go into %i buckets', (rowCount, buckets) => {
    expect(planComparison(reconciled, since, base(rowCount), undefined)?.bucketCount).toBe(buckets);
  });
});

describe('reportComparisons', () => {
  const comparison = {
    kind: 'rows',
    comparedCount: 10,
    differingBuckets: 1,
    lateCount: 1,
    lostCount: 2,
    goneCount: 3,
  } as const;
  const read = { rowCount: 0, csvBytes: 0, read: 'incremental' } as const;
  const extracts: ExtractSummary[] = [
    {
      source: 'erp',
      manifest: { uri: '', digest: '' },
      entities: { orders: { ...read, comparison }, customers: read },
    },
  ];

  it('says what was put right; nothing of an entity that was left out', () => {
    expect(reportComparisons(extracts, [])).toEqual({ orders: { ...comparison, healedCount: 6 } });
    expect(reportComparisons(extracts, ['orders']).orders?.healedCount).toBe(0);
  });

  it('tells people of audits, and of deletions', () => {
    const compared = { ...comparison, healedCount: 6 };
    expect(describeCompared('orders', compared)).toEqual([
      'orders: 10 rows compared, 1 late, 2 lost, 3 gone, 6 healed',
    ]);
    const keys = { ...compared, kind: 'keys', lateCount: null, lostCount: null } as const;
    expect(describeCompared('orders', { ...keys, healedCount: 3 })).toEqual([
      'orders: 3 rows deleted at the source, 3 here',
    ]);
    expect(describeCompared('orders', { ...keys, goneCount: 0 })).toEqual([]);
  });

  it('says that a person left deletions out, and which columns old rows still have', () => {
    const keys = { ...comparison, kind: 'keys', lateCount: null, lostCount: null, healedCount: 0 } as const;
    expect(describeCompared('orders', keys)).toEqual([
      'orders: 3 rows deleted at the source, 0 here; left out by decision, so the lake stays as it was',
    ]);
    expect(describeCompared('orders', { ...comparison, healedCount: 6, droppedColumns: ['total'] })).toEqual([
      'orders: 10 rows compared, 1 with other values or still with those of total, which the source no longer has, 2 lost, 3 gone, 6 healed',
    ]);
  });
});
