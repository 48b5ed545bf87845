import { describe, expect, it } from 'vitest';
import { describeResult } from '../../../src/core/describe-result.ts';
import type { ExpectationResult, ResultDetail } from '../../../src/expectations/types.ts';

const result = (change: Partial<ExpectationResult> = {}): ExpectationResult => ({
  success: false,
  expectation_config: {
    type: 'expect_column_values_to_be_between',
    kwargs: { column: 'total', min_value: 0 },
    severity: 'warning',
  },
  result: {
    element_count: 90,
    unexpected_count: 30,
    unexpected_percent: 33.3333,
    partial_unexpected_index_list: [1, 2, 3, 4, 5, 6].map((id) => ({ order_id: id, total: -1 })),
  },
  meta: {},
  exception_info: { raised_exception: false, exception_message: null, exception_traceback: null },
  ...change,
});

describe('describeResult', () => {
  it('says what was expected, what was found, how many, and which keys, never other values', () => {
    expect(describeResult('orders', result(), ['order_id'], [])).toEqual({
      check: 'expect_column_values_to_be_between',
      severity: 'warning',
      subject: 'orders',
      column: 'total',
      rule: 'min_value 0',
      message: 'values to be between (min_value 0): 30 of 90 rows fail, 33.33 %',
      rowCount: 90,
      failedCount: 30,
      sampleKeys: ['1', '2', '3', '4', '5'],
    });
  });

  it('shows no keys that are personal data, or that the rows do not hold', () => {
    expect(describeResult('orders', result(), ['order_id'], ['order_id']).sampleKeys).toEqual([]);
    expect(describeResult('orders', result(), ['order_id', 'line'], []).sampleKeys).toEqual([]);
  });

  it.each<[ResultDetail, RegExp]>([
    [{ observed_value: null, unexpected_count: 40 }, /: 40 different values are unexpected$/],
    [{ observed_value: null, missing_count: 1 }, /: 1 of the set do not occur$/],
    [
      { observed_value: null, unexpected_count: 2, missing_count: 3 },
      /: 2 different values are unexpected, 3 of the set do not occur$/,
    ],
  ])('counts different values where they are judged and not rows: %j', (found, message) => {
    expect(describeResult('orders', result({ result: found }), ['order_id'], []).message).toMatch(message);
  });

  it('tells of a value that was observed, and of a check that could not be done', () => {
    const observed = describeResult('orders', result({ result: { observed_value: 7 } }), ['order_id'], []);
    expect(observed.message).toMatch(/: observed 7$/);
    const broken = result({
      exception_info: { raised_exception: true, exception_message: 'no column', exception_traceback: null },
    });
    expect(describeResult('orders', broken, ['order_id'], []).message).toMatch(
      /could not be checked: no column$/,
    );
  });
});
