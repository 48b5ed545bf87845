import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import { inject } from 'vitest';
import { startWorkerProcess, type WorkerProcess } from '../../scripts/demo/worker-process.ts';
import { composeDeps } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { makeLayout } from '../../src/core/layout.ts';
import type { Publication } from '../../src/core/publication.ts';
import { connectTemporal } from '../../src/temporal-client.ts';
import { until } from '../support/postgres.ts';

type Deps = Awaited<ReturnType<typeof composeDeps>>;

/** A pipeline of a test's own on the shared stack: a database as its source, worker processes, lake and warehouse. */
export class PipelineBench {
  readonly env: Readonly<Record<string, string>>;
  readonly pipeline: string;
  /** The source as its owner sees it. */
  readonly sourceUrl: string;
  client!: Client;
  deps!: Deps;
  private readonly dir = inject('stackDir');
  private readonly admin: string;
  private readonly workers: WorkerProcess[] = [];
  private readonly connections: pg.Client[] = [];

  /**
   * `pipeline` names the database and the folder of the definition beside this file, too; `urlVariable` is what the
   * definition calls its source. `besides` are definitions that the workers have as well.
   */
  constructor(options: {
    readonly pipeline: string;
    readonly urlVariable: string;
    readonly besides?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }) {
    const { pipeline, urlVariable, besides = [] } = options;
    const stackEnv = inject('stackEnv');
    this.pipeline = pipeline;
    this.admin = stackEnv.TIDEMARK_LOCAL_SHOP_ADMIN_URL!;
    this.sourceUrl = Object.assign(new URL(this.admin), { pathname: `/${pipeline}` }).href;
    this.env = {
      ...stackEnv,
      TIDEMARK_PIPELINES: [...besides, `./${pipeline}/pipeline.ts`]
        .map((path) => fileURLToPath(new URL(path, import.meta.url)))
        .join(','),
      [urlVariable]: this.sourceUrl,
      ...options.env,
    };
  }

  /** Makes the source by SQL. */
  async open(schema: string): Promise<void> {
    await ask(this.admin, `CREATE DATABASE ${this.pipeline}`);
    await this.sql(schema);
    const config = readConfig({ ...this.env });
    this.client = await connectTemporal(config);
    this.deps = await composeDeps(config, new Map());
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await Promise.all(this.connections.map((each) => each.end()));
    await this.client?.connection.close();
    await this.deps?.close();
    await ask(this.admin, `DROP DATABASE IF EXISTS ${this.pipeline} WITH (FORCE)`);
  }

  /** Ends all workers, so that the next test knows which one it has. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop('SIGKILL')));
  }

  async startWorker(overrides: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    const log = join(this.dir, `worker-${this.pipeline}-${randomUUID().slice(0, 8)}.log`);
    const worker = await startWorkerProcess({ ...this.env, ...overrides }, log);
    this.workers.push(worker);
    return worker;
  }

  /** A connection to the source, which ends with the bench. */
  async connect(): Promise<pg.Client> {
    const connection = await connect(this.sourceUrl);
    this.connections.push(connection);
    return connection;
  }

  /** Runs one text on the source. */
  sql(text: string): Promise<pg.QueryResult> {
    return ask(this.sourceUrl, text);
  }

  /** What is published; null before the first publication. */
  async publication(): Promise<Publication | null> {
    const { publication } = makeLayout(readConfig({ ...this.env }).zones, this.pipeline);
    const found = await this.deps.store.read(publication);
    return found ? (JSON.parse(found.text) as Publication) : null;
  }

  /** Waits for something that takes seconds, and that costs server and worker an answer each time it is asked. */
  async until(condition: () => Promise<boolean>, timeoutMs = 180_000): Promise<void> {
    await until(condition, timeoutMs, 200);
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const connection = new pg.Client({ connectionString });
  await connection.connect();
  return connection;
}

async function ask(connectionString: string, text: string): Promise<pg.QueryResult> {
  const connection = await connect(connectionString);
  try {
    return await connection.query(text);
  } finally {
    await connection.end();
  }
}
