import { expect, it } from 'vitest';
import { snapshotOrder } from '../../../src/core/manifest.ts';

it('sorts as text like xmax, then like fewer transactions in progress', () => {
  const xids = ['3', '9', '10', '99', '4294967296', '18446744073709551615'];
  const snapshots = xids.flatMap((xmax) => [0, 1, 9, 10, 5000].map((busy) => ({ xmax, busy })));
  for (const a of snapshots) {
    for (const b of snapshots) {
      const [left, right] = [snapshotOrder(a.xmax, a.busy), snapshotOrder(b.xmax, b.busy)];
      const isEarlier = BigInt(a.xmax) < BigInt(b.xmax) || (a.xmax === b.xmax && a.busy > b.busy);
      expect(left < right).toBe(isEarlier);
    }
  }
});

it.each([
  ['-1', 0],
  ['1e3', 0],
  ['', 0],
  ['1', 100_000_000],
])('refuses %s with %s in progress', (xmax, busy) => {
  expect(() => snapshotOrder(xmax, busy)).toThrow();
});
