import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { CHECKOUT } from '../../../scripts/setup/paths.mjs';

const checkout = mkdtempSync(join(tmpdir(), 'tidemark-build-'));
for (const name of [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'activities',
  'scripts',
  'src',
  'workflows',
])
  cpSync(join(CHECKOUT, name), join(checkout, name), { recursive: true });
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

async function tidemark(...args: string[]): Promise<string> {
  const command = [join(checkout, 'scripts/tidemark.mjs'), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: tmpdir() });
  return stdout;
}

function builds(): string[] {
  return readdirSync(join(checkout, 'dist')).filter((name) => name.includes('-'));
}

test('the command says what to do where the packages are not installed', async () => {
  await expect(tidemark('--version')).rejects.toMatchObject({
    code: 1,
    stderr: 'tidemark: the npm packages of this checkout are not installed; run `npm ci` in it\n',
  });
});

test('the command is built when it is first used, by one of many, and again when a source has changed', async () => {
  symlinkSync(join(CHECKOUT, 'node_modules'), join(checkout, 'node_modules'));
  const helps = await Promise.all([tidemark('--help'), tidemark('--help'), tidemark('--help')]);
  expect(new Set(helps).size).toBe(1);
  expect(builds()).toHaveLength(1);
  await tidemark('--version');
  expect(builds()).toHaveLength(1);

  const { stdout } = await promisify(execFile)(process.execPath, [join(checkout, 'scripts/build.mjs')]);
  expect(stdout).toBe(`tidemark: built, ${join(checkout, 'dist', builds()[0]!, 'main.js')}\n`);

  const main = join(checkout, 'scripts/tidemark/main.ts');
  writeFileSync(main, readFileSync(main, 'utf8').replace('Operates the', 'OPERATES the'));
  expect(await tidemark('--help')).toBe(helps[0]!.replace('Operates', 'OPERATES'));
  expect(builds()).toHaveLength(2);
});
