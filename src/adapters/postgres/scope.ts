/**
 * Runs `work` with a signal that ends everything it opened. The signal fires when an outer signal does, when
 * `work` fails, and when it is done, so no connection, timer or stream outlives the call. Rejects with the
 * first reason at once, without waiting for the rest to unwind.
 */
export async function runInScope<T>(
  outer: readonly AbortSignal[],
  work: (scope: AbortSignal) => Promise<T>,
): Promise<T> {
  for (const signal of outer) signal.throwIfAborted();
  const controller = new AbortController();
  const scope = controller.signal;
  const aborted = new Promise<never>((_, reject) => {
    scope.addEventListener('abort', () => reject(scope.reason), { once: true });
  });
  const forwards = outer.map((signal) => {
    const forward = () => controller.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    return () => signal.removeEventListener('abort', forward);
  });
  try {
    return await Promise.race([work(scope), aborted]);
  } catch (error) {
    controller.abort(error);
    throw scope.reason;
  } finally {
    for (const stop of forwards) stop();
    controller.abort();
  }
}

/** Waits until all promises have settled, at most `limitMs`; never rejects. */
export async function settleWithin(limitMs: number, promises: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([Promise.allSettled(promises), limit]);
  clearTimeout(timer);
}
