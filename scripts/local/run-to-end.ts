import { spawn } from 'node:child_process';

/** Runs a program that is expected to succeed. Rejects with its command and the end of what it printed when it does not. */
export function runToEnd(
  [program, ...args]: readonly [program: string, ...args: string[]],
  options: { env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => reject(new Error(`cannot start ${program}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output);
      reject(
        new Error(
          `${[program, ...args].join(' ')}\nended with ${signal ?? `exit code ${code}`}:\n${output.trim().slice(-2_000)}`,
        ),
      );
    });
  });
}
