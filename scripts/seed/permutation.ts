import type { Random } from './random.ts';

const ROUNDS = 4;

/**
 * Returns a one-to-one map of [0, count) onto itself that looks random and needs no memory: a Feistel network over the
 * next power of four, walked until the result falls below `count`. `count` is at most 2^30.
 */
export function createPermutation(random: Random, count: number): (index: number) => number {
  const keys = Array.from({ length: ROUNDS }, () => random.uint32());
  const halfBits = Math.max(1, Math.ceil((32 - Math.clz32(count - 1)) / 2));
  const mask = (1 << halfBits) - 1;

  const step = (value: number): number => {
    let left = value >>> halfBits;
    let right = value & mask;
    for (const key of keys) {
      const next = left ^ (scramble(right ^ key) & mask);
      left = right;
      right = next;
    }
    return (left << halfBits) | right;
  };
  return (index) => {
    let value = step(index);
    while (value >= count) value = step(value);
    return value;
  };
}

function scramble(value: number): number {
  const mixed = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) >>> 15;
}
