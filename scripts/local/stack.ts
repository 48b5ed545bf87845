import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EMRClient, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { CHECKOUT, sparkPaths } from '../setup/paths.mjs';
import { freePorts } from './free-port.ts';
import { type PostgresPlace, preparePostgres, prepareShop } from './postgres.ts';
import {
  probeHttp,
  type ServiceSpec,
  type StartedProcess,
  signalGroup,
  startService,
  stopProcess,
} from './process.ts';
import { createBuckets, seaweedSpec } from './seaweedfs.ts';
import { temporalSpec } from './temporal.ts';

export type ServiceName = 'postgres' | 'temporal' | 'seaweedfs' | 'emr' | 'glue' | 'redshift';

/** What `stack.json` holds, readable by its owner alone. */
export interface StackState {
  readonly env: Readonly<Record<string, string>>;
  readonly services: readonly StartedProcess[];
}

export interface Stack {
  /** What the product needs to find everything; nothing in it says that it is local. */
  readonly env: Readonly<Record<string, string>>;
  readonly services: () => readonly StartedProcess[];
  /** Stops all of it, EMR steps included; resolves when every process is gone. */
  stop(): Promise<void>;
  /** Sends a signal to a service and, for one that ends it, waits for that. */
  kill(name: ServiceName, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a service that was ended, on the same port and data. */
  start(name: ServiceName): Promise<void>;
}

export interface StackOptions {
  /** Folder of its own for data and logs. */
  readonly dir: string;
  /** Whether everything ends with this process, even if it is killed; default true. */
  readonly onLeash?: boolean;
  readonly log?: (line: string) => void;
}

const ZONES = ['raw', 'clean', 'curated', 'quarantine', 'state'] as const;

/** Starts PostgreSQL, Temporal, S3 and the stand-ins of EMR, Glue and Redshift on free ports of 127.0.0.1. */
export async function startStack({
  dir,
  onLeash = true,
  log = () => undefined,
}: StackOptions): Promise<Stack> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const ports = await freePorts(16);
  const take = (count: number) => ports.splice(0, count);
  const keys = {
    accessKeyId: `local${randomBytes(6).toString('hex')}`,
    secretAccessKey: randomBytes(18).toString('hex'),
  };
  const place: PostgresPlace = { dir, port: take(1)[0]!, ownerPassword: randomBytes(12).toString('hex') };
  const readerPassword = randomBytes(12).toString('hex');
  const temporalPorts = take(4);
  const seaweedPorts = take(8);
  const [emrPort, gluePort, redshiftPort] = take(3) as [number, number, number];
  const url = (port: number) => `http://127.0.0.1:${port}`;

  const aws = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL_S3: url(seaweedPorts[0]!),
    AWS_ENDPOINT_URL_EMR: url(emrPort),
    AWS_ENDPOINT_URL_GLUE: url(gluePort),
    AWS_ENDPOINT_URL_REDSHIFT_DATA: url(redshiftPort),
    TIDEMARK_DUCKDB_HTTPFS: sparkPaths().duckdbHttpfs,
  };
  const env: Record<string, string> = {
    ...aws,
    TEMPORAL_ADDRESS: `127.0.0.1:${temporalPorts[0]}`,
    TEMPORAL_NAMESPACE: 'default',
    TIDEMARK_TEMPORAL_UI_URL: url(temporalPorts[1]!),
    ...Object.fromEntries(
      ZONES.map((zone) => [`TIDEMARK_${zone.toUpperCase()}_URI`, `s3://tidemark-${zone}`]),
    ),
    TIDEMARK_REDSHIFT_WORKGROUP: 'local',
    TIDEMARK_REDSHIFT_DATABASE: 'dev',
    TIDEMARK_REDSHIFT_IAM_ROLE: 'arn:aws:iam::000000000000:role/tidemark-spectrum',
    TIDEMARK_SOURCE_SHOP_URL: `postgresql://tidemark_reader:${readerPassword}@127.0.0.1:${place.port}/shop`,
    TIDEMARK_LOCAL_SHOP_ADMIN_URL: `postgresql://shop_owner:${place.ownerPassword}@127.0.0.1:${place.port}/shop`,
  };

  const specs: Record<ServiceName, ServiceSpec> = {
    postgres: await preparePostgres(place),
    temporal: temporalSpec(dir, temporalPorts),
    seaweedfs: seaweedSpec(dir, seaweedPorts, keys),
    emr: standInSpec('emr', dir, emrPort, aws),
    glue: standInSpec('glue', dir, gluePort, aws),
    redshift: standInSpec('redshift', dir, redshiftPort, aws),
  };
  const running = new Map<ServiceName, StartedProcess>();
  const save = () => writeState(dir, { env, services: [...running.values()] });
  const start = async (name: ServiceName) => {
    const before = Date.now();
    running.set(name, await startService(specs[name]));
    save();
    log(`${name} on port ${specs[name].port} (${((Date.now() - before) / 1000).toFixed(1)} s)`);
  };
  save();
  const releaseLeash = onLeash ? holdLeash(dir) : () => undefined;
  const stop = async () => {
    await stopServices([...running.values()]);
    running.clear();
    save();
    releaseLeash();
  };

  const starting = (Object.keys(specs) as ServiceName[]).map(async (name) => {
    await start(name);
    if (name === 'postgres') await prepareShop(place, readerPassword);
    if (name === 'seaweedfs')
      await createBuckets(
        seaweedPorts[0]!,
        keys,
        ZONES.map((zone) => `tidemark-${zone}`),
      );
    if (name === 'emr') env.TIDEMARK_EMR_CLUSTER_ID = await startCluster(url(emrPort), keys);
  });
  const failed = (await Promise.allSettled(starting)).find((each) => each.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  save();
  return {
    env,
    services: () => [...running.values()],
    stop,
    kill: async (name, signal = 'SIGKILL') => {
      const process = running.get(name)!;
      signalGroup(process.pid, signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await stopProcess(process);
    },
    start,
  };
}

/** Stops services: steps of EMR first, since they outlive their stand-in by design. */
export async function stopServices(services: readonly StartedProcess[]): Promise<void> {
  const emr = services.find((each) => each.name === 'emr');
  if (emr)
    await fetch(`http://127.0.0.1:${emr.port}/_steps/interrupt`, {
      method: 'POST',
      body: '{}',
      signal: AbortSignal.timeout(3_000),
    }).catch(() => undefined);
  await Promise.all(services.map(stopProcess));
}

export function readState(dir: string): StackState | null {
  const file = join(dir, 'stack.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackState) : null;
}

function writeState(dir: string, state: StackState): void {
  const file = join(dir, 'stack.json');
  writeFileSync(`${file}.new`, JSON.stringify(state, null, 1), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function standInSpec(
  name: 'emr' | 'glue' | 'redshift',
  dir: string,
  port: number,
  aws: Record<string, string>,
): ServiceSpec {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return {
    name,
    command: process.execPath,
    args: [
      '--import',
      tsx,
      join(CHECKOUT, 'scripts/local', name, 'server.ts'),
      '--port',
      String(port),
      '--state',
      join(dir, name),
    ],
    env: { ...aws, NODE_NO_WARNINGS: '1' },
    cwd: CHECKOUT,
    port,
    logFile: join(dir, `${name}.log`),
    probe: () => probeHttp(`http://127.0.0.1:${port}/`),
  };
}

async function startCluster(
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
): Promise<string> {
  const client = new EMRClient({ endpoint, region: 'us-east-1', credentials });
  try {
    const { JobFlowId } = await client.send(
      new RunJobFlowCommand({ Name: 'local', Instances: { KeepJobFlowAliveWhenNoSteps: true } }),
    );
    return JobFlowId!;
  } finally {
    client.destroy();
  }
}

/** A small process that ends everything in `stack.json` as soon as this one is gone, however it went. */
function holdLeash(dir: string): () => void {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const leash = spawn(process.execPath, ['--import', tsx, join(CHECKOUT, 'scripts/local/leash.ts'), dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  leash.unref();
  leash.stdin.on('error', () => undefined);
  (leash.stdin as unknown as { unref(): void }).unref();
  return () => void leash.stdin.end('released\n');
}
