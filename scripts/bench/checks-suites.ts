import type { ExpectationConfig } from '../../src/index.ts';

interface BenchSuite {
  readonly name: string;
  readonly expectations: readonly Pick<ExpectationConfig, 'type' | 'kwargs'>[];
}

const expectation = (type: string, kwargs: Record<string, unknown>) => ({ type: `expect_${type}`, kwargs });

/** What a team would check of its orders; five fail, so that evidence is made. */
export const TWELVE: BenchSuite = {
  name: 'twelve',
  expectations: [
    expectation('table_row_count_to_be_between', { min_value: 1_000_000, max_value: 2_000_000 }),
    expectation('column_values_to_not_be_null', { column: 'order_id' }),
    expectation('column_values_to_be_unique', { column: 'order_id' }),
    expectation('column_values_to_not_be_null', { column: 'customer_id', mostly: 0.95 }),
    expectation('column_values_to_be_between', { column: 'quantity', min_value: 1, max_value: 1000 }),
    expectation('column_values_to_be_between', { column: 'total_price', min_value: 0, max_value: 6000 }),
    expectation('column_values_to_be_in_set', {
      column: 'status',
      value_set: ['paid', 'open', 'shipped', 'delivered', 'returned'],
    }),
    expectation('column_values_to_match_regex', { column: 'payment_method', regex: '^[a-z ]+$' }),
    expectation('column_value_lengths_to_be_between', { column: 'status', min_value: 4, max_value: 8 }),
    expectation('column_mean_to_be_between', { column: 'total_price', min_value: 100, max_value: 5000 }),
    expectation('column_max_to_be_between', { column: 'unit_price', min_value: 1, max_value: 600 }),
    expectation('column_pair_values_a_to_be_greater_than_b', {
      column_A: 'total_price',
      column_B: 'unit_price',
      or_equal: true,
    }),
  ],
};

/** One expectation that has to read the whole file. */
export const ONE: BenchSuite = { name: 'one', expectations: [TWELVE.expectations[4]!] };

const COLUMNS = [
  'order_id',
  'customer_id',
  'product_id',
  'quantity',
  'unit_price',
  'total_price',
  'payment_method',
  'status',
  'ordered_at',
  'updated_at',
];

/** A hundred that differ: bounds, shares, sets and patterns over all columns; about ten fail. */
export const HUNDRED: BenchSuite = {
  name: 'hundred',
  expectations: Array.from({ length: 100 }, (_, index) => {
    const step = Math.floor(index / 10);
    const kinds = [
      () => expectation('column_values_to_not_be_null', { column: COLUMNS[step]! }),
      () =>
        expectation('column_values_to_be_between', {
          column: 'quantity',
          min_value: step === 0 ? 1 : 0,
          max_value: 100 + step,
        }),
      () =>
        expectation('column_values_to_be_between', {
          column: 'total_price',
          min_value: -step,
          max_value: step === 0 ? 5000 : 7000,
        }),
      () =>
        expectation('column_values_to_be_between', {
          column: 'unit_price',
          min_value: 1,
          max_value: step === 0 ? 490 : 600 + step,
        }),
      () =>
        expectation('column_values_to_be_in_set', {
          column: 'status',
          value_set: ['paid', 'open', 'shipped', 'delivered', 'returned', step === 0 ? 'none' : 'Lost'],
        }),
      () =>
        expectation('column_values_to_match_regex', {
          column: 'payment_method',
          regex: `^[a-z ]{${1 + (step % 4)},}$`,
        }),
      () =>
        expectation('column_value_lengths_to_be_between', {
          column: 'status',
          min_value: 1 + (step % 4),
          max_value: 9,
        }),
      () =>
        expectation('column_mean_to_be_between', { column: 'total_price', min_value: step, max_value: 5000 }),
      () => expectation('column_max_to_be_between', { column: 'product_id', max_value: 2236 + step }),
      () =>
        expectation('column_pair_values_a_to_be_greater_than_b', {
          column_A: 'total_price',
          column_B: 'quantity',
          mostly: 0.9 + step / 100,
        }),
    ];
    return kinds[index % 10]!();
  }),
};

/** Types of the CSV columns as `--types` takes them, so that neither side has to guess. */
export const COLUMN_TYPES = [
  'order_id=bigint',
  'customer_id=integer',
  'product_id=integer',
  'quantity=integer',
  'unit_price=numeric(10,2)',
  'total_price=numeric(10,2)',
  'payment_method=text',
  'status=text',
  'ordered_at=timestamp',
  'updated_at=timestamp',
];

/** The columns that the twelve expectations read. */
export const READ_COLUMNS = COLUMNS.filter(
  (column) => !['product_id', 'ordered_at', 'updated_at'].includes(column),
);
