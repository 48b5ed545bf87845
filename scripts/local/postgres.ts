import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sparkPaths } from '../setup/paths.mjs';
import { MARKER, type StackPlan } from './plan.ts';
import { type Unprivileged, unprivileged } from './postgres-user.ts';
import { runToEnd } from './run-to-end.ts';
import type { Service } from './service.ts';
import { createShop, withShopOwner } from './shop-database.ts';

type Command = [program: string, ...args: string[]];

/** PostgreSQL with the database `shop`, its owner `shop_owner` (a superuser) and `tidemark_reader`, who may only read. */
export function postgresService(dir: string, plan: StackPlan): Service {
  // A folder of its own below the stack's: it may belong to another user than the rest.
  const home = join(dir, 'postgres');
  const dataDir = join(home, 'data');
  const runAs = unprivileged();
  return {
    name: 'postgres',
    port: plan.ports.postgres,
    command: [
      ...runAs.prefix,
      ...[binary('postgres'), '-D', dataDir],
      ...settings({
        port: `${plan.ports.postgres}`,
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        wal_level: 'logical',
        max_prepared_transactions: '10',
        // A killed server loses nothing by these, only a machine that loses its power.
        fsync: 'off',
        full_page_writes: 'off',
      }),
    ] as Command,
    env: {},
    user: runAs.user,
    // Fast shutdown: SIGTERM would wait until the last client has gone.
    stopSignal: 'SIGINT',
    stopGraceMs: 1_500,
    logFile: join(dir, 'postgres.log'),
    prepare: async () => {
      if (existsSync(dataDir)) return;
      if (runAs.user) await chmod(dir, 0o711);
      await mkdir(home, { recursive: true });
      await createCluster(home, dataDir, plan, runAs);
    },
    probe: () => withShopOwner(plan, 'postgres', async (client) => void (await client.query('SELECT 1'))),
    populate: () => createShop(plan),
  };
}

async function createCluster(
  home: string,
  dataDir: string,
  plan: StackPlan,
  { prefix, user }: Unprivileged,
): Promise<void> {
  const partial = `${dataDir}.partial`;
  const passwordFile = join(home, 'password');
  await rm(partial, { recursive: true, force: true });
  await writeFile(passwordFile, plan.shopOwnerPassword, { mode: 0o600 });
  if (user) for (const path of [home, passwordFile]) await chown(path, user.uid, user.gid);
  const initdb: Command = [
    ...prefix,
    ...[binary('initdb'), '--pgdata', partial, '--username', 'shop_owner'],
    ...['--auth', 'scram-sha-256', '--pwfile', passwordFile, '--no-sync', '--no-instructions'],
    ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
  ] as Command;
  try {
    await runToEnd(initdb, { env: { ...process.env, [MARKER]: plan.id }, ...user });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(partial, dataDir);
}

function binary(name: string): string {
  return join(sparkPaths().postgresBinDir, name);
}

function settings(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
