import { heartbeat } from '@temporalio/activity';

/** Heartbeats while work without progress of its own goes on, so that a cancellation reaches it and a dead worker is noticed. */
export async function whileHeartbeating<T>(work: () => Promise<T>): Promise<T> {
  const beat = setInterval(() => heartbeat(), 2_000);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
