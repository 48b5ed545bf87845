import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { scalar } from '../kwargs.ts';
import type { ColumnRef } from '../sql/column-ref.ts';
import type { Dialect } from '../sql/dialect.ts';
import { literalFor } from '../sql/literal.ts';
import { checkPairs } from './check-pairs.ts';
import { pairKwargs } from './pair-kwargs.ts';

/** The two values of each row are one of a set of pairs. */
export const expectColumnPairValuesToBeInSet = defineExpectation({
  type: 'expect_column_pair_values_to_be_in_set',
  summary:
    'In each row (`column_A`, `column_B`) is one of `value_pairs_set`, in which null stands for a missing value.',
  kwargs: z.strictObject({ ...pairKwargs, value_pairs_set: z.array(z.tuple([scalar, scalar])) }),
  check: (kwargs, session) =>
    checkPairs(session, kwargs, (a, b, scope) => {
      const pairs = kwargs.value_pairs_set.map(
        ([left, right]) => `(${isValue(a, left, scope.dialect)} and ${isValue(b, right, scope.dialect)})`,
      );
      return pairs.length === 0 ? 'false' : pairs.join(' or ');
    }),
});

function isValue(subject: ColumnRef, value: unknown, dialect: Dialect): string {
  if (value === null) return subject.isMissing;
  const literal = literalFor(subject, value, dialect);
  return literal === null ? 'false' : `coalesce(${subject.value} = ${literal}, false)`;
}
