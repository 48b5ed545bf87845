import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CHECKOUT } from './setup/paths.mjs';

// `npm test`: all tests; arguments go to vitest, such as `npm test -- test/e2e`.
const vitest = join(CHECKOUT, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: CHECKOUT,
  stdio: 'inherit',
});
process.exit(status ?? 1);
