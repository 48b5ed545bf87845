import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHECKOUT, postgresPackageDir } from './paths.mjs';
import { runCommand } from './run-command.mjs';

/**
 * Tells whether node_modules holds what package-lock.json asks for, by npm's own record of what it installed, so that a
 * person's own `npm install` counts too. Optional packages may be absent: most are for other platforms.
 */
export function npmPackagesAreInstalled() {
  const wanted = readPackages(join(CHECKOUT, 'package-lock.json'));
  const installed = readPackages(join(CHECKOUT, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    return found ? found.version === entry.version : Boolean(entry.optional || entry.devOptional);
  });
}

function readPackages(file) {
  if (!existsSync(file)) return null;
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Installs exactly what package-lock.json says. */
export async function installNpmPackages() {
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npmCli = process.env.npm_execpath;
  if (npmCli && basename(npmCli) === 'npm-cli.js') {
    await runCommand(process.execPath, [npmCli, ...args], { cwd: CHECKOUT });
  } else {
    await runCommand('npm', args, { cwd: CHECKOUT });
  }
}

/** Tells whether the links between PostgreSQL's libraries are there: npm packages cannot hold links. */
export function postgresIsLinked() {
  return Boolean(readPostgresLinks()?.every(({ target }) => existsSync(join(postgresPackageDir(), target))));
}

/** Makes those links. The package does it in an install script, but npm may be set not to run such scripts. */
export async function linkPostgres() {
  const dir = postgresPackageDir();
  if (!existsSync(dir)) {
    throw new Error(
      `There is no PostgreSQL for ${process.platform}-${process.arch} among the installed packages.`,
    );
  }
  await runCommand(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: dir });
  if (!postgresIsLinked()) throw new Error(`The libraries of PostgreSQL in ${dir} could not be linked.`);
}

function readPostgresLinks() {
  const dir = postgresPackageDir();
  if (!existsSync(dir)) return null;
  const file = join(dir, 'native', 'pg-symlinks.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}
