import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { asOrdinaryUser, binaries, freePort, ready, type ThrowawayPostgres, until } from './postgres.ts';

/** A streaming hot standby of a throwaway server. */
export interface Standby {
  /** URL of the superuser, or of another user. */
  url(user?: string, password?: string): string;
  /** Runs a statement as the superuser. */
  sql<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string): Promise<Row[]>;
  /** Waits until everything that is committed on the primary now is replayed. */
  catchUp(): Promise<void>;
  /** Before the primary is stopped. */
  stop(): Promise<void>;
}

/** Stops the primary for a copy of its data folder, starts it again, and starts a standby that streams from it. */
export async function startStandby(
  primary: ThrowawayPostgres,
  settings: Record<string, string> = {},
): Promise<Standby> {
  const root = await mkdtemp(join(tmpdir(), 'tidemark-standby-'));
  const data = join(root, 'data');
  const port = await freePort();
  const own = new URL(primary.url());
  await primary.restart(async (primaryData) => {
    await writeFile(
      join(primaryData, 'pg_hba.conf'),
      'host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n',
    );
    await cp(primaryData, data, { recursive: true });
  });
  await writeFile(join(data, 'standby.signal'), '');
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    max_prepared_transactions: '10',
    primary_conninfo: `host=127.0.0.1 port=${own.port} user=shop password=${decodeURIComponent(own.password)}`,
    ...settings,
  };
  const { postgres } = await binaries();
  const server = spawn(
    ...asOrdinaryUser(postgres, [
      '-D',
      data,
      ...Object.entries(all).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
    ]),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await ready(server);

  const url = (user?: string, password?: string) => {
    const standby = new URL(primary.url(user, password));
    standby.port = String(port);
    return standby.href;
  };
  const sql: Standby['sql'] = async (text) => {
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    url,
    sql,
    catchUp: async () => {
      const [{ lsn }] = (await primary.sql('select pg_current_wal_lsn()::text as lsn')) as [{ lsn: string }];
      await until(async () => {
        const [row] = await sql<{ done: boolean }>(`select pg_last_wal_replay_lsn() >= '${lsn}' as done`);
        return row!.done;
      });
    },
    stop: async () => {
      const gone = once(server, 'exit');
      server.kill('SIGINT');
      await gone;
      await rm(root, { recursive: true, force: true });
    },
  };
}
