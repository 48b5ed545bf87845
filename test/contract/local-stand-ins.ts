import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';
import { CHECKOUT, sparkPaths } from '../../scripts/setup/paths.mjs';

/** A running server of this test file. */
export interface LocalServer {
  url: string;
  /** Kills it at once, as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Keys that the scratch S3 store knows. */
export const accessKey = { accessKeyId: 'contract', secretAccessKey: 'contract-secret' };

/** A fresh folder for the state of servers; remove it with `removeFolder`. */
export function scratchFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `tidemark-${name}-`));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Environment of a stand-in: the ordinary AWS variables. */
export function awsEnvironment(endpoints: Record<string, string>): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: accessKey.secretAccessKey,
    TIDEMARK_DUCKDB_HTTPFS: sparkPaths().duckdbHttpfs,
    ...endpoints,
  };
}

/** Starts the server of one stand-in and waits for its `ready` line. Port 0 takes a free one. */
export async function startStandIn(
  service: 'glue' | 'redshift',
  stateDir: string,
  environment: Record<string, string> = {},
  port = 0,
): Promise<LocalServer> {
  const script = join(CHECKOUT, 'scripts/local', service, 'server.ts');
  const args = ['--import', 'tsx', script, '--port', String(port), '--state', stateDir];
  const child = spawn(process.execPath, args, {
    cwd: CHECKOUT,
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await readyUrl(child, service);
  return { url, kill: () => killAndWait(child) };
}

/** Starts a scratch S3 store in a folder. */
export async function startSeaweed(folder: string): Promise<LocalServer> {
  const ports = await freePorts(8);
  const [s3, s3Grpc, master, masterGrpc, volume, volumeGrpc, filer, filerGrpc] = ports;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 's3.json');
  const credentials = [{ accessKey: accessKey.accessKeyId, secretKey: accessKey.secretAccessKey }];
  const actions = ['Admin', 'Read', 'Write', 'List', 'Tagging'];
  writeFileSync(config, JSON.stringify({ identities: [{ name: 'contract', credentials, actions }] }));
  const child = spawn(
    sparkPaths().seaweedBin,
    [
      'server',
      `-dir=${folder}`,
      '-ip=127.0.0.1',
      '-ip.bind=127.0.0.1',
      `-master.port=${master}`,
      `-master.port.grpc=${masterGrpc}`,
      '-master.electionTimeout=1s',
      '-master.heartbeatInterval=200ms',
      '-master.volumeSizeLimitMB=64',
      `-volume.port=${volume}`,
      `-volume.port.grpc=${volumeGrpc}`,
      '-filer',
      `-filer.port=${filer}`,
      `-filer.port.grpc=${filerGrpc}`,
      '-s3',
      `-s3.port=${s3}`,
      `-s3.port.grpc=${s3Grpc}`,
      '-s3.port.iceberg=0',
      '-s3.port.lance=0',
      `-s3.config=${config}`,
    ],
    { stdio: 'ignore', env: { ...process.env, GOMEMLIMIT: '256MiB', GOGC: '50' } },
  );
  const url = `http://127.0.0.1:${s3}`;
  return { url, kill: () => killAndWait(child) };
}

/** The rows of a DuckDB query as a Parquet file. */
export async function parquetBytes(query: string): Promise<Buffer> {
  const folder = scratchFolder('parquet');
  const file = join(folder, 'rows.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
    connection.closeSync();
    return readFileSync(file);
  } finally {
    instance.closeSync();
    removeFolder(folder);
  }
}

async function readyUrl(child: ChildProcess, service: string): Promise<string> {
  if (child.stdout === null) throw new Error('the child has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = /^ready (\S+)$/.exec(line);
    if (ready?.[1] !== undefined) return ready[1];
  }
  throw new Error(`the ${service} stand-in ended before it was ready`);
}

async function killAndWait(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
