import { describe, expect, it } from 'vitest';
import { planFold, settledBy } from '../../../src/core/fold.ts';
import type { EntityRead, ExtractManifest } from '../../../src/core/manifest.ts';
import { findWatermarkGap } from '../../../src/core/next-publication.ts';
import type { Publication, TableVersion } from '../../../src/core/publication.ts';
import type { CleanedEntity } from '../../../src/core/stage.ts';
import { extractManifest, extractOf, tableOf } from './sample.ts';

const full: EntityRead = { mode: 'full', reason: 'x' };
const rewound: EntityRead = { mode: 'full', reason: 'x', isRewound: true };
const changes: EntityRead = { mode: 'incremental', fromXid: '100' };
const january: EntityRead = { mode: 'window', column: 'ordered_at', from: '2024-01-01', to: '2024-02-01' };

const extract = (order: string, read: EntityRead): ExtractManifest =>
  extractManifest(
    { orders: extractOf({ read }) },
    { snapshot: { text: '', xmin: '1', xmax: '1', inProgressCount: 0, order } },
  );
const cleaned = (windowDeletedAt?: string): CleanedEntity => ({
  files: [],
  touched: ['2024-02'],
  counts: { rowsIn: 0, clean: 0, rejected: 0, deduplicated: 0, reasons: {} },
  windowDeletedAt,
});
const base = (settled: Pick<TableVersion, 'floor' | 'windowDeletedAt'>): TableVersion => ({
  ...tableOf(['2024-01', '2024-02']),
  ...settled,
});

describe('planFold', () => {
  const fold = (published: TableVersion | null, extracts: readonly ExtractManifest[], isRebuilt = false) => {
    const { replacesUpTo, floor, touched } = planFold({
      name: 'orders',
      base: published,
      cleaned: cleaned(),
      extracts,
      isRebuilt,
    });
    return { replacesUpTo, floor, touched };
  };

  it.each([
    ['changes', base({ floor: '05' }), [extract('09', changes)], { replacesUpTo: null, floor: '05' }],
    ['a full read', base({ floor: '05' }), [extract('09', full)], { replacesUpTo: '09', floor: '05' }],
    [
      'several full reads',
      null,
      [extract('07', full), extract('08', full)],
      { replacesUpTo: '08', floor: null },
    ],
    ['a rewound source', base({ floor: '05' }), [extract('02', rewound)], { replacesUpTo: '~', floor: null }],
  ])('%s', (_, published, extracts, expected) => {
    expect(fold(published, extracts)).toEqual({ ...expected, touched: ['2024-02'] });
  });

  it('takes every partition when a model is built again', () => {
    expect(fold(base({}), [extract('09', changes)], true).touched).toEqual(['2024-01', '2024-02']);
  });
});

describe('settledBy', () => {
  it.each([
    [
      'changes',
      base({ floor: '05', windowDeletedAt: '06' }),
      cleaned(),
      changes,
      { floor: '05', windowDeletedAt: '06' },
    ],
    ['a newer full read', base({ floor: '05' }), cleaned(), full, { floor: '09' }],
    ['an older full read', base({ floor: '12' }), cleaned(), full, { floor: '12' }],
    ['a rewound source', base({ floor: '12', windowDeletedAt: '11' }), cleaned(), rewound, { floor: '09' }],
    ['a window', base({ windowDeletedAt: '06' }), cleaned('09'), january, { windowDeletedAt: '09' }],
    ['a late window', base({ windowDeletedAt: '10' }), cleaned('09'), january, { windowDeletedAt: '10' }],
  ])('%s', (_, published, rows, read, expected) => {
    expect(settledBy('orders', published, rows, [extract('09', read)])).toEqual(expected);
  });
});

describe('findWatermarkGap', () => {
  it.each([
    ['changes before a backfill that deleted rows', '05', changes, 'orders'],
    ['changes after it', '07', changes, null],
    ['a full read before it', '05', full, 'orders'],
    ['a rewound source', '05', rewound, null],
    ['another backfill', '05', january, null],
  ])('%s', (_, order, read, expected) => {
    const published = {
      entities: { orders: base({ windowDeletedAt: '06' }) },
      watermarks: { orders: { xid: '100' } },
    } as unknown as Publication;
    expect(findWatermarkGap(published, [extract(order, read)])).toBe(expected);
  });
});
