/**
 * A stream of pseudo-random numbers that is the same on every machine: 32-bit integer steps and IEEE divisions only,
 * no transcendental functions, whose last bit differs between engines.
 */
export interface Random {
  /** The next integer in [0, 2^32). */
  uint32(): number;
  /** The next number in [0, 1). */
  float(): number;
  /** The next integer in [0, limit). */
  below(limit: number): number;
  /** The next integer in [min, max], both included. */
  between(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

const TWO_32 = 2 ** 32;

/**
 * Returns an independent stream for (seed, name of the stream, index). Because each row or day has its own stream, any
 * row can be drawn alone, without those before it. The generator is sfc32.
 */
export function createRandom(seed: number, stream: string, index = 0): Random {
  let a = mix(seed | 0);
  let b = mix(hashText(stream));
  let c = mix(index | 0);
  let counter = 1;

  const uint32 = (): number => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  // The first outputs still resemble the three inputs.
  for (let round = 0; round < 12; round++) uint32();

  const float = () => uint32() / TWO_32;
  const below = (limit: number) => Math.floor(float() * limit);
  return {
    uint32,
    float,
    below,
    between: (min, max) => min + below(max - min + 1),
    chance: (probability) => float() < probability,
    pick: (list) => list[below(list.length)]!,
  };
}

/** FNV-1a over UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** The finalizer of MurmurHash3: neighbouring seeds and indexes come out unrelated. */
function mix(value: number): number {
  let h = (value + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
