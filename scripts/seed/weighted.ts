import type { Random } from './random.ts';

/** Draws an index, each with a probability in proportion to its weight. */
export type WeightedDraw = (random: Random) => number;

/** Builds a draw over `weights` (positive numbers, at least one). Costs one 8-byte number a weight. */
export function createWeightedDraw(weights: ArrayLike<number>): WeightedDraw {
  const upTo = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!;
    upTo[i] = sum;
  }
  return (random) => {
    const target = random.float() * sum;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (upTo[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/**
 * Zipf-Mandelbrot weights of `count` ranks: 1 / (rank + shift)^exponent. Only exponents that square roots can express
 * are offered, because a square root is exact on every machine and `Math.pow` is not.
 */
export function zipfWeights(count: number, shift: number, exponent: 0.75 | 1): Float64Array {
  const weights = new Float64Array(count);
  for (let rank = 0; rank < count; rank++) {
    const base = rank + 1 + shift;
    weights[rank] = 1 / (exponent === 1 ? base : Math.sqrt(base) * Math.sqrt(Math.sqrt(base)));
  }
  return weights;
}

/** Cuts `total` into whole parts in proportion to `weights`; the parts add up to `total` exactly. */
export function spreadTotal(total: number, weights: ArrayLike<number>): number[] {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]!;
  const parts: number[] = [];
  let weightSoFar = 0;
  let given = 0;
  for (let i = 0; i < weights.length; i++) {
    weightSoFar += weights[i]!;
    const target = i === weights.length - 1 ? total : Math.round((weightSoFar / sum) * total);
    parts.push(target - given);
    given = target;
  }
  return parts;
}
