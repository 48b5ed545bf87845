// Runs the shell blocks of a Markdown file, in order, in one shell that stops at the first command that fails.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]);
if (blocks.length === 0) {
  console.error(`${process.argv[2]} has no shell block`);
  process.exit(1);
}
const script = `set -eu -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${blocks.join('\n')}`;
const { status } = spawnSync('bash', ['-c', script], { stdio: ['ignore', 'inherit', 'inherit'] });
process.exit(status ?? 1);
