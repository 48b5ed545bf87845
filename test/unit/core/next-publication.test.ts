import { describe, expect, it } from 'vitest';
import type { EntityRead } from '../../../src/core/manifest.ts';
import {
  findWatermarkGap,
  type NextPublicationRequest,
  nextPublication,
} from '../../../src/core/next-publication.ts';
import type { Publication, Watermark } from '../../../src/core/publication.ts';
import type { WrittenTable } from '../../../src/core/stage.ts';
import { extractManifest, extractOf, tableOf } from './sample.ts';

const watermark = (xid: string): Watermark => ({
  source: 'erp',
  xid,
  snapshotOrder: `${xid.padStart(20, '0')}.99999999`,
  runKey: 'r1',
  systemIdentifier: '7',
  timeline: 1,
  relationIds: ['1'],
  schemaHash: 'h',
});
const base: Publication = {
  version: 1,
  pipeline: 'shop',
  sequence: 4,
  publishedAt: '2024-01-01T00:00:00Z',
  runKey: 'r1',
  runKind: 'live',
  watermarks: { orders: watermark('100') },
  entities: {},
  tables: { orders_fact: tableOf(['2024-01', '2024-02', '2024-03']), other: tableOf(['']) },
  chunks: {},
  decisions: [],
  skippedEntities: [],
};
const written = (touched: readonly string[], values: readonly string[]): WrittenTable => ({
  definitionDigest: 'd',
  columns: [],
  partitionBy: 'month',
  touched,
  location: 's3://lake/g2/',
  files: values.map((value) => ({
    uri: `s3://lake/g2/month=${value}/f.parquet`,
    sizeBytes: 7,
    etag: 'e2',
    partition: value,
  })),
  rowCount: 1,
  sums: {},
});
const next = (table: WrittenTable | null, change: Partial<NextPublicationRequest> = {}) =>
  nextPublication({
    base,
    pipeline: 'shop',
    runKey: 'r2',
    runKind: 'live',
    publishedAt: '2024-01-02T00:00:00Z',
    extracts: [extractManifest({ orders: extractOf() })],
    model: table && {
      version: 1,
      runKey: 'r2',
      generation: 'g2',
      baseSequence: 4,
      entities: {},
      tables: { orders_fact: table },
    },
    rowCounts: new Map([['s3://lake/g2/month=2024-02/f.parquet', 3]]),
    decisions: [],
    skippedEntities: [],
    ...change,
  });

describe('nextPublication', () => {
  it('replaces touched partitions, keeps the others and other tables', () => {
    const made = next(written(['2024-02', '2024-03'], ['2024-02', '2024-03']));
    expect(made.sequence).toBe(5);
    expect(
      made.tables.orders_fact!.partitions.map(({ value, generation }) => `${value} ${generation}`),
    ).toEqual(['2024-01 g1', '2024-02 g2', '2024-03 g2']);
    expect(made.tables.orders_fact!.partitions[1]).toMatchObject({
      rowCount: 3,
      location: 's3://lake/g2/month=2024-02/',
    });
    expect(made.tables.orders_fact!.sequence).toBe(5);
    expect(made.tables.other).toBe(base.tables.other);
  });

  it('drops a partition that became empty', () => {
    const made = next(written(['2024-02'], []));
    expect(made.tables.orders_fact!.partitions.map((each) => each.value)).toEqual(['2024-01', '2024-03']);
  });

  it('refuses a partition that no changed row touches', () => {
    expect(() => next(written(['2024-02'], ['2024-02', '2024-09']))).toThrow(
      /partition "2024-09" was written/,
    );
  });

  it('starts at 1', () => {
    expect(next(written(['2024-02'], ['2024-02']), { base: null })).toMatchObject({ sequence: 1 });
  });

  it.each([
    ['moves with its data', {}, {}, '200'],
    ['stays for a skipped entity', {}, { skippedEntities: ['orders'] }, '100'],
    ['stays for a read that must not move it', { watermark: null }, {}, '100'],
    ['never goes back', {}, { base: { ...base, watermarks: { orders: watermark('300') } } }, '300'],
    [
      'begins anew on another server',
      {},
      { base: { ...base, watermarks: { orders: { ...watermark('300'), systemIdentifier: '8' } } } },
      '200',
    ],
  ])('watermark %s', (_, extract, change, expected) => {
    const made = next(null, { extracts: [extractManifest({ orders: extractOf(extract) })], ...change });
    expect(made.watermarks.orders!.xid).toBe(expected);
  });
});

describe('row history', () => {
  const history = (rowCount: number, runKind: 'live' | 'full') => ({ runKind, rowCount });
  const orders = (change: object) => [extractManifest({ orders: extractOf(change) })];

  it('counts reads by what they are, and models as they are afterwards', () => {
    const made = next(written(['2024-02'], ['2024-02']), { extracts: orders({ rowCount: 7 }) });
    expect(made.rowHistory).toEqual({
      orders: [{ runKind: 'live', rowCount: 7 }],
      // Two partitions of 5 rows are kept, the new one has 3.
      orders_fact: [{ runKind: 'live', rowCount: 13 }],
    });
    const whole = next(null, { extracts: orders({ rowCount: 9, read: { mode: 'full', reason: 'x' } }) });
    expect(whole.rowHistory!.orders).toEqual([{ runKind: 'full', rowCount: 9 }]);
  });

  it('leaves out a skipped entity', () => {
    expect(next(null, { skippedEntities: ['orders'] }).rowHistory).toEqual({});
  });

  it('keeps the last 20 of a kind', () => {
    const counts = [history(1000, 'full'), ...Array.from({ length: 20 }, (_, nth) => history(nth, 'live'))];
    const made = next(null, {
      base: { ...base, rowHistory: { orders: counts } },
      extracts: orders({ rowCount: 99 }),
    });
    const kept = made.rowHistory!.orders!;
    expect(kept).toHaveLength(21);
    expect(kept[0]).toEqual(history(1000, 'full'));
    expect(kept[1]).toEqual(history(1, 'live'));
    expect(kept.at(-1)).toEqual(history(99, 'live'));
  });
});

describe('what was seen of a table', () => {
  const seen = [{ name: 'order_id', type: 'bigint', nullable: false }];
  const earlier = { ...base, watermarks: { orders: { ...watermark('100'), seen: [] } } };
  it.each([
    ['moves with the data', { checkedHash: 'h2' }, seen, 'h2'],
    ['waits when the columns changed between check and read', { checkedHash: 'h1' }, [], 'h'],
  ])('%s', (_, change, expected, hash) => {
    const extracts = [extractManifest({ orders: extractOf({ schemaHash: 'h2', seen, ...change }) })];
    const made = next(null, { base: earlier, extracts });
    expect(made.watermarks.orders).toMatchObject({ xid: '200', seen: expected, schemaHash: hash });
  });
});

describe('findWatermarkGap', () => {
  const from = (fromXid: string) => [
    extractManifest({ orders: extractOf({ read: { mode: 'incremental', fromXid } }) }),
  ];
  it.each([
    ['joins on', base, from('100'), null],
    ['overlaps', base, from('90'), null],
    ['begins later than what is published', base, from('101'), 'orders'],
    ['compares as numbers', base, from('99'), null],
    ['has nothing to join on', null, from('100'), 'orders'],
    [
      'reads all',
      null,
      [extractManifest({ orders: extractOf({ read: { mode: 'full', reason: 'x' } }) })],
      null,
    ],
  ])('%s', (_, published, extracts, expected) => {
    expect(findWatermarkGap(published, extracts)).toBe(expected);
  });

  const full: EntityRead = { mode: 'full', reason: 'x', isRewound: true };
  const window: EntityRead = { mode: 'window', column: 'ordered_at', from: '2024-01-01', to: '2024-02-01' };
  it.each([
    ['changes', { mode: 'incremental', fromXid: '90' } as EntityRead],
    ['a window', window],
    ['a full read of the rewound source that another one overtook', full],
  ])('refuses %s of the time before the source went back', (_, read) => {
    const rewound = {
      ...base,
      sequence: 5,
      watermarks: { orders: { ...watermark('100'), rewoundIn: 5 } },
    };
    const planned = (baseSequence?: number) => [
      { ...extractManifest({ orders: extractOf({ read }) }), baseSequence },
    ];
    expect(findWatermarkGap(rewound, planned(4))).toBe('orders');
    expect(findWatermarkGap(rewound, planned())).toBe('orders');
    expect(findWatermarkGap(rewound, planned(5))).toBeNull();
  });
});
