import { CommandError, EXIT } from './output.ts';

const ENDINGS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
type Signal = keyof typeof ENDINGS;

/**
 * Runs work that Ctrl-C or SIGTERM stops through its signal, and ends the command as a shell expects once the work has cleaned
 * up. The same signal a second time ends the process at once.
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (signal: Signal) =>
    controller.abort(new CommandError(`stopped by ${signal}; nothing is left behind`, ENDINGS[signal]));
  const signals = Object.keys(ENDINGS) as Signal[];
  for (const signal of signals) process.once(signal, stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
