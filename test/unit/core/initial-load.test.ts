import { describe, expect, it } from 'vitest';
import { describeRanges, renderLoad } from '../../../scripts/tidemark/load-plan-text.ts';
import { chunkName } from '../../../src/core/backfill.ts';
import {
  followLoads,
  isLoadOver,
  makeLoadPlan,
  planLoad,
  planRange,
} from '../../../src/core/initial-load.ts';
import type { Publication, PublishedChunk, Watermark } from '../../../src/core/publication.ts';
import { shop } from './sample.ts';

const plan = makeLoadPlan('shop', '2024-01-01T00:00:00Z', [
  { name: 'customers', key: ['customer_id'], rowCount: 10, bounds: [] },
  { name: 'orders', key: ['order_id'], rowCount: 3000, bounds: [['100'], ['200']] },
]);

const range = (nth: number) => ({ load: 'l', nth, entity: nth === 1 ? 'customers' : 'orders' });
const done: PublishedChunk = { runKey: 'backfill-a', publishedAt: '2024-01-01T01:00:00Z' };
const chunks = (...nths: number[]) => Object.fromEntries(nths.map((nth) => [chunkName(range(nth)), done]));

const seen = (xid: string, change: Partial<Watermark> = {}): Watermark => ({
  source: 'shop',
  xid,
  snapshotOrder: xid.padStart(20, '0'),
  runKey: 'r',
  systemIdentifier: '1',
  timeline: 1,
  relationIds: ['16384'],
  schemaHash: 'h',
  ...change,
});

const read = (nth: number, watermark: Watermark) => ({
  name: 'orders',
  read: planRange(plan, range(nth)),
  watermark,
});

describe('a plan', () => {
  it('covers every key there is or will be, without overlap', () => {
    expect(plan.entities[1]!.ranges).toEqual([
      { nth: 2, from: null, to: ['100'], rowCount: 1000 },
      { nth: 3, from: ['100'], to: ['200'], rowCount: 1000 },
      { nth: 4, from: ['200'], to: null, rowCount: 1000 },
    ]);
  });

  it('reads a table of one range whole, and others by range', () => {
    expect(planRange(plan, range(1))).toEqual({ mode: 'full', reason: 'its first load' });
    expect(planRange(plan, range(3))).toEqual({ mode: 'range', load: 'l', nth: 3, first: 2, last: 4 });
  });

  it('leaves to be done what no publication holds, and of an entity with a watermark nothing', () => {
    const publication = { chunks: chunks(3), watermarks: { customers: seen('5') } } as unknown as Publication;
    const failures = new Map([[chunkName(range(4)), { reason: 'aborted', at: '2024-01-01T00:00:00Z' }]]);
    expect(planLoad('l', plan, publication, failures).map(({ state, isTodo }) => [state, isTodo])).toEqual([
      ['published', false],
      ['missing', true],
      ['published', false],
      ['failed', true],
    ]);
  });

  it('is over when nothing is left of it, or an entity has another key', () => {
    const { entities } = shop;
    const all = { chunks: chunks(1, 2, 3, 4), watermarks: {} } as unknown as Publication;
    const part = { chunks: chunks(1, 2), watermarks: {} } as unknown as Publication;
    const keyed = plan.entities.filter(({ name }) => entities.some((entity) => entity.name === name));
    const known = { ...plan, entities: keyed };
    expect(isLoadOver('l', known, all, entities)).toBe(true);
    expect(isLoadOver('l', known, part, entities)).toBe(false);
    const renamed = entities.map((entity) => ({ ...entity, key: ['other_id'] }));
    expect(isLoadOver('l', known, part, renamed)).toBe(true);
  });

  it('reads as a table with the command that starts it, and hides keys that are personal data', () => {
    const described = { plan, load: 'l', isUnderWay: false, chunks: planLoad('l', plan, null, new Map()) };
    const input = { pipeline: 'shop', isInitial: true } as const;
    const text = (isPersonal: boolean) =>
      renderLoad(
        input,
        described,
        describeRanges(described, () => () => isPersonal),
      );
    expect(text(false)).toContain('initial-l-00003-orders     order_id 100..200  missing  read  1000');
    expect(text(false)).toContain('4 of 4 chunks, about 3010 rows to read; plan l');
    expect(text(false)).toContain('backfill start shop --initial --entities customers orders --plan l');
    expect(text(true)).toContain('order_id (hidden)');
    expect(text(true)).not.toContain('100..200');
  });
});

describe('the watermark of a load', () => {
  it('appears with its last range and is that of the oldest snapshot, in whatever order ranges are published', () => {
    const first = followLoads(null, [read(3, seen('900')), read(4, seen('700'))], chunks(3, 4), 'a');
    expect(first).toEqual({ loads: { orders: { oldest: seen('700') } }, watermarks: {} });
    const base = { loads: first.loads } as unknown as Publication;
    const last = followLoads(base, [read(2, seen('1000'))], chunks(2, 3, 4), 'b');
    expect(last.watermarks).toEqual({ orders: { ...seen('700'), runKey: 'b' } });
  });

  it('counts the snapshots of an earlier load of the entity too, whose late chunks may come in between', () => {
    const base = { loads: { orders: { oldest: seen('500') } } } as unknown as Publication;
    const ends = followLoads(
      base,
      [2, 3, 4].map((nth) => read(nth, seen('800'))),
      chunks(2, 3, 4),
      'b',
    );
    expect(ends.watermarks.orders!.xid).toBe('500');
  });

  it.each([
    ['server', { systemIdentifier: '2' }],
    ['timeline', { timeline: 2 }],
    ['table', { relationIds: ['16999'] }],
  ])('never appears when ranges were read from another %s', (_what, change) => {
    const ranges = [read(2, seen('700')), read(3, seen('800', change)), read(4, seen('900'))];
    const { loads, watermarks } = followLoads(null, ranges, chunks(2, 3, 4), 'a');
    expect(watermarks).toEqual({});
    expect(loads.orders!.isBroken).toBe(true);
  });
});
