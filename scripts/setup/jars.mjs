import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installFolder, removeOthers } from './folder.mjs';
import { jarsDir, javaCommand, sparkPaths } from './paths.mjs';
import { JARS } from './pins.mjs';
import { javaProxyOptions } from './proxy.mjs';
import { runCommand } from './run-command.mjs';

/** Tells whether the pinned jars are there. */
export function jarsAreInstalled() {
  return existsSync(jarsDir());
}

/**
 * Fetches the pinned jars from Ivy's default repository, with the Ivy that Spark ships: nothing but Java is needed for it.
 * Who sits behind a mirror names an Ivy settings file in TIDEMARK_IVY_SETTINGS.
 */
export async function installJars() {
  const scratch = mkdtempSync(join(tmpdir(), 'tidemark-jars-'));
  try {
    const moduleFile = join(scratch, 'ivy.xml');
    writeFileSync(moduleFile, ivyModule());
    const settingsFile = process.env.TIDEMARK_IVY_SETTINGS || join(scratch, 'ivysettings.xml');
    if (!process.env.TIDEMARK_IVY_SETTINGS) writeFileSync(settingsFile, IVY_SETTINGS);
    await installFolder(jarsDir(), async (target) => {
      mkdirSync(target);
      const args = ['-warn', '-settings', settingsFile, '-cache', join(scratch, 'cache'), '-ivy', moduleFile];
      const retrieve = ['-retrieve', join(target, '[artifact]-[revision].[ext]')];
      await runCommand(javaCommand(), [
        ...javaProxyOptions(process.env),
        '-jar',
        ivyJar(),
        ...args,
        ...retrieve,
      ]);
      const count = readdirSync(target).length;
      if (count !== JARS.length) throw new Error(`${count} of ${JARS.length} jars for S3 were fetched.`);
    });
    removeOthers(jarsDir(), /./);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function ivyJar() {
  const dir = join(sparkPaths().sparkHome, 'jars');
  return join(
    dir,
    readdirSync(dir).find((name) => /^ivy-\d.*\.jar$/.test(name)),
  );
}

function ivyModule() {
  const dependencies = JARS.map(
    ([org, name, rev]) => `<dependency org="${org}" name="${name}" rev="${rev}" transitive="false"/>`,
  );
  return `<ivy-module version="2.0"><info organisation="tidemark" module="s3a"/>
<dependencies>${dependencies.join('\n')}</dependencies></ivy-module>`;
}

// Without descriptors: the list is flat and complete, and reading them would make five times as many requests.
const IVY_SETTINGS = `<ivysettings><settings defaultResolver="default"/><resolvers>
<ibiblio name="default" m2compatible="true" usepoms="false" useMavenMetadata="false"/>
</resolvers></ivysettings>`;
