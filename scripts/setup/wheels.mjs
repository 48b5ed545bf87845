import { existsSync } from 'node:fs';
import { installFolder, removeOthers } from './folder.mjs';
import { pythonCommand, wheelDir } from './paths.mjs';
import { WHEELS } from './pins.mjs';
import { runCommand } from './run-command.mjs';

/** The pinned wheels that are not installed. A folder under its final name is always complete. */
export function missingWheels() {
  return WHEELS.filter((wheel) => !existsSync(wheelDir(wheel.name)));
}

/** Installs one wheel with pip into its own folder, then removes its other versions. */
export async function installWheel(wheel) {
  const args = ['-m', 'pip', 'install', '--quiet', ...(wheel.deps ? [] : ['--no-deps'])];
  // As variables, since an older pip stops at an option that it does not know, but passes over such a variable.
  const env = {
    ...process.env,
    PIP_USER: '0',
    PIP_REQUIRE_VIRTUALENV: '0',
    PIP_NO_INPUT: '1',
    PIP_ROOT_USER_ACTION: 'ignore',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
  await installFolder(wheelDir(wheel.name), (target) =>
    runCommand(pythonCommand(), [...args, '--target', target, `${wheel.name}==${wheel.version}`], { env }),
  );
  removeOthers(wheelDir(wheel.name), new RegExp(`^${wheel.name}-\\d`));
}
