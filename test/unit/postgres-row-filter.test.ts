import { expect, test } from 'vitest';
import { describeBadWatermark, rowFilter } from '../../src/adapters/postgres/row-filter.ts';
import { parseSnapshot } from '../../src/adapters/postgres/snapshot.ts';
import type { CursorBound } from '../../src/core/manifest.ts';

const columns = [
  { name: 'at', type: 'timestamp(3) with time zone' },
  { name: 'local', type: 'timestamp without time zone' },
  { name: 'day', type: 'date' },
  { name: 'note', type: 'text' },
];
const window = (column: string, from = '2024-01-01') =>
  rowFilter({ mode: 'window', column, from, to: '2024-02-01' }, columns);

test('a full read has no filter', () => {
  expect(rowFilter({ mode: 'full', reason: 'first run' }, columns)).toBeNull();
});

test.each([
  ['750', '750'],
  ['4294967295', '4294967295'],
  ['4294967999', '703'],
  // The special xids 0 to 2 are skipped by the counter.
  ['4294967296', '3'],
  ['8589934594', '3'],
])('watermark %s is xid %s on the ring', (fromXid, xid) => {
  expect(rowFilter({ mode: 'incremental', fromXid }, columns)).toBe(
    `age(t.xmin) <= (SELECT age('${xid}'::xid)) AND age(t.xmin) >= 0`,
  );
});

test('a cursor column is read from its bound on, with rows that have no stamp', () => {
  const since = (cursor: CursorBound) =>
    rowFilter({ mode: 'incremental', fromXid: '4294967999', cursor }, columns);
  expect(since({ mode: 'timestamp', column: 'at', from: '2024-01-01T00:00:00.000000Z' })).toBe(
    `(t."at" >= '2024-01-01T00:00:00.000000Z' OR t."at" IS NULL)`,
  );
  expect(since({ mode: 'xid8-column', column: 'x"y' })).toBe(
    `(t."x""y" >= '4294967999'::xid8 OR t."x""y" IS NULL)`,
  );
  expect(() => since({ mode: 'timestamp', column: 'at', from: "'; --" })).toThrow(/not a cursor bound/);
});

test('a window is half-open and cast to the type of its column', () => {
  expect(window('at')).toBe(`t."at" >= '2024-01-01'::timestamptz AND t."at" < '2024-02-01'::timestamptz`);
  expect(window('local')).toBe(
    `t."local" >= '2024-01-01'::timestamp AND t."local" < '2024-02-01'::timestamp`,
  );
  expect(window('day')).toBe(`t."day" >= '2024-01-01'::date AND t."day" < '2024-02-01'::date`);
});

test('a window over text, or bounded by something else than dates, is refused', () => {
  expect(() => window('note')).toThrow(/window column note is text/);
  expect(() => window('absent')).toThrow(/window column absent is unknown/);
  expect(() => window('day', "2024-01-01' or true --")).toThrow(/not a date/);
});

test.each([
  ['1000', '990:1000:990,995', null],
  ['990', '990:1000:990', null],
  ['1001', '990:1000:990', /ahead of the server's snapshot/],
  ['1', '1500000000:1500000000:', null],
  ['1', '1500000001:1500000001:', /1500000000 transactions old/],
])('watermark %s against %s', (fromXid, text, expected) => {
  const problem = describeBadWatermark(fromXid, parseSnapshot(text));
  if (expected === null) expect(problem).toBeNull();
  else expect(problem).toMatch(expected);
});

test('a watermark is never too old for a column that counts in 64 bits', () => {
  const cursor = { mode: 'xid8-column', column: 'x' } as const;
  expect(describeBadWatermark('1', parseSnapshot('1500000001:1500000001:'), cursor)).toBeNull();
  expect(describeBadWatermark('1001', parseSnapshot('990:1000:990'), cursor)).toMatch(/ahead/);
});

test('a snapshot is parsed and ordered: later xmax first, then fewer in progress', () => {
  const texts = ['5:9:', '5:10:5,7', '5:10:5', '10:10:', '10:4294967999:'];
  const snapshots = texts.map(parseSnapshot);
  expect(snapshots[1]).toMatchObject({ xmin: '5', xmax: '10', inProgressCount: 2 });
  expect(snapshots.toSorted((a, b) => (a.order < b.order ? -1 : 1)).map((each) => each.text)).toEqual(texts);
  for (const text of ['', '5:10', '5:10:5,', 'a:b:'])
    expect(() => parseSnapshot(text)).toThrow(/not a snapshot/);
});
