import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import type { Answer, Outcome, Request } from '../check.ts';
import { isNumeric } from '../column-type.ts';
import { column, countOf, openScope, query, type Scope, scan, textOf } from '../context.ts';
import { defineExpectation } from '../expectation.ts';
import { aggregateKwargs, scalar } from '../kwargs.ts';
import { MASK, resultValue } from '../result-value.ts';
import { domainOf } from '../row-condition/compile-condition.ts';
import type { ColumnRef } from '../sql/column-ref.ts';
import { allOf, not } from '../sql/logic.ts';
import { expectedBinWeights, expectedValueWeights, klDivergence } from './kl-divergence.ts';

const weights = z.array(z.number().min(0)).min(1);
const values = z
  .strictObject({ values: z.array(scalar), weights })
  .refine((partition) => partition.values.length === partition.weights.length, {
    error: 'one weight for each value',
  });
const bins = z
  .strictObject({
    bins: z.array(z.number()),
    weights,
    tail_weights: z.tuple([z.number(), z.number()]).optional(),
  })
  .refine((partition) => partition.bins.length === partition.weights.length + 1, {
    error: 'one bin edge more than weights',
  });
/** Beyond this many different values a column is no categorical one. */
const MAX_VALUES = 10_000;

/** The distribution of the values is near to an expected one. */
export const expectColumnKlDivergenceToBeLessThan = defineExpectation({
  type: 'expect_column_kl_divergence_to_be_less_than',
  summary:
    'The Kullback-Leibler divergence of the values from `partition_object` ({values, weights} or {bins, weights, ' +
    'tail_weights}) is at most `threshold`; weight holdouts stand in for what the partition lacks.',
  kwargs: z.strictObject({
    ...aggregateKwargs,
    partition_object: z.union([values, bins]),
    threshold: z.number().min(0).nullish(),
    tail_weight_holdout: z.number().min(0).max(1).nullish(),
    internal_weight_holdout: z.number().min(0).max(1).nullish(),
    bucketize_data: z.boolean().default(true),
    min_value: z.null().optional(),
    max_value: z.null().optional(),
  }),
  *check(kwargs, session) {
    const scope = openScope(session);
    const subject = column(scope, kwargs.column);
    const judged = allOf(domainOf(scope, kwargs), not(subject.isMissing))!;
    const [tail, internal] = [kwargs.tail_weight_holdout ?? 0, kwargs.internal_weight_holdout ?? 0];
    const partition = kwargs.partition_object;
    if ('bins' in partition && !kwargs.bucketize_data) {
      throw new CannotCheck('a partition of bins needs bucketize_data');
    }
    if ('values' in partition && internal > 0)
      throw new CannotCheck('internal_weight_holdout needs a partition of bins');
    const compared =
      'bins' in partition
        ? yield* compareBins(scope, subject, judged, partition, internal, tail)
        : yield* compareValues(scope, subject, judged, partition, tail);
    const success = isWithin(compared.divergence, kwargs.threshold);
    if (session.evidence.format === 'BOOLEAN_ONLY') return { success, result: {} };
    const observed = Number.isFinite(compared.divergence) ? compared.divergence : null;
    return { success, result: { observed_value: observed, details: compared.details } } satisfies Outcome;
  },
});

interface Compared {
  readonly divergence: number;
  readonly details: Record<string, unknown>;
}

function isWithin(divergence: number, threshold: number | null | undefined): boolean {
  return threshold === null || threshold === undefined || divergence <= threshold;
}

function* compareValues(
  scope: Scope,
  subject: ColumnRef,
  judged: string,
  partition: { readonly values: readonly unknown[]; readonly weights: readonly number[] },
  tail: number,
): Generator<Request, Compared, Answer> {
  const rows = yield* query(
    scope,
    (from) =>
      `select ${subject.text}, count(*) from ${from} where ${judged} group by 1 order by 1 limit ${MAX_VALUES + 1}`,
  );
  if (rows.length > MAX_VALUES)
    throw new CannotCheck(`column "${subject.name}" has more than ${MAX_VALUES} different values`);
  const total = rows.reduce((sum, [, count]) => sum + countOf(count), 0);
  const weight = new Map<string, { observed: number; expected: number | null }>();
  partition.values.forEach((value, index) => {
    weight.set(JSON.stringify(value), { observed: 0, expected: partition.weights[index]! });
  });
  for (const [text, count] of rows) {
    const key = JSON.stringify(resultValue(textOf(text), subject.type));
    weight.set(key, { observed: countOf(count) / total, expected: weight.get(key)?.expected ?? null });
  }
  const observed = [...weight.values()].map((entry) => entry.observed);
  const expected = expectedValueWeights(
    [...weight.values()].map((entry) => entry.expected),
    tail,
  );
  const names = [...weight.keys()].map((key) => (subject.isMasked ? MASK : (JSON.parse(key) as unknown)));
  return {
    divergence: klDivergence(observed, expected),
    details: {
      observed_partition: { values: names, weights: observed },
      expected_partition: { values: names, weights: expected },
    },
  };
}

function* compareBins(
  scope: Scope,
  subject: ColumnRef,
  judged: string,
  partition: {
    readonly bins: readonly number[];
    readonly weights: readonly number[];
    readonly tail_weights?: readonly [number, number];
  },
  internal: number,
  tail: number,
): Generator<Request, Compared, Answer> {
  if (!isNumeric(subject.type))
    throw new CannotCheck(`column "${subject.name}" is ${subject.type.declared}; bins need numbers`);
  if (tail > 0 && partition.tail_weights !== undefined) {
    throw new CannotCheck('tail_weight_holdout must be 0 when the partition has tail_weights');
  }
  const { dialect } = scope;
  const edges = partition.bins.map((edge) => dialect.number(edge));
  const isIn = (index: number) =>
    `${subject.value} >= ${edges[index]} and ${subject.value} ${index === edges.length - 2 ? '<=' : '<'} ${edges[index + 1]}`;
  const counts = yield* scan(scope, [
    dialect.countIf(judged),
    dialect.countIf(allOf(judged, `${subject.value} < ${edges[0]}`)),
    ...partition.weights.map((_, index) => dialect.countIf(allOf(judged, isIn(index)))),
    dialect.countIf(allOf(judged, `${subject.value} > ${edges.at(-1)}`)),
  ]);
  const [total, ...parts] = counts.map((cell) => countOf(cell));
  const observed = parts.map((count) => count / total!);
  const tails = partition.tail_weights ?? [tail / 2, tail / 2];
  const inner = expectedBinWeights(partition.weights, internal, tail);
  const shown = { bins: partition.bins };
  return {
    divergence: klDivergence(observed, [tails[0], ...inner, tails[1]]),
    details: {
      observed_partition: {
        ...shown,
        weights: observed.slice(1, -1),
        tail_weights: [observed[0], observed.at(-1)],
      },
      expected_partition: { ...shown, weights: inner, tail_weights: tails },
    },
  };
}
