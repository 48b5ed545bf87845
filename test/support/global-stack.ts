import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { isRunning } from '../../scripts/local/process.ts';
import { startStack } from '../../scripts/local/stack.ts';
import { TIDEMARK_DIR } from '../../scripts/setup/paths.mjs';
import './stack.ts';

/** Starts one stack for the tests of the `stack` project; a service that outlives them fails the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Contract suites that are pointed at AWS take what the environment says.
  if (process.env.TIDEMARK_CONTRACT_BUCKET !== undefined) return async () => undefined;
  const dir = join(TIDEMARK_DIR, 'run', `test-${process.pid}`);
  rmSync(dir, { recursive: true, force: true });
  const stack = await startStack({ dir });
  // Worker processes of the tests inherit it, as a worker in production finds it in its environment.
  Object.assign(process.env, stack.env);
  // Workers that a test starts carry the mark by which the stack ends all that belongs to it.
  project.provide('stackEnv', { ...stack.env, ...stack.mark });
  project.provide('stackDir', dir);
  const started = [...stack.services()];
  return async () => {
    await stack.stop();
    const left = started.filter(isRunning);
    rmSync(dir, { recursive: true, force: true });
    if (left.length > 0)
      throw new Error(`still running after the tests: ${left.map((each) => each.name).join(', ')}`);
  };
}
