import { join } from 'node:path';
import { isRunning } from './local/process.ts';
import { readState, stopServices } from './local/stack.ts';
import { TIDEMARK_DIR } from './setup/paths.mjs';

// `npm run down`: stops what `npm run up` or `npm run demo -- --keep` left running, and nothing else.
let stopped = 0;
for (const name of ['up', 'demo']) {
  const services = readState(join(TIDEMARK_DIR, 'run', name))?.services.filter(isRunning) ?? [];
  if (services.length === 0) continue;
  await stopServices(services);
  stopped += services.length;
  console.log(`stopped ${services.map((each) => each.name).join(', ')} (${name})`);
}
if (stopped === 0) console.log('nothing was running');
process.exit(0);
