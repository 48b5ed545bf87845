import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { sparkPaths } from '../setup/paths.mjs';
import type { ServiceSpec } from './process.ts';

export interface PostgresPlace {
  readonly dir: string;
  readonly port: number;
  readonly ownerPassword: string;
}

/** PostgreSQL refuses root; a user namespace maps root to `nobody` without creating a user. */
function asOrdinaryUser(command: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [command, [...args]];
  return ['unshare', ['--user', '--map-user=65534', '--map-group=65534', command, ...args]];
}

/** Makes the data folder when there is none, and says how the server is started. */
export async function preparePostgres({ dir, port }: PostgresPlace): Promise<ServiceSpec> {
  const { postgresBinDir } = sparkPaths();
  const data = join(dir, 'postgres');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    const settings = [
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
    ];
    await promisify(execFile)(
      ...asOrdinaryUser(join(postgresBinDir, 'initdb'), [
        `--pgdata=${data}`,
        '--username=shop_owner',
        '--auth=trust',
        ...settings,
      ]),
    );
  }
  const options = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    wal_level: 'logical',
    fsync: 'off',
    max_prepared_transactions: '20',
    max_connections: '100',
  };
  const [command, args] = asOrdinaryUser(join(postgresBinDir, 'postgres'), [
    '-D',
    data,
    ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  return {
    name: 'postgres',
    command,
    args,
    port,
    logFile: join(dir, 'postgres.log'),
    probe: async () => {
      const client = new pg.Client({
        host: '127.0.0.1',
        port,
        user: 'shop_owner',
        database: 'postgres',
        password: 'any',
        connectionTimeoutMillis: 2_000,
      });
      client.on('error', () => undefined);
      await client.connect();
      await client.end();
    },
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for sessions.
    stopSignal: 'SIGINT',
  };
}

/** Makes the shop's database, an owner and a reader with passwords, unless they are there. */
export async function prepareShop(place: PostgresPlace, readerPassword: string): Promise<void> {
  const owner = { host: '127.0.0.1', port: place.port, user: 'shop_owner', password: place.ownerPassword };
  const admin = new pg.Client({ ...owner, database: 'postgres' });
  await admin.connect();
  try {
    const { rows } = await admin.query("SELECT 1 FROM pg_database WHERE datname = 'shop'");
    if (rows.length > 0) return;
    await admin.query('CREATE DATABASE shop');
    await admin.query(`ALTER ROLE shop_owner PASSWORD '${place.ownerPassword}'`);
    await admin.query(`CREATE ROLE tidemark_reader LOGIN PASSWORD '${readerPassword}'`);
    // From here on passwords count.
    const rule = join(place.dir, 'postgres', 'pg_hba.conf');
    await admin.query(`COPY (SELECT 'host all all 127.0.0.1/32 scram-sha-256') TO '${rule}'`);
    await admin.query('SELECT pg_reload_conf()');
  } finally {
    await admin.end();
  }
  const shop = new pg.Client({ ...owner, database: 'shop' });
  await shop.connect();
  try {
    await shop.query('GRANT USAGE ON SCHEMA public TO tidemark_reader');
    await shop.query('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO tidemark_reader');
  } finally {
    await shop.end();
  }
}
