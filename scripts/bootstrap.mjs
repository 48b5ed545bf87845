// `node scripts/bootstrap.mjs SCRIPT.ts [args...]`: makes sure that everything is installed, then runs the script with tsx.
// It is what `npm run demo` and its like start in a fresh clone, so it and all that it imports use Node's built-ins only.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT } from './setup/paths.mjs';
import { runSetUp } from './setup/run-set-up.mjs';

// Stopping what runs must not begin with downloads.
const NEEDS_NO_SET_UP = ['scripts/down.ts'];

const [script, ...args] = process.argv.slice(2);
if (!script) {
  process.stderr.write('usage: node scripts/bootstrap.mjs SCRIPT.ts [args...]\n');
  process.exit(2);
}
if (!NEEDS_NO_SET_UP.includes(script)) {
  await runSetUp();
} else if (!existsSync(join(CHECKOUT, 'node_modules', 'tsx'))) {
  process.stderr.write(
    'tidemark: the npm packages of this checkout are not installed (npm ci); nothing was stopped\n',
  );
  process.exit(1);
}

// The SDK's note on coming Node versions belongs to whoever updates it, not on every command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const child = spawn(process.execPath, ['--import', tsx, resolve(CHECKOUT, script), ...args], {
  stdio: 'inherit',
});

// Ctrl-C in a terminal reaches the script by itself; whatever else is sent to this process is passed on.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGHUP', () => child.kill('SIGHUP'));
child.on('error', (error) => {
  process.stderr.write(`tidemark: cannot start Node.js: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
