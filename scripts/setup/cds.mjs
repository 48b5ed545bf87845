import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeOthers } from './folder.mjs';
import { cdsArchivePath, sparkPaths } from './paths.mjs';
import { runCommand } from './run-command.mjs';

const TRAINING = join(dirname(fileURLToPath(import.meta.url)), 'spark-training.py');

/** Tells whether this JVM's archive is there, or is known not to work here. */
export function cdsArchiveIsSettled() {
  const archive = cdsArchivePath();
  return archive === null || existsSync(archive) || existsSync(failureMark(archive));
}

/**
 * Runs one small Spark job and lets the JVM archive the classes that it loaded: later jobs start in about half the time.
 * Spark works without, so a failure is remembered beside the archive instead of being tried again at every start.
 */
export async function buildCdsArchive() {
  const archive = cdsArchivePath();
  const { python, sparkHome, sparkSubmit, jarsDir } = sparkPaths();
  const scratch = mkdtempSync(join(tmpdir(), 'tidemark-cds-'));
  mkdirSync(dirname(archive), { recursive: true });
  removeOthers(archive, /./);
  try {
    const partial = `${archive}.partial`;
    await runCommand(
      sparkSubmit,
      [
        ...['--master', 'local[2]', '--driver-class-path', `${jarsDir}/*`],
        // Without it Spark looks for Ivy's folder in a home that a user of a container may not have.
        ...['--conf', `spark.jars.ivy=${join(scratch, 'ivy')}`],
        ...['--driver-java-options', `-XX:ArchiveClassesAtExit=${partial} -Xlog:disable`],
        ...[TRAINING, join(scratch, 'work')],
      ],
      {
        env: {
          ...process.env,
          SPARK_HOME: sparkHome,
          PYSPARK_PYTHON: python,
          SPARK_LOCAL_DIRS: scratch,
          SPARK_LOCAL_IP: '127.0.0.1',
        },
      },
    );
    renameSync(partial, archive);
  } catch (error) {
    writeFileSync(failureMark(archive), String(error.message));
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function failureMark(archive) {
  return `${archive}.failed`;
}
