import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeEnvFile } from './local/env-file.ts';
import { isRunning } from './local/process.ts';
import { readState, startStack } from './local/stack.ts';
import { TIDEMARK_DIR } from './setup/paths.mjs';

// `npm run up`: the whole stack, which goes on until `npm run down`. It starts empty.
const dir = join(TIDEMARK_DIR, 'run', 'up');
const envFile = join(dir, 'env.sh');
const known = readState(dir);
const alive = known?.services.filter(isRunning) ?? [];
if (known && alive.length > 0) {
  console.log(`already up: ${alive.map((each) => each.name).join(', ')}`);
  describe(known.env);
} else {
  // Ports and keys are new each time, so the data of the last time could not be used.
  rmSync(dir, { recursive: true, force: true });
  const stack = await startStack({ dir, onLeash: false, log: (line) => console.log(`  ${line}`) });
  writeEnvFile(envFile, stack.env);
  describe(stack.env);
}
process.exit(0);

function describe(env: Readonly<Record<string, string>>): void {
  console.log(`
Temporal UI   ${env.TIDEMARK_TEMPORAL_UI_URL}
Temporal      ${env.TEMPORAL_ADDRESS}
S3            ${env.AWS_ENDPOINT_URL_S3}
logs          ${dir}

source ${envFile}
npm run -s seed -- --url "$TIDEMARK_LOCAL_SHOP_ADMIN_URL" --orders 50000
npx tidemark worker      # in a terminal of its own
npx tidemark run ecommerce --wait
npm run down             # stops all of it`);
}
