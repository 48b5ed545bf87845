#!/usr/bin/env node
// The `tidemark` command: registers tsx, then hands over to TypeScript. It works from any folder.
import { fileURLToPath } from 'node:url';

// The SDK's note on coming Node versions belongs to whoever updates it, not on every command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

let register;
try {
  ({ register } = await import('tsx/esm/api'));
} catch {
  process.stderr.write('tidemark: the npm packages of this checkout are not installed; run `npm ci` in it\n');
  process.exit(1);
}
// Without the path tsx would read the tsconfig.json of whatever folder the command is typed in.
register({ tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) });
const { main } = await import('./tidemark/main.ts');
process.exit(await main(process.argv.slice(2)));
