import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { CHECKOUT } from '../../../scripts/setup/paths.mjs';

const directory = mkdtempSync(join(tmpdir(), 'tidemark-stopped-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const suite = join(directory, 'suite.json');
const data = join(directory, 'large.csv');
writeFileSync(
  suite,
  JSON.stringify({
    name: 'slow',
    expectations: [
      {
        type: 'unexpected_rows_expectation',
        kwargs: { unexpected_rows_query: 'select 1 from {batch} a, {batch} b where a.id + b.id < 0' },
      },
    ],
  }),
);
writeFileSync(
  data,
  `id,word\n${Array.from({ length: 2_000_000 }, (_, at) => `${at},w${at * 7}`).join('\n')}\n`,
);

/** Sends the signal once the engine has made its folder. */
async function stopped(name: string, signal: 'SIGINT' | 'SIGTERM', args: readonly string[]) {
  const temporary = join(directory, name);
  mkdirSync(temporary);
  const watcher = watch(temporary);
  const command = spawn(process.execPath, [join(CHECKOUT, 'scripts/tidemark.mjs'), ...args], {
    env: { ...process.env, TMPDIR: temporary },
  });
  const ended = once(command, 'exit');
  const output = Promise.all([text(command.stdout), text(command.stderr)]);
  const isOpen = new Promise<boolean>((resolve) => {
    watcher.on('change', (_, file) => String(file).startsWith('tidemark-checks-') && resolve(true));
  });
  const wasRunning = await Promise.race([isOpen, ended.then(() => false)]);
  watcher.close();
  command.kill(signal);
  const [exitCode] = (await ended) as [number | null];
  const [printed, complained] = await output;
  return { wasRunning, exitCode, printed, complained, left: readdirSync(temporary) };
}

test.each([
  ['check', 'SIGINT', 130, ['check', '--suite', suite, '--data', data]],
  ['check again', 'SIGTERM', 143, ['check', '--suite', suite, '--data', data]],
  ['suggest', 'SIGINT', 130, ['suite', 'suggest', '--data', data]],
  ['suggest again', 'SIGTERM', 143, ['suite', 'suggest', '--data', data]],
] as const)(
  '%s that %s stops leaves nothing behind and ends with %i',
  async (name, signal, exitCode, args) => {
    expect(await stopped(name, signal, args)).toEqual({
      wasRunning: true,
      exitCode,
      printed: '',
      complained: `tidemark: stopped by ${signal}; nothing is left behind\n`,
      left: [],
    });
  },
);
