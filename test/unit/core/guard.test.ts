import { describe, expect, it } from 'vitest';
import {
  findRelationChange,
  findRewind,
  guardRead,
  readRewound,
  type TableState,
} from '../../../src/core/guard.ts';
import type { EntityRead } from '../../../src/core/manifest.ts';
import type { Watermark } from '../../../src/core/publication.ts';
import { extractManifest, orders } from './sample.ts';

const { snapshot, server } = extractManifest({});
const watermark: Watermark = {
  source: 'erp',
  xid: '150',
  snapshotOrder: '0',
  runKey: 'r1',
  systemIdentifier: '7',
  timeline: 1,
  relationIds: ['1', '2'],
  schemaHash: 'h',
  seen: [],
};
const table: TableState = { kind: 'table', relationIds: ['1', '2'], schemaHash: 'h' };
const incremental: EntityRead = { mode: 'incremental', fromXid: '150' };
const window: EntityRead = { mode: 'window', column: 'ordered_at', from: '2024-01-01', to: '2024-02-01' };

describe('findRewind', () => {
  it.each([
    ['the same server further on', {}, null],
    ['another server', { systemIdentifier: '8' }, /another database server/],
    ['another timeline', { timeline: 2 }, /on timeline 1, the lake was filled from timeline 2/],
    [
      'an earlier place in history',
      { xid: '201' },
      /next transaction is 200, and the lake has everything before 201/,
    ],
  ])('%s', (_, change, message) => {
    const found = findRewind('erp', { ...watermark, ...change }, { server, snapshot }, 'gate');
    if (message === null) expect(found).toBeNull();
    else expect(found).toMatchObject({ check: 'SOURCE_REWOUND', severity: 'critical' });
    if (message) expect(found!.message).toMatch(message);
  });

  it('goes on by policy, and says so', () => {
    const found = findRewind('erp', { ...watermark, timeline: 2 }, { server, snapshot }, 'full');
    expect(found).toMatchObject({
      severity: 'warning',
      message: expect.stringMatching(/are read whole and replace what the lake has$/),
    });
  });

  it('has nothing to compare before the first publication', () => {
    expect(findRewind('erp', undefined, { server, snapshot }, 'gate')).toBeNull();
  });
});

describe('findRelationChange', () => {
  const swapped = { ...table, relationIds: ['2', '9'] };
  it.each([
    ['full', 'info'],
    ['gate', 'critical'],
  ] as const)('under %s is %s', (onRelationChange, severity) => {
    expect(
      findRelationChange({ ...orders, onRelationChange }, incremental, watermark, swapped),
    ).toMatchObject({
      check: 'RELATION_CHANGED',
      severity,
      message: expect.stringMatching(/1 of its 2 tables are new, 1 of 2 are gone/),
    });
  });

  it.each([
    ['the same table', incremental, table],
    ['a window, which follows no watermark', window, swapped],
  ])('is not of %s', (_, read, state) => {
    expect(findRelationChange(orders, read, watermark, state)).toBeNull();
  });
});

describe('guardRead', () => {
  const since = (fromXid: string): EntityRead => ({ mode: 'incremental', fromXid });
  const stamped: EntityRead = {
    ...since('150'),
    cursor: { mode: 'timestamp', column: 'ordered_at', from: '2024-01-01T00:00:00Z' },
  } as EntityRead;
  const far = { ...snapshot, xmax: '1600000000' };
  it.each([
    ['goes on', incremental, watermark, table, snapshot, null, null],
    ['reads whole what drift asks for', incremental, watermark, table, snapshot, 'why', 'why'],
    [
      'keeps a changed digest that the diff explains',
      incremental,
      watermark,
      { ...table, schemaHash: 'x' },
      snapshot,
      null,
      null,
    ],
    [
      'reads whole a changed digest that nothing explains',
      incremental,
      { ...watermark, seen: undefined },
      { ...table, schemaHash: 'x' },
      snapshot,
      null,
      'its columns changed at the source',
    ],
    [
      'reads a replaced table whole',
      incremental,
      watermark,
      { ...table, relationIds: ['3'] },
      snapshot,
      null,
      'its table or partitions were replaced',
    ],
    [
      'reads a view whole',
      incremental,
      watermark,
      { ...table, kind: 'view' },
      snapshot,
      null,
      'it is a view, which has no row versions',
    ],
    [
      'follows a cursor column of a view',
      stamped,
      watermark,
      { ...table, kind: 'view' },
      snapshot,
      null,
      null,
    ],
    [
      'reads whole after too many transactions',
      since('50'),
      watermark,
      table,
      far,
      null,
      'the watermark is too many transactions ago',
    ],
    ['follows a cursor column over any distance', stamped, watermark, table, far, null, null],
  ] as const)('%s', (_, read, from, state, at, reread, reason) => {
    const guarded = guardRead(read, from as Watermark, state, at, reread);
    expect(guarded).toEqual(reason === null ? read : { mode: 'full', reason });
  });

  it('leaves a window alone', () => {
    expect(guardRead(window, watermark, { ...table, relationIds: ['3'] }, snapshot, 'why')).toBe(window);
  });
});

it('reads everything but windows anew from a rewound source', () => {
  expect(readRewound(incremental)).toMatchObject({ mode: 'full', isRewound: true });
  expect(readRewound(window)).toBe(window);
});
