import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CHECKOUT, sparkPaths } from '../setup/paths.mjs';

/** What a command and all its children have used. */
export interface ProcessUsage {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Resident size of the largest process. */
  readonly peakBytes: number;
  readonly output: string;
}

let count = 0;

/** Runs a command to its end and tells what it took; throws with the end of its output when it ends with another code. */
export async function measureProcess(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  dir: string,
  exitCode = 0,
): Promise<ProcessUsage> {
  const file = join(dir, `usage-${++count}.json`);
  const child = spawn(sparkPaths().python, [join(CHECKOUT, 'scripts/bench/measure.py'), file, ...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== exitCode) {
    throw new Error(`${command[0]} ended with ${code}:\n${`${output}\n${errors}`.trim().slice(-2_000)}`);
  }
  const usage = JSON.parse(readFileSync(file, 'utf8')) as Omit<ProcessUsage, 'output'>;
  rmSync(file);
  return { ...usage, output };
}
