import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CHECKOUT, sparkPaths } from '../setup/paths.mjs';

/** How to start a program that refuses to run as root: words to put before its command, or a user to run it as. */
export interface Unprivileged {
  prefix: string[];
  user?: { uid: number; gid: number };
}

const NOBODY = 65_534;

/**
 * Finds a way that works here. An ordinary user needs none. For root a user namespace is best: to PostgreSQL it is another
 * user, and yet it owns its files as before, wherever they are. Many containers refuse namespaces; there it runs as the real
 * `nobody`, who must be able to reach the checkout: an Error says so when not.
 */
export function unprivileged(): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const prefix = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
  const tried = spawnSync(prefix[0]!, [...prefix.slice(1), 'true'], { stdio: 'ignore' });
  if (tried.status === 0) return { prefix };
  const user = { uid: NOBODY, gid: NOBODY };
  const postgres = join(sparkPaths().postgresBinDir, 'postgres');
  if (spawnSync(postgres, ['--version'], { ...user, stdio: 'ignore', cwd: '/' }).status === 0) {
    return { prefix: [], user };
  }
  throw new Error(
    `PostgreSQL does not run as root. This system refuses user namespaces (unshare --user), and the user nobody cannot ` +
      `reach ${CHECKOUT}: run this as an ordinary user, or from a checkout in a folder that everybody may enter.`,
  );
}
