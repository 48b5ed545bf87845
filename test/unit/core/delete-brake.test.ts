import { describe, expect, it } from 'vitest';
import type { EntityDefinition } from '../../../src/core/definition.ts';
import { judgeComparison } from '../../../src/core/delete-brake.ts';
import type { LakeComparison } from '../../../src/core/manifest.ts';
import { orders } from './sample.ts';

const found = (change: Partial<LakeComparison>): LakeComparison => ({
  kind: 'keys',
  bucketCount: 16,
  differingBuckets: 1,
  comparedCount: 900,
  lakeRowCount: 1000,
  goneCount: 0,
  lateCount: null,
  lostCount: null,
  unhashedCount: 0,
  gone: null,
  ...change,
});
const braked = (maxShare: number, maxCount: number): EntityDefinition => ({
  ...orders,
  deletes: { mode: 'reconcile', maxShare, maxCount },
});
const checks = (entity: EntityDefinition, change: Partial<LakeComparison>) =>
  judgeComparison(entity, found(change)).map(({ check, severity, failedCount }) => [
    check,
    severity,
    failedCount,
  ]);

describe('judgeComparison', () => {
  it.each([
    ['nothing gone', 0.05, 100, 0, false],
    ['19 rows, however large their share', 0.001, 100, 19, false],
    ['a share at the brake', 0.05, 100, 50, false],
    ['a share above the brake', 0.05, 100, 51, true],
    ['a count at the brake', 1, 100, 100, false],
    ['a count above the brake', 1, 100, 101, true],
    ['one row, where none is allowed', 1, 0, 1, true],
    ['everything', 0.05, 100_000, 1000, true],
  ])('%s', (_, maxShare, maxCount, goneCount, holds) => {
    const expected = holds ? [['delete-brake', 'critical', goneCount]] : [];
    expect(checks(braked(maxShare, maxCount), { goneCount })).toEqual(expected);
  });

  it('brakes an audit of an entity that ignores deletions, too', () => {
    expect(checks(orders, { goneCount: 51 })).toEqual([['delete-brake', 'critical', 51]]);
  });

  it('warns of rows that were missed, and of rows that could not be compared', () => {
    expect(checks(orders, { kind: 'rows', lateCount: 2, lostCount: 1, unhashedCount: 4 })).toEqual([
      ['late-rows', 'warning', 3],
      ['not-compared', 'warning', 4],
    ]);
    expect(checks(orders, { kind: 'rows', lateCount: 0, lostCount: 0 })).toEqual([]);
  });

  it('does not take rows for missed that were stored with a column which is gone', () => {
    const found = { kind: 'rows', lateCount: 900, droppedColumns: ['total'] } as const;
    expect(checks(orders, { ...found, lostCount: 0 })).toEqual([['dropped-columns', 'info', 900]]);
    expect(checks(orders, { ...found, lostCount: 1 })).toEqual([
      ['dropped-columns', 'info', 900],
      ['late-rows', 'warning', 1],
    ]);
  });
});
