import { describe, expect, test } from 'vitest';
import { blockFilter, cutBlockRanges, halve } from '../../src/adapters/postgres/block-ranges.ts';
import { gatherCopyMessages } from '../../src/adapters/postgres/copy-messages.ts';
import { hashSchema } from '../../src/adapters/postgres/schema-hash.ts';

test.each([
  ['nothing with a heap', { largest: 0, total: 0 }, 1],
  ['one range', { largest: 4_095, total: 4_095 }, 1],
  ['two ranges', { largest: 4_096, total: 4_096 }, 2],
  ['a GiB, which shrinks from the begin', { largest: 131_072, total: 131_072 }, 24],
  ['100 GiB, most of it in ranges of 128 MiB', { largest: 13_107_200, total: 13_107_200 }, 816],
  ['ten equal partitions', { largest: 10_000, total: 100_000 }, 22],
  ['more ranges than pages', { largest: 3, total: 300_000 }, 3],
])('%s: ranges touch, begin at the first block and end open', (_what, pages, count) => {
  const ranges = cutBlockRanges(pages);
  expect(ranges).toHaveLength(count);
  expect(ranges[0]!.from).toBe(0);
  expect(ranges.at(-1)!.to).toBeNull();
  for (const [index, range] of ranges.slice(1).entries()) expect(range.from).toBe(ranges[index]!.to);
});

test('a range becomes a ctid filter without superfluous bounds', () => {
  expect(blockFilter({ from: 0, to: null })).toBeNull();
  expect(blockFilter({ from: 0, to: 7 })).toBe("t.ctid < '(7,0)'::tid");
  expect(blockFilter({ from: 7, to: 9 })).toBe("t.ctid >= '(7,0)'::tid AND t.ctid < '(9,0)'::tid");
});

describe('the messages of a COPY', () => {
  const message = (type: string, body: string) => {
    const bytes = Buffer.from(body);
    const head = Buffer.from(`${type}....`);
    head.writeUInt32BE(bytes.length + 4, 1);
    return Buffer.concat([head, bytes]);
  };
  const rows = ['a,b\n', '1,"d\nE"\n', `2,${'日本😀'.repeat(100)}\n`, '\n', '3,""\n'];
  const tail = Buffer.concat([message('c', ''), message('C', 'COPY 4\0'), message('Z', 'T')]);
  const stream = Buffer.concat([
    message('H', '\0\0\0'),
    ...rows.slice(0, 2).map((row) => message('d', row)),
    message('N', 'a notice\0'),
    ...rows.slice(2).map((row) => message('d', row)),
    message('S', 'TimeZone\0UTC\0'),
    tail,
  ]);

  test.each([1, 2, 3, 4, 5, 7, 64, 1_000, 10_000])(
    'in chunks of %i bytes: rows, their number, and the rest',
    (size) => {
      const messages = gatherCopyMessages(Buffer.alloc(16));
      const taken: Buffer[] = [];
      const left: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) {
        // Overwritten afterwards, as the buffer of a socket is.
        const chunk = Buffer.from(stream.subarray(at, at + size));
        if (left.length > 0) left.push(Buffer.from(chunk));
        else {
          const rest = messages.push(chunk);
          if (rest) left.push(rest);
        }
        chunk.fill(0x7a);
        if (messages.size > 20) {
          const { size: filled } = messages;
          taken.push(messages.take(Buffer.alloc(16)).subarray(0, filled));
        }
      }
      const { size: filled } = messages;
      taken.push(messages.take(Buffer.alloc(16)).subarray(0, filled));
      expect(Buffer.concat(taken).toString()).toBe(rows.join(''));
      expect(messages.messageCount).toBe(5);
      expect(Buffer.concat(left)).toEqual(tail);
    },
  );

  test('an error ends them', () => {
    const messages = gatherCopyMessages(Buffer.alloc(64));
    const error = message('E', 'SERROR\0\0');
    expect(messages.push(Buffer.concat([message('d', '1\n'), error]))).toEqual(error);
  });
});

test('the schema digest tells order, names, types and nullability apart', () => {
  const base = [
    { name: 'a', type: 'integer', nullable: false },
    { name: 'b', type: 'text', nullable: true },
  ];
  const variants = [
    base,
    base.toReversed(),
    [base[0]!, { ...base[1]!, name: 'c' }],
    [base[0]!, { ...base[1]!, type: 'character varying(9)' }],
    [base[0]!, { ...base[1]!, nullable: false }],
    [base[0]!],
  ];
  expect(new Set(variants.map(hashSchema)).size).toBe(variants.length);
  expect(hashSchema(base)).toBe(hashSchema(structuredClone(base)));
});

test.each([
  ['a range', { from: 0, to: 9 }, 100, [0, 5, 5, 9]],
  ['an open-ended one', { from: 90, to: null }, 100, [90, 95, 95, null]],
  ['the last two blocks', { from: 98, to: null }, 100, [98, 99, 99, null]],
  ['one block', { from: 4, to: 5 }, 100, null],
  ['the last block', { from: 99, to: null }, 100, null],
  ['a view', { from: 0, to: null }, 0, null],
] as const)('%s is halved, or cannot be', (_, range, pages, expected) => {
  const halves = halve(range, pages);
  expect(halves?.flatMap(({ from, to }) => [from, to]) ?? null).toEqual(expected);
});
