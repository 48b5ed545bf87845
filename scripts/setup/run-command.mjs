import { spawn } from 'node:child_process';

const TAIL_CHARS = 2_000;
const running = new Set();

/** Runs a program to its end and gives back what it printed; an error shows the command and the end of its output. */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      running.delete(child);
      reject(new Error(`cannot start ${command}: ${error.message}`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0) return resolve(output);
      const ended = signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
      reject(new Error(`${[command, ...args].join(' ')}\n${ended}:\n${output.trim().slice(-TAIL_CHARS)}`));
    });
  });
}

/** Ends what is being installed when set-up itself is told to end: half-made folders are made anew by the next set-up. */
export function endRunningCommands() {
  for (const child of running) child.kill('SIGTERM');
}
