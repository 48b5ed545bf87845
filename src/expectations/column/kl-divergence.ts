/** Kullback-Leibler divergence of observed from expected weights, each scaled to sum to 1; infinite or NaN as it comes. */
export function klDivergence(observed: readonly number[], expected: readonly number[]): number {
  const [observedSum, expectedSum] = [sum(observed), sum(expected)];
  return sum(
    observed.map((weight, index) => {
      const [p, q] = [weight / observedSum, expected[index]! / expectedSum];
      if (p === 0) return 0;
      return q === 0 ? Number.POSITIVE_INFINITY : p * Math.log(p / q);
    }),
  );
}

/** Expected weights of values: those that occur without being expected share `holdout`, the others are scaled down. */
export function expectedValueWeights(expected: readonly (number | null)[], holdout: number): number[] {
  const unexpected = expected.filter((weight) => weight === null).length;
  if (unexpected === 0) return expected.map((weight) => weight ?? 0);
  return expected.map((weight) => (weight === null ? holdout / unexpected : weight * (1 - holdout)));
}

/** Expected weights of bins: empty ones share `internalHoldout`, all others are scaled down for both holdouts. */
export function expectedBinWeights(
  weights: readonly number[],
  internalHoldout: number,
  tailHoldout: number,
): number[] {
  const scaled = weights.map((weight) => weight * (1 - tailHoldout - internalHoldout));
  const empty = scaled.filter((weight) => weight === 0).length;
  if (internalHoldout === 0 || empty === 0) return scaled;
  return scaled.map((weight) => (weight === 0 ? internalHoldout / empty : weight));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
