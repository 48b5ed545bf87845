#!/usr/bin/env node
// The `tidemark` command: runs the built sources, from any folder.
import { BuildError, builtMain } from './build.mjs';

// The SDK's note on coming Node versions belongs to whoever updates it, not on every command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const built = await builtMain().catch((error) => {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`tidemark: ${error.message}\n`);
  process.exit(1);
});
// A worker's failures are read with their stacks; the other commands start faster without.
if (process.argv[2] === 'worker') process.setSourceMapsEnabled(true);
const { main } = await import(built);
process.exit(await main(process.argv.slice(2)));
