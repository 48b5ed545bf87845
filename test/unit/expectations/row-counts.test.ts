import { expect, test } from 'vitest';
import { runSuite } from '../../../src/index.ts';
import { csvTable } from './csv-batch.ts';

/** Values of a column, one of them no integer; null is a missing one. */
const POOL = [null, null, 0, 1, 2, 3, 3, -7, 'x'];

/** The same judgements as the suite's, made here row by row. */
const RULES: readonly {
  readonly type: string;
  readonly kwargs: Record<string, unknown>;
  readonly isGood: (value: unknown, all: readonly unknown[]) => boolean;
}[] = [
  {
    type: 'expect_column_values_to_be_between',
    kwargs: { min_value: 0, max_value: 2 },
    isGood: (value) => typeof value === 'number' && value >= 0 && value <= 2,
  },
  {
    type: 'expect_column_values_to_be_in_set',
    kwargs: { value_set: [1, 3, 'x'] },
    isGood: (value) => value === 1 || value === 3,
  },
  {
    type: 'expect_column_values_to_not_be_in_set',
    kwargs: { value_set: [1, 3] },
    isGood: (value) => typeof value === 'number' && value !== 1 && value !== 3,
  },
  {
    type: 'expect_column_values_to_be_unique',
    kwargs: {},
    isGood: (value, all) => typeof value === 'number' && all.filter((other) => other === value).length === 1,
  },
  {
    type: 'expect_column_values_to_match_regex',
    kwargs: { regex: '^\\d$' },
    isGood: (value) => /^\d$/.test(String(value)),
  },
  {
    type: 'expect_column_values_to_be_of_type',
    kwargs: { type_: 'INTEGER' },
    isGood: (value) => typeof value === 'number',
  },
];

test('good, unexpected and missing rows add up, whatever the data, the condition and the share asked for', async () => {
  let seed = 5;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 60; round++) {
    const rows = Array.from({ length: random(25) }, () => [POOL[random(POOL.length)], random(3)]);
    const mostly = random(5) / 4;
    const rule = RULES[round % RULES.length]!;
    const isLimited = random(2) === 0;
    const { results } = await runSuite({
      suite: {
        name: 's',
        expectations: [
          {
            type: rule.type,
            kwargs: { column: 'v', ...rule.kwargs, mostly, ...(isLimited ? { row_condition: 'g > 0' } : {}) },
          },
        ],
      },
      data: csvTable({ v: 'integer', g: 'integer' }, rows),
      resultFormat: 'COMPLETE',
    });
    const { success, result } = results[0]!;
    const judged = rows.filter(([, group]) => !isLimited || Number(group) > 0).map(([value]) => value);
    const present = judged.filter((value) => value !== null);
    const good = present.filter((value) => rule.isGood(value, present)).length;
    expect(result.element_count, rule.type).toBe(judged.length);
    expect(result.missing_count, rule.type).toBe(judged.length - present.length);
    expect(good + result.unexpected_count! + result.missing_count!, rule.type).toBe(judged.length);
    expect(result.unexpected_list, rule.type).toHaveLength(result.unexpected_count!);
    expect(success, rule.type).toBe(present.length === 0 || good / present.length >= mostly);
  }
});
