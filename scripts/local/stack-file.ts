import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackPlan } from './plan.ts';
import type { StartedProcess } from './service.ts';

/** What `<dir>/stack.json` says. It holds secrets, so only its owner may read it. */
export interface StackState {
  readonly plan: StackPlan;
  /** What a worker, a client or a test needs to use the stack. */
  readonly env: Readonly<Record<string, string>>;
  /** The services that were started and not stopped; some may have died since. */
  readonly services: readonly StartedProcess[];
}

/** Reads the state of the stack in a folder; null when there is none. */
export function readState(dir: string): StackState | null {
  const file = join(dir, 'stack.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackState) : null;
}

/** Replaces the state; a reader sees the old or the new one. */
export function writeState(dir: string, state: StackState): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'stack.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
