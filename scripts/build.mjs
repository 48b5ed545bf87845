// `npm run build`: the `tidemark` command as a few files of JavaScript in dist/, which start several times faster than its
// sources. The command builds by itself whatever is out of date, so this is for images and for folders that it may not write.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withLock } from './setup/lock.mjs';
import { CHECKOUT } from './setup/paths.mjs';

const DIST = join(CHECKOUT, 'dist');
/** Names the build that is in use and the state of each file that went into it. */
const CURRENT = join(DIST, 'current.json');
/** A process that still runs an older build may yet read a file of it. */
const KEPT_BUILDS = 5;
/**
 * Packages of many small files, which go into the build. The others stay as they are: native code, modules that the worker's
 * packages have to share with ours, and CommonJS that does not run in strict mode.
 */
const BUNDLED = ['@duckdb/node-api', 'ajv', 'commander', 'yaml', 'zod'];

/** The command cannot be built; its message says what to do. */
export class BuildError extends Error {}

/** The URL of the built `main` module; builds it first where a source has changed since. Throws `BuildError`. */
export async function builtMain() {
  const current = readCurrent() ?? (await buildOnce());
  return pathToFileURL(join(DIST, current.build, 'main.js')).href;
}

/** Builds unless another process has done so meanwhile. */
async function buildOnce() {
  try {
    return await withLock(
      join(DIST, 'lock'),
      () => {},
      async () => readCurrent() ?? (await build()),
    );
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND')
      throw new BuildError('the npm packages of this checkout are not installed; run `npm ci` in it');
    if (!['EACCES', 'EROFS'].includes(error.code)) throw error;
    throw new BuildError(
      `the built command is older than its sources and ${DIST} cannot be written; let its owner run \`npm run build\``,
    );
  }
}

/** The build in use; null where there is none, or a source is not as it was. */
function readCurrent() {
  let current;
  try {
    current = JSON.parse(readFileSync(CURRENT, 'utf8'));
  } catch {
    return null;
  }
  const isFresh = current.inputs.every(([path, state]) => stateOf(path) === state);
  return isFresh && existsSync(join(DIST, current.build)) ? current : null;
}

function stateOf(path) {
  const stat = statSync(join(CHECKOUT, path), { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.mtimeMs} ${stat.size}`;
}

async function build() {
  const { build: bundle } = await import('esbuild');
  const { dependencies } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8'));
  const startedAt = Date.now();
  const name = `${startedAt.toString(36)}-${process.pid}`;
  const { metafile } = await bundle({
    absWorkingDir: CHECKOUT,
    entryPoints: ['scripts/tidemark/main.ts'],
    outdir: join(DIST, name),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: [
      ...Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
      '@duckdb/node-bindings',
    ],
    // Packages that are CommonJS ask for Node's built-ins by `require`.
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'error',
  });
  const sources = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules/'));
  const inputs = [...sources, 'scripts/build.mjs', 'package.json', 'package-lock.json'].map((path) => [
    path,
    // What was saved while it was read counts as changed since.
    statSync(join(CHECKOUT, path)).mtimeMs < startedAt ? stateOf(path) : '',
  ]);
  const current = { build: name, inputs };
  writeFileSync(`${CURRENT}.partial`, JSON.stringify(current));
  renameSync(`${CURRENT}.partial`, CURRENT);
  removeOldBuilds();
  return current;
}

function removeOldBuilds() {
  const folders = readdirSync(DIST, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).sort();
  for (const name of names.slice(0, -KEPT_BUILDS)) rmSync(join(DIST, name), { recursive: true, force: true });
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`tidemark: built, ${fileURLToPath(await builtMain())}\n`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`tidemark: ${error.message}\n`);
    process.exitCode = 1;
  }
}
