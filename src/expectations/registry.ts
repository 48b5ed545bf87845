import { expectColumnDistinctValuesToBeInSet } from './column/expect-column-distinct-values-to-be-in-set.ts';
import { expectColumnDistinctValuesToContainSet } from './column/expect-column-distinct-values-to-contain-set.ts';
import { expectColumnDistinctValuesToEqualSet } from './column/expect-column-distinct-values-to-equal-set.ts';
import { expectColumnKlDivergenceToBeLessThan } from './column/expect-column-kl-divergence-to-be-less-than.ts';
import { expectColumnMaxToBeBetween } from './column/expect-column-max-to-be-between.ts';
import { expectColumnMaxToBeRecent } from './column/expect-column-max-to-be-recent.ts';
import { expectColumnMeanToBeBetween } from './column/expect-column-mean-to-be-between.ts';
import { expectColumnMedianToBeBetween } from './column/expect-column-median-to-be-between.ts';
import { expectColumnMinToBeBetween } from './column/expect-column-min-to-be-between.ts';
import { expectColumnMostCommonValueToBeInSet } from './column/expect-column-most-common-value-to-be-in-set.ts';
import { expectColumnProportionOfNonNullValuesToBeBetween } from './column/expect-column-proportion-of-non-null-values-to-be-between.ts';
import { expectColumnProportionOfUniqueValuesToBeBetween } from './column/expect-column-proportion-of-unique-values-to-be-between.ts';
import { expectColumnQuantileValuesToBeBetween } from './column/expect-column-quantile-values-to-be-between.ts';
import { expectColumnStdevToBeBetween } from './column/expect-column-stdev-to-be-between.ts';
import { expectColumnSumToBeBetween } from './column/expect-column-sum-to-be-between.ts';
import { expectColumnTypeToBe } from './column/expect-column-type-to-be.ts';
import { expectColumnUniqueValueCountToBeBetween } from './column/expect-column-unique-value-count-to-be-between.ts';
import { expectAggregateToEqualAggregate } from './cross-table/expect-aggregate-to-equal-aggregate.ts';
import { expectColumnValuesToExistInTable } from './cross-table/expect-column-values-to-exist-in-table.ts';
import { expectTableRowCountToEqualOtherTable } from './cross-table/expect-table-row-count-to-equal-other-table.ts';
import type { Expectation } from './expectation.ts';
import { expectColumnPairValuesAToBeGreaterThanB } from './pairs/expect-column-pair-values-a-to-be-greater-than-b.ts';
import { expectColumnPairValuesToBeEqual } from './pairs/expect-column-pair-values-to-be-equal.ts';
import { expectColumnPairValuesToBeInSet } from './pairs/expect-column-pair-values-to-be-in-set.ts';
import { expectCompoundColumnsToBeUnique } from './records/expect-compound-columns-to-be-unique.ts';
import { expectMulticolumnSumToEqual } from './records/expect-multicolumn-sum-to-equal.ts';
import { expectMulticolumnValuesToBeEqual } from './records/expect-multicolumn-values-to-be-equal.ts';
import { expectSelectColumnValuesToBeUniqueWithinRecord } from './records/expect-select-column-values-to-be-unique-within-record.ts';
import { expectColumnToExist } from './table/expect-column-to-exist.ts';
import { expectTableColumnCountToBeBetween } from './table/expect-table-column-count-to-be-between.ts';
import { expectTableColumnCountToEqual } from './table/expect-table-column-count-to-equal.ts';
import { expectTableColumnsToMatchOrderedList } from './table/expect-table-columns-to-match-ordered-list.ts';
import { expectTableColumnsToMatchSet } from './table/expect-table-columns-to-match-set.ts';
import { expectTableRowCountToBeBetween } from './table/expect-table-row-count-to-be-between.ts';
import { expectTableRowCountToEqual } from './table/expect-table-row-count-to-equal.ts';
import { expectTableRowCountToMatchHistory } from './table/expect-table-row-count-to-match-history.ts';
import { unexpectedRowsExpectation } from './table/unexpected-rows-expectation.ts';
import { expectColumnValueLengthsToBeBetween } from './values/expect-column-value-lengths-to-be-between.ts';
import { expectColumnValueLengthsToEqual } from './values/expect-column-value-lengths-to-equal.ts';
import { expectColumnValueZScoresToBeLessThan } from './values/expect-column-value-z-scores-to-be-less-than.ts';
import { expectColumnValuesToBeBetween } from './values/expect-column-values-to-be-between.ts';
import { expectColumnValuesToBeDateutilParseable } from './values/expect-column-values-to-be-dateutil-parseable.ts';
import { expectColumnValuesToBeDecreasing } from './values/expect-column-values-to-be-decreasing.ts';
import { expectColumnValuesToBeInSet } from './values/expect-column-values-to-be-in-set.ts';
import { expectColumnValuesToBeInTypeList } from './values/expect-column-values-to-be-in-type-list.ts';
import { expectColumnValuesToBeIncreasing } from './values/expect-column-values-to-be-increasing.ts';
import { expectColumnValuesToBeJsonParseable } from './values/expect-column-values-to-be-json-parseable.ts';
import { expectColumnValuesToBeNull } from './values/expect-column-values-to-be-null.ts';
import { expectColumnValuesToBeOfType } from './values/expect-column-values-to-be-of-type.ts';
import { expectColumnValuesToBeUnique } from './values/expect-column-values-to-be-unique.ts';
import { expectColumnValuesToMatchJsonSchema } from './values/expect-column-values-to-match-json-schema.ts';
import { expectColumnValuesToMatchLikePattern } from './values/expect-column-values-to-match-like-pattern.ts';
import { expectColumnValuesToMatchLikePatternList } from './values/expect-column-values-to-match-like-pattern-list.ts';
import { expectColumnValuesToMatchRegex } from './values/expect-column-values-to-match-regex.ts';
import { expectColumnValuesToMatchRegexList } from './values/expect-column-values-to-match-regex-list.ts';
import { expectColumnValuesToMatchStrftimeFormat } from './values/expect-column-values-to-match-strftime-format.ts';
import { expectColumnValuesToNotBeInSet } from './values/expect-column-values-to-not-be-in-set.ts';
import { expectColumnValuesToNotBeNull } from './values/expect-column-values-to-not-be-null.ts';
import { expectColumnValuesToNotBeOutliers } from './values/expect-column-values-to-not-be-outliers.ts';
import { expectColumnValuesToNotMatchLikePattern } from './values/expect-column-values-to-not-match-like-pattern.ts';
import { expectColumnValuesToNotMatchLikePatternList } from './values/expect-column-values-to-not-match-like-pattern-list.ts';
import { expectColumnValuesToNotMatchRegex } from './values/expect-column-values-to-not-match-regex.ts';
import { expectColumnValuesToNotMatchRegexList } from './values/expect-column-values-to-not-match-regex-list.ts';

/** Every expectation that a suite may use: to add one, write its file and put it here. */
export const EXPECTATIONS: readonly Expectation[] = [
  expectColumnToExist,
  expectTableColumnCountToBeBetween,
  expectTableColumnCountToEqual,
  expectTableColumnsToMatchOrderedList,
  expectTableColumnsToMatchSet,
  expectTableRowCountToBeBetween,
  expectTableRowCountToEqual,
  expectTableRowCountToMatchHistory,
  unexpectedRowsExpectation,
  expectColumnValueLengthsToBeBetween,
  expectColumnValueLengthsToEqual,
  expectColumnValueZScoresToBeLessThan,
  expectColumnValuesToBeBetween,
  expectColumnValuesToBeDateutilParseable,
  expectColumnValuesToBeDecreasing,
  expectColumnValuesToBeInSet,
  expectColumnValuesToBeInTypeList,
  expectColumnValuesToBeIncreasing,
  expectColumnValuesToBeJsonParseable,
  expectColumnValuesToBeNull,
  expectColumnValuesToBeOfType,
  expectColumnValuesToBeUnique,
  expectColumnValuesToMatchJsonSchema,
  expectColumnValuesToMatchLikePatternList,
  expectColumnValuesToMatchLikePattern,
  expectColumnValuesToMatchRegexList,
  expectColumnValuesToMatchRegex,
  expectColumnValuesToMatchStrftimeFormat,
  expectColumnValuesToNotBeInSet,
  expectColumnValuesToNotBeNull,
  expectColumnValuesToNotBeOutliers,
  expectColumnValuesToNotMatchLikePatternList,
  expectColumnValuesToNotMatchLikePattern,
  expectColumnValuesToNotMatchRegexList,
  expectColumnValuesToNotMatchRegex,
  expectColumnDistinctValuesToBeInSet,
  expectColumnDistinctValuesToContainSet,
  expectColumnDistinctValuesToEqualSet,
  expectColumnKlDivergenceToBeLessThan,
  expectColumnMaxToBeBetween,
  expectColumnMaxToBeRecent,
  expectColumnMeanToBeBetween,
  expectColumnMedianToBeBetween,
  expectColumnMinToBeBetween,
  expectColumnMostCommonValueToBeInSet,
  expectColumnProportionOfNonNullValuesToBeBetween,
  expectColumnProportionOfUniqueValuesToBeBetween,
  expectColumnQuantileValuesToBeBetween,
  expectColumnStdevToBeBetween,
  expectColumnSumToBeBetween,
  expectColumnTypeToBe,
  expectColumnUniqueValueCountToBeBetween,
  expectColumnPairValuesAToBeGreaterThanB,
  expectColumnPairValuesToBeEqual,
  expectColumnPairValuesToBeInSet,
  expectCompoundColumnsToBeUnique,
  expectMulticolumnSumToEqual,
  expectMulticolumnValuesToBeEqual,
  expectSelectColumnValuesToBeUniqueWithinRecord,
  expectAggregateToEqualAggregate,
  expectColumnValuesToExistInTable,
  expectTableRowCountToEqualOtherTable,
];

const BY_TYPE = new Map(EXPECTATIONS.map((expectation) => [expectation.type, expectation]));

/** The expectation of a type; undefined when there is none. */
export function findExpectation(type: string): Expectation | undefined {
  return BY_TYPE.get(type);
}

/** All types, in the order of the documentation. */
export function expectationTypes(): string[] {
  return [...BY_TYPE.keys()];
}
