import { describe, expect, it } from 'vitest';
import type { EntityDefinition } from '../../../src/core/definition.ts';
import type { Publication } from '../../../src/core/publication.ts';
import { extractHistory, findVolume, tableHistory } from '../../../src/core/row-history.ts';
import { extractOf, orders } from './sample.ts';

const entity: EntityDefinition = { ...orders, volume: { maxFactor: 20, minRows: 1000 } };

describe('findVolume', () => {
  it.each([
    [
      'many times the median',
      50_000,
      [10, 20, 2000],
      {},
      /50000 rows were written.* 20 is the median of 3 runs, 2500 times/,
    ],
    ['just as many as allowed', 2000, [100, 100, 100], {}, null],
    ['one row more', 2001, [100, 100, 100], {}, /20 times as many/],
    ['too few to matter', 999, [1, 1, 1], {}, null],
    ['too few runs to know what is usual', 50_000, [1, 1], {}, null],
    ['usually nothing', 1000, [0, 0, 0, 5000], {}, /0 is the median of 4 runs \(/],
    ['a full read', 50_000, [1, 1, 1], { read: { mode: 'full', reason: 'x' } as const }, null],
  ])('%s', (_, rowCount, history, change, message) => {
    const found = findVolume(entity, extractOf({ rowCount, ...change }), history);
    if (message === null) expect(found).toBeNull();
    else
      expect(found).toMatchObject({
        check: 'volume',
        severity: 'critical',
        message: expect.stringMatching(message),
      });
  });
});

it('compares reads with reads of their kind, and a model with all of its runs', () => {
  const counts = [
    { runKind: 'full', rowCount: 900 },
    { runKind: 'live', rowCount: 3 },
    { runKind: 'backfill', rowCount: 40 },
  ] as const;
  const publication = { rowHistory: { orders: counts, fact: counts } } as unknown as Publication;
  expect(extractHistory(publication, 'orders', { mode: 'incremental', fromXid: '1' })).toEqual([3]);
  expect(extractHistory(publication, 'orders', { mode: 'full', reason: 'x' })).toEqual([900]);
  expect(extractHistory(publication, 'other', { mode: 'full', reason: 'x' })).toEqual([]);
  expect(tableHistory(publication, 'fact')).toEqual([900, 3, 40]);
});
