import { setTimeout as delay } from 'node:timers/promises';

/** A token bucket that all connections of a source share. */
export interface RateLimit {
  /** Waits until `byteCount` more bytes may flow; rejects when `signal` fires. */
  take(byteCount: number, signal: AbortSignal): Promise<void>;
}

/** What may be caught up at once after a pause. */
const BURST_MS = 250;

/** Limits the flow to `bytesPerSecond`, over all callers together; bursts of a quarter of a second pass. */
export function createRateLimit(bytesPerSecond: number): RateLimit {
  if (!(bytesPerSecond > 0)) throw new Error(`maxBytesPerSecond has to be above 0, not ${bytesPerSecond}`);
  let freeAt = 0;
  return {
    async take(byteCount, signal) {
      const now = performance.now();
      freeAt = Math.max(freeAt, now - BURST_MS) + (byteCount / bytesPerSecond) * 1000;
      if (freeAt > now) await delay(freeAt - now, undefined, { signal });
    },
  };
}
