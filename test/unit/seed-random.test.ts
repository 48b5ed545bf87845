import { describe, expect, test } from 'vitest';
import { countDirt, planDirt } from '../../scripts/seed/dirt.ts';
import { createPermutation } from '../../scripts/seed/permutation.ts';
import { createRandom } from '../../scripts/seed/random.ts';
import { createWeightedDraw, spreadTotal, zipfWeights } from '../../scripts/seed/weighted.ts';

const take = (count: number, draw: () => number) => Array.from({ length: count }, draw);

const KNOWN = [1_461_831_495, 3_728_661_003, 1_209_436_531, 3_464_831_598];

describe('createRandom', () => {
  test('gives the numbers that it always gave', () => {
    expect(take(4, createRandom(42, 'orders').uint32)).toEqual(KNOWN);
  });

  test.each([
    ['another seed', createRandom(43, 'orders')],
    ['another stream', createRandom(42, 'customers')],
    ['another index', createRandom(42, 'orders', 1)],
  ])('%s gives other numbers', (_, random) => {
    expect(take(4, random.uint32)).not.toEqual(KNOWN);
  });

  test('fills [0, 1) evenly, also across neighbouring indexes', () => {
    const firsts = take(20_000, () => 0).map((_, index) => createRandom(1, 'rows', index).float());
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => firsts.filter((value) => Math.floor(value * 10) === tenth).length,
    );
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });

  test('between reaches both ends and nothing beyond', () => {
    const random = createRandom(5, 'dice');
    expect(new Set(take(500, () => random.between(1, 6)))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });
});

describe('createPermutation', () => {
  test.each([1, 2, 3, 20, 100, 4_096, 5_000, 65_537])('reaches each of %i values once', (count) => {
    const place = createPermutation(createRandom(7, 'permutation'), count);
    const reached = new Set(Array.from({ length: count }, (_, index) => place(index)));
    expect(reached.size).toBe(count);
    expect(Math.max(...reached)).toBe(count - 1);
  });
});

describe('planDirt', () => {
  const counts = { torn: 12, wet: 5, none: 0 };

  test.each([17, 50, 1_000, 33_333])('marks exactly the promised rows among %i', (rowCount) => {
    const plan = planDirt(3, 'test', rowCount, counts);
    const marks = Array.from({ length: rowCount }, (_, index) => plan.markOf(index)).filter(
      (mark) => mark !== undefined,
    );
    const ordinals = (kind: string) =>
      marks
        .filter((mark) => mark.kind === kind)
        .map((mark) => mark.ordinal)
        .sort((a, b) => a - b);
    expect(ordinals('torn')).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(ordinals('wet')).toEqual([0, 1, 2, 3, 4]);
    expect(marks).toHaveLength(17);
  });

  test('marks nothing outside its rows', () => {
    const plan = planDirt(3, 'test', 17, counts);
    expect([plan.markOf(-1), plan.markOf(17)]).toEqual([undefined, undefined]);
  });

  test('refuses more dirt than rows', () => {
    expect(() => planDirt(3, 'orders', 16, counts)).toThrow('orders: 17 dirty rows do not fit into 16 rows');
  });

  test('countDirt keeps the minimum in small tables and the rate in large ones', () => {
    const rates = { torn: { rate: 0.01, atLeast: 3 } };
    expect([countDirt(100, rates).torn, countDirt(50_000, rates).torn]).toEqual([3, 500]);
  });
});

describe('weights', () => {
  test('draws follow the weights', () => {
    const draw = createWeightedDraw([1, 2, 7]);
    const random = createRandom(11, 'weights');
    const drawn = take(10_000, () => draw(random));
    const shares = [0, 1, 2].map((index) => drawn.filter((value) => value === index).length / 10_000);
    expect(shares[0]).toBeCloseTo(0.1, 1);
    expect(shares[1]).toBeCloseTo(0.2, 1);
    expect(shares[2]).toBeCloseTo(0.7, 1);
  });

  test('zipfWeights falls with the rank by the exponent', () => {
    expect([...zipfWeights(3, 0, 1)]).toEqual([1, 1 / 2, 1 / 3]);
    expect(zipfWeights(16, 0, 0.75)[15]).toBe(1 / 8);
  });

  test.each([0, 1, 999, 50_000])('spreadTotal gives away all of %i', (total) => {
    const parts = spreadTotal(total, [0.3, 1, 2.2, 0.9]);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
    expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
  });
});
