import { expect, it } from 'vitest';
import { makeRunKey } from '../../../src/core/layout.ts';

it.each([
  ['live', '2024-01-02T00:00:00Z', '0123456789', 'live-20240102T000000Z-23456789'],
  ['full', '2024-01-02T03:04:05.678Z', 'abcd', 'full-20240102T030405Z-abcd'],
])('%s run at %s', (kind, at, token, expected) => {
  expect(makeRunKey(kind, at, token)).toBe(expected);
});

it('tells runs apart that start in one moment, whose ids begin alike', () => {
  const key = (id: string) => makeRunKey('backfill', '2024-01-02T00:00:00.001Z', id);
  expect(key('019abc12-0000-7000-8000-0000000000a1')).not.toBe(key('019abc12-0000-7000-8000-0000000000a2'));
});
