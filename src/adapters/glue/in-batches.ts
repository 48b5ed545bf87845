/** Glue throttles an account, not a connection: a few requests at a time are faster than one, many are not. */
const PARALLEL = 4;

/** Runs `work` on lists of at most `size` items, a few at a time. */
export async function inBatches<T>(
  items: readonly T[],
  size: number,
  work: (batch: T[]) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const batch = items.slice(next, next + size);
      next += size;
      await work(batch);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}
