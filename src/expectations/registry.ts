import { expectColumnMaxToBeBetween } from './column/expect-column-max-to-be-between.ts';
import { expectColumnMeanToBeBetween } from './column/expect-column-mean-to-be-between.ts';
import { expectColumnMedianToBeBetween } from './column/expect-column-median-to-be-between.ts';
import { expectColumnMinToBeBetween } from './column/expect-column-min-to-be-between.ts';
import { expectColumnStdevToBeBetween } from './column/expect-column-stdev-to-be-between.ts';
import { expectColumnSumToBeBetween } from './column/expect-column-sum-to-be-between.ts';
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
import { expectColumnToExist } from './table/expect-column-to-exist.ts';
import { expectTableColumnCountToBeBetween } from './table/expect-table-column-count-to-be-between.ts';
import { expectTableColumnCountToEqual } from './table/expect-table-column-count-to-equal.ts';
import { expectTableColumnsToMatchOrderedList } from './table/expect-table-columns-to-match-ordered-list.ts';
import { expectTableColumnsToMatchSet } from './table/expect-table-columns-to-match-set.ts';
import { expectTableRowCountToBeBetween } from './table/expect-table-row-count-to-be-between.ts';
import { expectTableRowCountToEqual } from './table/expect-table-row-count-to-equal.ts';
import { unexpectedRowsExpectation } from './table/unexpected-rows-expectation.ts';
import { expectColumnValueLengthsToBeBetween } from './values/expect-column-value-lengths-to-be-between.ts';
import { expectColumnValueLengthsToEqual } from './values/expect-column-value-lengths-to-equal.ts';
import { expectColumnValuesToBeBetween } from './values/expect-column-values-to-be-between.ts';
import { expectColumnValuesToBeInSet } from './values/expect-column-values-to-be-in-set.ts';
import { expectColumnValuesToBeInTypeList } from './values/expect-column-values-to-be-in-type-list.ts';
import { expectColumnValuesToBeNull } from './values/expect-column-values-to-be-null.ts';
import { expectColumnValuesToBeOfType } from './values/expect-column-values-to-be-of-type.ts';
import { expectColumnValuesToBeUnique } from './values/expect-column-values-to-be-unique.ts';
import { expectColumnValuesToMatchRegex } from './values/expect-column-values-to-match-regex.ts';
import { expectColumnValuesToNotBeInSet } from './values/expect-column-values-to-not-be-in-set.ts';
import { expectColumnValuesToNotBeNull } from './values/expect-column-values-to-not-be-null.ts';
import { expectColumnValuesToNotMatchRegex } from './values/expect-column-values-to-not-match-regex.ts';

/** Every expectation that a suite may use: to add one, write its file and put it here. */
export const EXPECTATIONS: readonly Expectation[] = [
  expectTableRowCountToBeBetween,
  expectTableRowCountToEqual,
  expectTableRowCountToEqualOtherTable,
  expectTableColumnCountToBeBetween,
  expectTableColumnCountToEqual,
  expectTableColumnsToMatchOrderedList,
  expectTableColumnsToMatchSet,
  expectColumnToExist,
  unexpectedRowsExpectation,
  expectColumnValuesToNotBeNull,
  expectColumnValuesToBeNull,
  expectColumnValuesToBeUnique,
  expectColumnValuesToBeInSet,
  expectColumnValuesToNotBeInSet,
  expectColumnValuesToBeBetween,
  expectColumnValuesToBeOfType,
  expectColumnValuesToBeInTypeList,
  expectColumnValuesToMatchRegex,
  expectColumnValuesToNotMatchRegex,
  expectColumnValueLengthsToBeBetween,
  expectColumnValueLengthsToEqual,
  expectColumnMinToBeBetween,
  expectColumnMaxToBeBetween,
  expectColumnMeanToBeBetween,
  expectColumnMedianToBeBetween,
  expectColumnStdevToBeBetween,
  expectColumnSumToBeBetween,
  expectColumnUniqueValueCountToBeBetween,
  expectColumnPairValuesToBeEqual,
  expectColumnPairValuesAToBeGreaterThanB,
  expectColumnPairValuesToBeInSet,
  expectCompoundColumnsToBeUnique,
  expectMulticolumnSumToEqual,
  expectColumnValuesToExistInTable,
  expectAggregateToEqualAggregate,
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
