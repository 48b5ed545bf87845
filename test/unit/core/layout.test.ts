import { expect, it } from 'vitest';
import { makeRunKey } from '../../../src/core/layout.ts';

it.each([
  ['live', '2024-01-02T00:00:00Z', '0123456789', 'live-20240102T000000Z-01234567'],
  ['full', '2024-01-02T03:04:05.678Z', 'abcd', 'full-20240102T030405Z-abcd'],
])('%s run at %s', (kind, at, token, expected) => {
  expect(makeRunKey(kind, at, token)).toBe(expected);
});
