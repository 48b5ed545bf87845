import { expect, test } from 'vitest';
import { acceptWork } from '../../src/adapters/postgres/resume.ts';
import { parseSnapshot } from '../../src/adapters/postgres/snapshot.ts';
import type { Snapshot } from '../../src/core/manifest.ts';

const server = { systemIdentifier: '1', timeline: 1, version: 180_000 };

/** A snapshot of a primary, or of a standby at a place of replay. */
function snapshot(text: string, replayed = ''): Snapshot {
  const parsed = parseSnapshot(text);
  return { ...parsed, order: parsed.order + replayed };
}

test.each([
  ['a later one', snapshot('5:9:5'), snapshot('9:12:'), true],
  ['the same one, nothing in progress', snapshot('9:9:'), snapshot('9:9:'), true],
  ['the same one, all in progress named', snapshot('5:9:5,7'), snapshot('5:9:5,7'), true],
  ['one with fewer in progress', snapshot('5:9:5,7'), snapshot('5:9:5'), true],
  ['an earlier one', snapshot('9:12:'), snapshot('5:9:5'), false],
  ['one behind the first', snapshot('900:900:'), snapshot('5:9:5'), false],
  // A standby names nothing that is in progress, so equal texts may see different rows.
  ['the same text of a standby, replay unknown', snapshot('5:9:'), snapshot('5:9:'), false],
  ['the same text of a standby that has replayed more', snapshot('5:9:', '.1'), snapshot('5:9:', '.2'), true],
])('work under a snapshot is kept under %s: %s, then %s', (_what, first, now, isKept) => {
  const work = { server, snapshots: [first], parts: [] };
  expect(acceptWork(work, server, now) !== null).toBe(isKept);
});

test('nothing is kept of another server or timeline, or where there was nothing', () => {
  const work = { server, snapshots: [snapshot('5:9:5')], parts: [] };
  const now = snapshot('9:12:');
  expect(acceptWork(undefined, server, now)).toBeNull();
  expect(acceptWork({ ...work, snapshots: [] }, server, now)).toBeNull();
  expect(acceptWork(work, { ...server, systemIdentifier: '2' }, now)).toBeNull();
  expect(acceptWork(work, { ...server, timeline: 2 }, now)).toBeNull();
});
