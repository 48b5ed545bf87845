/** Lower and upper bound for numbers between `min` and `max`, round and with room for what is normal, and why. */
export interface RoundBounds {
  readonly min_value: number;
  readonly max_value: number;
  readonly reason: string;
}

/** 0 where nothing is negative, a share from 0 to 1, else the next of 1, 2, 5 times a power of ten beyond half as much again. */
export function roundBounds(min: number, max: number, isWhole: boolean): RoundBounds {
  const seen = `seen: ${min} to ${max}`;
  if (!isWhole && min >= 0 && max <= 1)
    return { min_value: 0, max_value: 1, reason: `It looks like a share; ${seen}.` };
  const max_value = max <= 0 ? 0 : roundUp(max * 1.5);
  if (min >= 1 && isWhole) return { min_value: 1, max_value, reason: `A whole number from 1 on; ${seen}.` };
  if (min >= 0) return { min_value: 0, max_value, reason: `Never negative; ${seen}.` };
  return {
    min_value: -roundUp(-min * 1.5),
    max_value,
    reason: `Round bounds with half as much room again; ${seen}.`,
  };
}

/** The smallest of 1, 2, 5 times a power of ten that is not below a positive number. */
function roundUp(value: number): number {
  const power = Math.floor(Math.log10(value));
  for (let at = power; ; at++) {
    const found = [1, 2, 5].map((digit) => Number(`${digit}e${at}`)).find((candidate) => candidate >= value);
    if (found !== undefined) return found;
  }
}
