import { runSetUp } from './run-set-up.mjs';

// `npm run setup`: the set-up alone, for those who want the downloads done before they need them.
await runSetUp();
process.stderr.write('tidemark: everything is installed\n');
