/** A table of one case: the types of its columns and its rows. */
export interface EdgeTable {
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly unknown[])[];
}

/** What a case comes to: `success` and keys of the result, why it cannot be evaluated, or why the suite is refused. */
export type EdgeWant =
  | { readonly success: boolean; readonly [key: string]: unknown }
  | { readonly unevaluated: RegExp }
  | { readonly refused: RegExp };

export interface EdgeCase extends EdgeTable {
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly want: EdgeWant;
}

/** The cases that every expectation has; those of `mostly` where it takes that. */
export interface EdgeCases {
  readonly passing: EdgeCase;
  readonly failing: EdgeCase;
  readonly 'all missing': EdgeCase;
  readonly 'empty table': EdgeCase;
  readonly 'one row': EdgeCase;
  readonly 'another type': EdgeCase;
  readonly 'mostly, just reached'?: EdgeCase;
  readonly 'mostly, just missed'?: EdgeCase;
}

/** The other table of every case, by the name `other`. */
export const OTHER: EdgeTable = {
  types: { k: 'integer', x: 'text' },
  rows: [
    [7, 'a'],
    [9, 'b'],
  ],
};
/** Rows of earlier runs, and the instant of every run. */
export const ROW_COUNT_HISTORY = [3, 3, 3];
export const NOW = '2024-01-02T00:00:00Z';

/** The result of rows that were judged one by one: how many, how many missing ones, and the unexpected ones by position. */
function judged(
  success: boolean,
  elements: number,
  missing: number | null,
  unexpected: readonly (readonly [position: number, value: unknown])[] = [],
): EdgeWant {
  const whole = elements - (missing ?? 0);
  const percent = (part: number, of: number) => (of === 0 ? null : (part / of) * 100);
  return {
    success,
    element_count: elements,
    unexpected_count: unexpected.length,
    unexpected_percent: percent(unexpected.length, whole),
    partial_unexpected_list: unexpected.map(([, value]) => value),
    partial_unexpected_index_list: unexpected.map(([position]) => position),
    ...(missing === null
      ? {}
      : {
          missing_count: missing,
          missing_percent: percent(missing, elements),
          unexpected_percent_total: percent(unexpected.length, elements),
          unexpected_percent_nonmissing: percent(unexpected.length, whole),
        }),
  };
}

const observed = (success: boolean, observed_value: unknown): EdgeWant => ({ success, observed_value });
const because = (unevaluated: RegExp): EdgeWant => ({ unevaluated });

/** A column `v` of values, beside one that is never missing. */
function column(type: string, values: readonly unknown[]): EdgeTable {
  return { types: { v: type, x: 'text' }, rows: values.map((value) => [value, 'x']) };
}

function onColumn(type: string, kwargs: object) {
  return (values: readonly unknown[], want: EdgeWant, more: object = {}): EdgeCase => ({
    ...column(type, values),
    kwargs: { column: 'v', ...kwargs, ...more },
    want,
  });
}

/** Single values: `good` ones are taken, `bad` ones are not; `mismatch` is a column of another type. */
function values(
  type: string,
  kwargs: object,
  good: unknown,
  bad: unknown,
  mismatch: readonly [type: string, value: unknown, want: EdgeWant],
): EdgeCases {
  const on = onColumn(type, kwargs);
  const three = [good, good, bad, null, good];
  return {
    passing: on([good, null, good], judged(true, 3, 1)),
    failing: on(
      [bad, good, null, bad],
      judged(false, 4, 1, [
        [0, bad],
        [3, bad],
      ]),
    ),
    'all missing': on([null, null, null], judged(true, 3, 3)),
    'empty table': on([], judged(true, 0, 0)),
    'one row': on([bad], judged(false, 1, 0, [[0, bad]])),
    'another type': onColumn(mismatch[0], kwargs)([mismatch[1]], mismatch[2]),
    'mostly, just reached': on(three, judged(true, 5, 1, [[2, bad]]), { mostly: 0.75 }),
    'mostly, just missed': on(three, judged(false, 5, 1, [[2, bad]]), { mostly: 0.7501 }),
  };
}

/** A column that is no text, for what needs text. */
const noText = ['integer', 1, because(/column "v" is INTEGER; .+ needs text/)] as const;
/** Of another type, no value can be what was expected. */
const otherValue = (type: string, value: unknown) =>
  [type, value, judged(false, 1, 0, [[0, value]])] as const;

/** Figures of a column of integers: their bounds, and what they are of 1, 2, 2 and 3, of no values, and of one 4. */
function figures(all: number, none: unknown, one: unknown, mismatch: EdgeCase): EdgeCases {
  const on = onColumn('integer', { min_value: -10, max_value: 10 });
  return {
    passing: on([1, 2, 2, 3], observed(true, all), { min_value: all, max_value: all }),
    failing: on([1, 2, 2, 3], observed(false, all), { min_value: all, strict_min: true }),
    'all missing': on([null, null], observed(none !== null, none)),
    'empty table': on([], observed(none !== null, none)),
    'one row': on([4], observed(one !== null, one)),
    'another type': mismatch,
  };
}

const numbersOnly: EdgeCase = onColumn('text', { max_value: 1 })(
  ['a'],
  because(/column "v" is TEXT; this figure needs numbers/),
);
const sameTypeOnly: EdgeCase = onColumn('text', { max_value: 1 })(
  ['a'],
  because(/column "v" is TEXT: max_value 1 cannot be compared with it/),
);
const ofText = (figure: number): EdgeCase =>
  onColumn('text', { min_value: figure, max_value: figure })(['a', 'b', 'b', null], observed(true, figure));

/** Two columns `a` and `b` of integers. */
function onPairs(kwargs: object, types: Readonly<Record<string, string>> = { a: 'integer', b: 'integer' }) {
  return (rows: readonly (readonly unknown[])[], want: EdgeWant, more: object = {}): EdgeCase => ({
    types,
    rows,
    kwargs: { ...kwargs, ...more },
    want,
  });
}

type Row = readonly [unknown, unknown];

/** Rows of two columns, a good and a bad one; `shown` is how a row stands in the evidence. */
function pairs(
  kwargs: object,
  good: Row,
  bad: Row,
  shown: (row: Row) => unknown,
  mismatch: EdgeCase,
): EdgeCases {
  const on = onPairs(kwargs);
  const missing: Row = [null, null];
  const some = [good, bad, missing, good, good];
  return {
    passing: on([good, missing, good], judged(true, 3, 1)),
    failing: on(
      [bad, good, bad],
      judged(false, 3, 0, [
        [0, shown(bad)],
        [2, shown(bad)],
      ]),
    ),
    'all missing': on([missing, missing], judged(true, 2, 2)),
    'empty table': on([], judged(true, 0, 0)),
    'one row': on([bad], judged(false, 1, 0, [[0, shown(bad)]])),
    'another type': mismatch,
    'mostly, just reached': on(some, judged(true, 5, 1, [[1, shown(bad)]]), { mostly: 0.75 }),
    'mostly, just missed': on(some, judged(false, 5, 1, [[1, shown(bad)]]), { mostly: 0.7501 }),
  };
}

const asPair = (row: Row) => row;
const asRecord = ([a, b]: Row) => ({ a, b });
const AB = { column_A: 'a', column_B: 'b' };
const LIST = { column_list: ['a', 'b'] };
const mixed = { a: 'integer', b: 'text' };

/** Checks of the whole table: its columns `v` and `x`, whatever its rows. */
function shapes(good: object, bad: object, shown: object, refused: EdgeWant, wrong: object): EdgeCases {
  const on = (rows: readonly unknown[], kwargs: object, want: EdgeWant): EdgeCase => ({
    ...column('integer', rows),
    kwargs: { ...kwargs },
    want,
  });
  return {
    passing: on([1, 2], good, { success: true, ...shown }),
    failing: on([1, 2], bad, { success: false, ...shown }),
    'all missing': on([null, null], good, { success: true, ...shown }),
    'empty table': on([], good, { success: true, ...shown }),
    'one row': on([1], bad, { success: false, ...shown }),
    'another type': on([1], wrong, refused),
  };
}

/** Order: the values ascend, or descend with the sign -1. */
function order(sign: 1 | -1): EdgeCases {
  const on = onColumn('integer', {});
  const [low, middle, high] = [2 - sign, 2, 2 + sign];
  const dip = [low, high, middle, null, high, high];
  return {
    passing: on([low, middle, null, middle, high], judged(true, 5, 1)),
    failing: on(
      [high, low, null, middle, low],
      judged(false, 5, 1, [
        [1, low],
        [4, low],
      ]),
    ),
    'all missing': on([null, null], judged(true, 2, 2)),
    'empty table': on([], judged(true, 0, 0)),
    'one row': on([1], judged(true, 1, 0)),
    'another type': on([low, 'x'], because(/^1 value of column "v" cannot be read as INTEGER$/)),
    'mostly, just reached': on(dip, judged(true, 6, 1, [[2, middle]]), { mostly: 0.8 }),
    'mostly, just missed': on(dip, judged(false, 6, 1, [[2, middle]]), { mostly: 0.8001 }),
  };
}

const zScores = onColumn('integer', { threshold: 1, double_sided: true });
const outliers = onColumn('integer', { method: 'iqr', multiplier: 1.5 });
/** Mean 2, sample standard deviation sqrt(10/3): the last one is 2.19 of them away. */
const far = [1, 1, 1, null, 1, 6];
const unique = onColumn('integer', {});
const isNull = onColumn('integer', {});
const distinct = (type: string, values: readonly unknown[], value_set: readonly unknown[], want: EdgeWant) =>
  onColumn(type, { value_set })(values, want);
const common = onColumn('text', { value_set: ['a'] });
const quantiles = onColumn('integer', {
  quantile_ranges: {
    quantiles: [0, 0.5, 1],
    value_ranges: [
      [1, 1],
      [2, 3],
      [null, 4],
    ],
  },
});
const quantileWant = (success: boolean, found: readonly unknown[], each: readonly boolean[]): EdgeWant => ({
  success,
  observed_value: { quantiles: [0, 0.5, 1], values: found },
  details: { success_details: each },
});
const divergence = onColumn('text', {
  threshold: 0.1,
  partition_object: { values: ['a', 'b'], weights: [0.5, 0.5] },
});
const recent = onColumn('timestamptz', { max_age_hours: 24 });
function onTable(kwargs: object) {
  return (values: readonly unknown[], want: EdgeWant, more: object = {}): EdgeCase => ({
    ...column('integer', values),
    kwargs: { ...kwargs, ...more },
    want,
  });
}
const equalsTwo = onTable({ value: 2 });
const upToTwo = onTable({ min_value: 1, max_value: 2 });
const likeHistory = onTable({ min_ratio: 0.5, max_ratio: 1 });
const history = (success: boolean, count: number): EdgeWant => ({
  success,
  observed_value: count,
  details: { earlier_runs: 3, median_row_count: 3, ratio: count / 3, has_enough_history: true },
});
const ownSql = onTable({ unexpected_rows_query: 'select v from {batch} where v > 1' });
const asOther = onTable({ other_table_name: 'other' });
const counts = (success: boolean, self: unknown, other: unknown): EdgeWant =>
  observed(success, { self, other });
const sums = onColumn('integer', { aggregate: 'sum', table: 'other', other_column: 'k' });
const typed = onColumn('integer', { type_: 'INTEGER' });

/** For each expectation a passing, a failing and the extreme cases, with the exact result. */
export const EDGE_CASES: Readonly<Record<string, EdgeCases>> = {
  expect_column_to_exist: shapes(
    { column: 'v', column_index: 0 },
    { column: 'v', column_index: 1 },
    {},
    { refused: /kwargs\.column_index: expected number/ },
    { column: 'v', column_index: '0' },
  ),
  expect_table_column_count_to_be_between: shapes(
    { min_value: 2, max_value: 2 },
    { min_value: 3 },
    { observed_value: 2 },
    { refused: /kwargs\.min_value: expected number/ },
    { min_value: '2' },
  ),
  expect_table_column_count_to_equal: shapes(
    { value: 2 },
    { value: 3 },
    { observed_value: 2 },
    { refused: /kwargs\.value: .*int/ },
    { value: 2.5 },
  ),
  expect_table_columns_to_match_ordered_list: shapes(
    { column_list: ['v', 'x'] },
    { column_list: ['x', 'v'] },
    { observed_value: ['v', 'x'] },
    { refused: /kwargs\.column_list: expected array/ },
    { column_list: 'v' },
  ),
  expect_table_columns_to_match_set: shapes(
    { column_set: ['x', 'v'] },
    { column_set: ['v'] },
    { observed_value: ['v', 'x'] },
    { refused: /kwargs\.column_set\[1\]: expected string/ },
    { column_set: ['v', 2] },
  ),
  expect_table_row_count_to_be_between: {
    passing: upToTwo([1, 2], observed(true, 2)),
    failing: upToTwo([1, 2, 3], observed(false, 3)),
    'all missing': upToTwo([null, null], observed(true, 2)),
    'empty table': upToTwo([], observed(false, 0)),
    'one row': upToTwo([1], observed(true, 1)),
    'another type': upToTwo([1], { refused: /kwargs\.min_value: expected number/ }, { min_value: '1' }),
  },
  expect_table_row_count_to_equal: {
    passing: equalsTwo([1, 2], observed(true, 2)),
    failing: equalsTwo([1, 2, 3], observed(false, 3)),
    'all missing': equalsTwo([null, null], observed(true, 2)),
    'empty table': equalsTwo([], observed(false, 0)),
    'one row': equalsTwo([1], observed(false, 1)),
    'another type': equalsTwo([1], { refused: /kwargs\.value: expected number/ }, { value: '2' }),
  },
  expect_table_row_count_to_equal_other_table: {
    passing: asOther([1, 2], counts(true, 2, 2)),
    failing: asOther([1, 2, 3], counts(false, 3, 2)),
    'all missing': asOther([null, null], counts(true, 2, 2)),
    'empty table': asOther([], counts(false, 0, 2)),
    'one row': asOther([1], counts(false, 1, 2)),
    'another type': asOther(
      [1],
      { refused: /kwargs\.other_table_name: expected string/ },
      { other_table_name: 2 },
    ),
  },
  expect_table_row_count_to_match_history: {
    passing: likeHistory([1, 2, 3], history(true, 3)),
    failing: likeHistory([1, 2, 3, 4], history(false, 4)),
    'all missing': likeHistory([null, null], history(true, 2)),
    'empty table': likeHistory([], history(false, 0)),
    'one row': likeHistory([1], history(false, 1)),
    'another type': likeHistory([1], { refused: /kwargs\.min_ratio: expected number/ }, { min_ratio: '1' }),
  },
  unexpected_rows_expectation: {
    passing: ownSql([1, null], observed(true, 0)),
    failing: ownSql([1, 2, null, 3], {
      success: false,
      observed_value: 2,
      details: { unexpected_rows: [{ v: 2 }, { v: 3 }] },
    }),
    'all missing': ownSql([null, null], observed(true, 0)),
    'empty table': ownSql([], observed(true, 0)),
    'one row': ownSql([2], { success: false, observed_value: 1, details: { unexpected_rows: [{ v: 2 }] } }),
    'another type': {
      ...column('text', ['a']),
      kwargs: { unexpected_rows_query: 'select v from {batch} where sqrt(v) > 1' },
      want: because(/No function matches|sqrt/),
    },
  },
  expect_column_values_to_be_in_set: values(
    'text',
    { value_set: ['a', 'b'] },
    'a',
    'c',
    otherValue('integer', 1),
  ),
  expect_column_values_to_not_be_in_set: values('text', { value_set: ['c'] }, 'a', 'c', [
    'integer',
    1,
    judged(true, 1, 0),
  ]),
  expect_column_values_to_be_between: values('integer', { min_value: 1, max_value: 5 }, 5, 6, [
    'text',
    'a',
    because(/column "v" is TEXT: min_value 1 cannot be compared with it/),
  ]),
  expect_column_values_to_be_of_type: values('integer', { type_: 'INTEGER' }, 1, 'x', [
    'text',
    'a',
    observed(false, 'TEXT'),
  ]),
  expect_column_values_to_be_in_type_list: values('integer', { type_list: ['BIGINT', 'INTEGER'] }, 1, 'x', [
    'text',
    'a',
    observed(false, 'TEXT'),
  ]),
  expect_column_values_to_match_regex: values('text', { regex: '^a' }, 'ab', 'ba', otherValue('integer', 1)),
  expect_column_values_to_not_match_regex: values(
    'text',
    { regex: '^1' },
    'ba',
    '1b',
    otherValue('integer', 12),
  ),
  expect_column_values_to_match_regex_list: values(
    'text',
    { regex_list: ['^a', '^b'] },
    'b',
    'c',
    otherValue('integer', 1),
  ),
  expect_column_values_to_not_match_regex_list: values(
    'text',
    { regex_list: ['^a', '^1'] },
    'c',
    '1',
    otherValue('integer', 12),
  ),
  expect_column_values_to_match_like_pattern: values('text', { like_pattern: 'a%' }, 'ab', 'ba', noText),
  expect_column_values_to_not_match_like_pattern: values('text', { like_pattern: 'a%' }, 'ba', 'ab', noText),
  expect_column_values_to_match_like_pattern_list: values(
    'text',
    { like_pattern_list: ['a%', 'b%'], match_on: 'any' },
    'b',
    'c',
    noText,
  ),
  expect_column_values_to_not_match_like_pattern_list: values(
    'text',
    { like_pattern_list: ['a%', 'b%'] },
    'c',
    'b',
    noText,
  ),
  expect_column_values_to_match_strftime_format: values(
    'text',
    { strftime_format: '%Y-%m-%d' },
    '2024-02-29',
    '2023-02-29',
    noText,
  ),
  expect_column_values_to_be_dateutil_parseable: values('text', {}, 'Jan 31, 2024', 'never', noText),
  expect_column_values_to_be_json_parseable: values('text', {}, '{"a": 1}', '{a', noText),
  expect_column_values_to_match_json_schema: values(
    'text',
    { json_schema: { type: 'object' } },
    '{"a": 1}',
    '[1]',
    noText,
  ),
  expect_column_value_lengths_to_be_between: values(
    'text',
    { min_value: 2, max_value: 3 },
    'abc',
    'abcd',
    noText,
  ),
  expect_column_value_lengths_to_equal: values('text', { value: 2 }, 'ab', 'a', noText),
  expect_column_values_to_exist_in_table: values('integer', { table: 'other', other_column: 'k' }, 7, 8, [
    'text',
    'a',
    because(/^column "v" is TEXT and column "k" is INTEGER; they cannot be compared$/),
  ]),
  expect_column_values_to_not_be_null: {
    passing: isNull([1, 2], judged(true, 2, null)),
    failing: isNull(
      [null, 2, null],
      judged(false, 3, null, [
        [0, null],
        [2, null],
      ]),
    ),
    'all missing': isNull(
      [null, null],
      judged(false, 2, null, [
        [0, null],
        [1, null],
      ]),
    ),
    'empty table': isNull([], judged(true, 0, null)),
    'one row': isNull([null], judged(false, 1, null, [[0, null]])),
    'another type': isNull([1, 'x'], judged(true, 2, null)),
    'mostly, just reached': isNull([1, null, 3, 4], judged(true, 4, null, [[1, null]]), { mostly: 0.75 }),
    'mostly, just missed': isNull([1, null, 3, 4], judged(false, 4, null, [[1, null]]), { mostly: 0.7501 }),
  },
  expect_column_values_to_be_null: {
    passing: isNull([null, null], judged(true, 2, null)),
    failing: isNull([1, null], judged(false, 2, null, [[0, 1]])),
    'all missing': isNull([null], judged(true, 1, null)),
    'empty table': isNull([], judged(true, 0, null)),
    'one row': isNull([1], judged(false, 1, null, [[0, 1]])),
    'another type': isNull([null, 'x'], judged(false, 2, null, [[1, 'x']])),
    'mostly, just reached': isNull([null, null, 3, null], judged(true, 4, null, [[2, 3]]), { mostly: 0.75 }),
    'mostly, just missed': isNull([null, null, 3, null], judged(false, 4, null, [[2, 3]]), {
      mostly: 0.7501,
    }),
  },
  expect_column_values_to_be_unique: {
    passing: unique([1, 2, null, null], judged(true, 4, 2)),
    failing: unique(
      [1, 2, 1, null],
      judged(false, 4, 1, [
        [0, 1],
        [2, 1],
      ]),
    ),
    'all missing': unique([null, null], judged(true, 2, 2)),
    'empty table': unique([], judged(true, 0, 0)),
    'one row': unique([1], judged(true, 1, 0)),
    'another type': unique([1, 'x'], judged(false, 2, 0, [[1, 'x']])),
    'mostly, just reached': unique(
      [1, 1, 2, 3, null],
      judged(true, 5, 1, [
        [0, 1],
        [1, 1],
      ]),
      { mostly: 0.5 },
    ),
    'mostly, just missed': unique(
      [1, 1, 2, 3, null],
      judged(false, 5, 1, [
        [0, 1],
        [1, 1],
      ]),
      { mostly: 0.5001 },
    ),
  },
  expect_column_values_to_be_increasing: order(1),
  expect_column_values_to_be_decreasing: order(-1),
  expect_column_value_z_scores_to_be_less_than: {
    passing: zScores(far, judged(true, 6, 1), { threshold: 2 }),
    failing: zScores(far, judged(false, 6, 1, [[5, 6]])),
    'all missing': zScores([null, null], judged(true, 2, 2)),
    'empty table': zScores([], judged(true, 0, 0)),
    'one row': zScores([4], judged(true, 1, 0)),
    'another type': {
      ...onColumn('text', { threshold: 1, double_sided: true })(
        ['a'],
        because(/column "v" is TEXT; z scores need numbers/),
      ),
    },
    'mostly, just reached': zScores(far, judged(true, 6, 1, [[5, 6]]), { mostly: 0.8 }),
    'mostly, just missed': zScores(far, judged(false, 6, 1, [[5, 6]]), { mostly: 0.8001 }),
  },
  expect_column_values_to_not_be_outliers: {
    passing: outliers([1, 2, 3, null, 4], judged(true, 5, 1)),
    failing: outliers(far, judged(false, 6, 1, [[5, 6]])),
    'all missing': outliers([null, null], judged(true, 2, 2)),
    'empty table': outliers([], judged(true, 0, 0)),
    'one row': outliers([4], judged(true, 1, 0)),
    'another type': {
      ...onColumn('text', { method: 'iqr', multiplier: 1.5 })(
        ['a'],
        because(/column "v" is TEXT; outliers need numbers/),
      ),
    },
    'mostly, just reached': outliers(far, judged(true, 6, 1, [[5, 6]]), { mostly: 0.8 }),
    'mostly, just missed': outliers(far, judged(false, 6, 1, [[5, 6]]), { mostly: 0.8001 }),
  },
  expect_column_min_to_be_between: figures(1, null, 4, sameTypeOnly),
  expect_column_max_to_be_between: figures(3, null, 4, sameTypeOnly),
  expect_column_mean_to_be_between: figures(2, null, 4, numbersOnly),
  expect_column_median_to_be_between: figures(2, null, 4, numbersOnly),
  expect_column_stdev_to_be_between: figures(0.816496580927726, null, null, numbersOnly),
  expect_column_sum_to_be_between: figures(8, 0, 4, numbersOnly),
  expect_column_unique_value_count_to_be_between: figures(3, 0, 1, ofText(2)),
  expect_column_proportion_of_unique_values_to_be_between: figures(0.75, 0, 1, ofText(2 / 3)),
  expect_column_proportion_of_non_null_values_to_be_between: figures(1, 0, 1, ofText(0.75)),
  expect_column_max_to_be_recent: {
    passing: recent(['2024-01-01T00:00:00Z', null], { success: true }),
    failing: recent(['2023-12-31T23:59:59Z'], { success: false }),
    'all missing': recent([null, null], { success: false, observed_value: null }),
    'empty table': recent([], { success: false, observed_value: null }),
    'one row': recent(['2024-01-02T00:00:00Z'], { success: true }),
    'another type': onColumn('integer', { max_age_hours: 24 })(
      [1],
      because(/column "v" is INTEGER; freshness needs dates/),
    ),
  },
  expect_column_type_to_be: {
    passing: typed([1, null], { ...judged(true, 2, 1), observed_value: 'INTEGER' }),
    failing: typed([1, 'x'], { ...judged(false, 2, 0, [[1, 'x']]), observed_value: 'INTEGER' }),
    'all missing': typed([null], { ...judged(true, 1, 1), observed_value: 'INTEGER' }),
    'empty table': typed([], { ...judged(true, 0, 0), observed_value: 'INTEGER' }),
    'one row': typed(['x'], { ...judged(false, 1, 0, [[0, 'x']]), observed_value: 'INTEGER' }),
    'another type': onColumn('text', { type_: 'INTEGER' })(['a'], observed(false, 'TEXT')),
  },
  expect_column_distinct_values_to_be_in_set: {
    passing: distinct('integer', [1, 2, 1, null], [1, 2, 3], {
      success: true,
      unexpected_count: 0,
      partial_unexpected_list: [],
    }),
    failing: distinct('integer', [1, 5, 4, 5], [1], {
      success: false,
      unexpected_count: 2,
      partial_unexpected_list: [4, 5],
    }),
    'all missing': distinct('integer', [null, null], [1], { success: true, unexpected_count: 0 }),
    'empty table': distinct('integer', [], [1], { success: true, unexpected_count: 0 }),
    'one row': distinct('integer', [2], [1], {
      success: false,
      unexpected_count: 1,
      partial_unexpected_list: [2],
    }),
    'another type': distinct('text', ['a'], [1], {
      success: false,
      unexpected_count: 1,
      partial_unexpected_list: ['a'],
    }),
  },
  expect_column_distinct_values_to_contain_set: {
    passing: distinct('integer', [1, 2, 3, null], [2, 1], {
      success: true,
      missing_count: 0,
      partial_missing_list: [],
    }),
    failing: distinct('integer', [1, null], [3, 1, 2], {
      success: false,
      missing_count: 2,
      partial_missing_list: [2, 3],
    }),
    'all missing': distinct('integer', [null, null], [1], {
      success: false,
      missing_count: 1,
      partial_missing_list: [1],
    }),
    'empty table': distinct('integer', [], [1], {
      success: false,
      missing_count: 1,
      partial_missing_list: [1],
    }),
    'one row': distinct('integer', [1], [1], { success: true, missing_count: 0 }),
    'another type': distinct('text', ['1'], [1], {
      success: false,
      missing_count: 1,
      partial_missing_list: [1],
    }),
  },
  expect_column_distinct_values_to_equal_set: {
    passing: distinct('integer', [1, 2, 1, null], [2, 1], {
      success: true,
      unexpected_count: 0,
      missing_count: 0,
    }),
    failing: distinct('integer', [1, 3], [1, 2], {
      success: false,
      unexpected_count: 1,
      missing_count: 1,
      partial_unexpected_list: [3],
      partial_missing_list: [2],
    }),
    'all missing': distinct('integer', [null], [1], {
      success: false,
      unexpected_count: 0,
      missing_count: 1,
    }),
    'empty table': distinct('integer', [], [1], { success: false, unexpected_count: 0, missing_count: 1 }),
    'one row': distinct('integer', [1], [1], { success: true, unexpected_count: 0, missing_count: 0 }),
    'another type': distinct('text', ['1'], [1], { success: false, unexpected_count: 1, missing_count: 1 }),
  },
  expect_column_most_common_value_to_be_in_set: {
    passing: common(['a', 'a', 'b', null, null, null], observed(true, ['a'])),
    failing: common(['a', 'b', 'b'], observed(false, ['b'])),
    'all missing': common([null, null], observed(false, [])),
    'empty table': common([], observed(false, [])),
    'one row': common(['a'], observed(true, ['a'])),
    'another type': onColumn('integer', { value_set: ['a'] })([1], observed(false, [1])),
  },
  expect_column_quantile_values_to_be_between: {
    passing: quantiles([3, 1, null, 4, 2], quantileWant(true, [1, 3, 4], [true, true, true])),
    failing: quantiles([5, 1, 4], quantileWant(false, [1, 4, 5], [true, false, false])),
    'all missing': quantiles([null, null], quantileWant(false, [null, null, null], [false, false, false])),
    'empty table': quantiles([], quantileWant(false, [null, null, null], [false, false, false])),
    'one row': quantiles([1], quantileWant(false, [1, 1, 1], [true, false, true])),
    'another type': onColumn('text', { quantile_ranges: { quantiles: [0.5], value_ranges: [[0, 1]] } })(
      ['a'],
      because(/column "v" is TEXT; quantiles need numbers/),
    ),
  },
  expect_column_kl_divergence_to_be_less_than: {
    passing: divergence(['a', 'b', null], observed(true, 0)),
    failing: divergence(['a', 'a', 'a', 'b'], observed(false, 0.13081203594113697)),
    'all missing': divergence([null, null], observed(false, null)),
    'empty table': divergence([], observed(false, null)),
    'one row': divergence(['a'], observed(false, Math.LN2)),
    'another type': onColumn('text', { threshold: 1, partition_object: { bins: [0, 1], weights: [1] } })(
      ['a'],
      because(/column "v" is TEXT; bins need numbers/),
    ),
  },
  expect_column_pair_values_to_be_equal: pairs(
    AB,
    [1, 1],
    [1, 2],
    asPair,
    onPairs(AB, mixed)([[1, 'a']], judged(false, 1, 0, [[0, [1, 'a']]])),
  ),
  expect_column_pair_values_a_to_be_greater_than_b: pairs(
    AB,
    [2, 1],
    [1, 1],
    asPair,
    onPairs(AB, mixed)(
      [[1, 'a']],
      because(/^column "a" is INTEGER and column "b" is TEXT; they cannot be compared$/),
    ),
  ),
  expect_column_pair_values_to_be_in_set: pairs(
    { ...AB, value_pairs_set: [[1, 2]] },
    [1, 2],
    [2, 1],
    asPair,
    onPairs({ ...AB, value_pairs_set: [[1, 2]] }, mixed)([[1, 'a']], judged(false, 1, 0, [[0, [1, 'a']]])),
  ),
  expect_multicolumn_sum_to_equal: pairs(
    { ...LIST, sum_total: 3 },
    [1, 2],
    [2, 2],
    asRecord,
    onPairs({ ...LIST, sum_total: 3 }, mixed)([[1, 'a']], because(/column "b" is TEXT; a sum needs numbers/)),
  ),
  expect_multicolumn_values_to_be_equal: pairs(
    LIST,
    [1, 1],
    [1, 2],
    asRecord,
    onPairs(LIST, mixed)([[1, 'a']], judged(false, 1, 0, [[0, { a: 1, b: 'a' }]])),
  ),
  expect_select_column_values_to_be_unique_within_record: pairs(
    LIST,
    [1, 2],
    [1, 1],
    asRecord,
    onPairs(LIST, mixed)([[1, 'a']], judged(true, 1, 0)),
  ),
  expect_compound_columns_to_be_unique: {
    passing: onPairs(LIST)(
      [
        [1, 1],
        [1, 2],
        [null, null],
        [null, null],
      ],
      judged(true, 4, 2),
    ),
    failing: onPairs(LIST)(
      [
        [1, 1],
        [1, 2],
        [1, 1],
      ],
      judged(false, 3, 0, [
        [0, { a: 1, b: 1 }],
        [2, { a: 1, b: 1 }],
      ]),
    ),
    'all missing': onPairs(LIST)(
      [
        [null, null],
        [null, null],
      ],
      judged(true, 2, 2),
    ),
    'empty table': onPairs(LIST)([], judged(true, 0, 0)),
    'one row': onPairs(LIST)([[1, 1]], judged(true, 1, 0)),
    'another type': onPairs(LIST, mixed)(
      [
        [1, 'a'],
        [1, 'a'],
      ],
      judged(false, 2, 0, [
        [0, { a: 1, b: 'a' }],
        [1, { a: 1, b: 'a' }],
      ]),
    ),
    'mostly, just reached': onPairs(LIST)(
      [
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 1],
        [null, null],
      ],
      judged(true, 5, 1, [
        [0, { a: 1, b: 1 }],
        [3, { a: 1, b: 1 }],
      ]),
      { mostly: 0.5 },
    ),
    'mostly, just missed': onPairs(LIST)(
      [
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 1],
        [null, null],
      ],
      judged(false, 5, 1, [
        [0, { a: 1, b: 1 }],
        [3, { a: 1, b: 1 }],
      ]),
      { mostly: 0.5001 },
    ),
  },
  expect_aggregate_to_equal_aggregate: {
    passing: sums([10, 6, null], counts(true, 16, 16)),
    failing: sums([10, 5], counts(false, 15, 16)),
    'all missing': sums([null, null], counts(false, null, 16)),
    'empty table': sums([], counts(false, null, 16)),
    'one row': sums([16], counts(true, 16, 16)),
    'another type': onColumn('text', { aggregate: 'sum', table: 'other', other_column: 'k' })(
      ['a'],
      because(/column "v" is TEXT; sum needs numbers/),
    ),
  },
};
