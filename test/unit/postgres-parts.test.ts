import { expect, test } from 'vitest';
import { blockFilter, cutBlockRanges } from '../../src/adapters/postgres/block-ranges.ts';
import { countCsvRecords } from '../../src/adapters/postgres/csv-row-counter.ts';
import { hashSchema } from '../../src/adapters/postgres/schema-hash.ts';

test.each([
  ['nothing with a heap', { largest: 0, total: 0 }, 1],
  ['one range', { largest: 100, total: 100 }, 1],
  ['three and a bit', { largest: 350, total: 350 }, 4],
  ['ten equal partitions', { largest: 100, total: 1000 }, 10],
  ['more ranges than pages', { largest: 3, total: 3000 }, 3],
])('%s: ranges touch, begin at the first block and end open', (_what, pages, count) => {
  const ranges = cutBlockRanges(pages, 100);
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

test('records are counted wherever the chunks are cut', () => {
  const text = 'a,b\n1,"x\ny"\n2,"say ""hi""\r\n"\n3,"""\n"\n"",\n\n"日\n本",😀\n';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const counter = countCsvRecords();
    for (let at = 0; at < bytes.length; at += size) counter.add(bytes.subarray(at, at + size));
    expect(counter.recordCount).toBe(7);
  }
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
