import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Lets `fill` fill a folder under another name, and gives it its own name only when it is complete. */
export async function installFolder(dir, fill) {
  const partial = `${dir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(dirname(dir), { recursive: true });
  await fill(partial);
  if (!existsSync(partial)) throw new Error(`${dir} was not made, though nothing reported an error.`);
  renameSync(partial, dir);
}

/** Removes what else beside `path` has a name that fits: other versions of the same thing, and half-made ones. */
export function removeOthers(path, names) {
  for (const name of readdirSync(dirname(path))) {
    if (names.test(name) && name !== basename(path)) {
      rmSync(join(dirname(path), name), { recursive: true, force: true });
    }
  }
}
