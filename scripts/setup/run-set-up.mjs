import { constants } from 'node:os';
import { endRunningCommands } from './run-command.mjs';
import { SetUpError, setUp } from './set-up.mjs';

const tell = (line) => process.stderr.write(`tidemark: ${line}\n`);

/** Runs the set-up for a person: progress on stderr; exits with 1 when something is missing, with 128 + signal when stopped. */
export async function runSetUp() {
  const onSignal = (signal) => {
    endRunningCommands();
    process.exit(128 + constants.signals[signal]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, onSignal);
  try {
    await setUp(tell);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    tell(error.message.replaceAll('\n', '\ntidemark: '));
    process.exit(1);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
