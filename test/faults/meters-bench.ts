import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EMRClient, ListStepsCommand, type StepSummary } from '@aws-sdk/client-emr';
import type { Client, WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import { startWorkerProcess, type WorkerProcess } from '../../scripts/demo/worker-process.ts';
import { composeDeps } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Gate } from '../../src/core/gate.ts';
import type { Publication } from '../../src/core/publication.ts';
import { connectTemporal } from '../../src/temporal-client.ts';
import type { ingest } from '../../workflows/index.ts';
import { type RunStatus, retryUpdate, statusQuery } from '../../workflows/messages.ts';
import { until } from '../support/postgres.ts';

const PIPELINE = fileURLToPath(new URL('./meters/pipeline.ts', import.meta.url));
const LONG_MS = 90_000;

export type Run = WorkflowHandle<typeof ingest>;

/** The tiny pipeline `meters` on the stack, with workers that a test starts, breaks and kills. */
export class MetersBench {
  readonly env: Readonly<Record<string, string>>;
  private readonly dir: string;
  private readonly workers: WorkerProcess[] = [];
  private client!: Client;
  private nth = 0;

  constructor(stackEnv: Readonly<Record<string, string>>, dir: string) {
    const grid = new URL(stackEnv.TIDEMARK_LOCAL_SHOP_ADMIN_URL!);
    grid.pathname = '/meters';
    this.dir = dir;
    this.env = {
      ...stackEnv,
      TIDEMARK_PIPELINES: PIPELINE,
      TIDEMARK_TASK_QUEUE: 'faults',
      METERS_GRID_URL: grid.href,
    };
  }

  async open(): Promise<void> {
    await query(this.env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!, 'CREATE DATABASE meters');
    await this.sql('CREATE TABLE readings (reading_id int PRIMARY KEY, kilowatts numeric(10,2))');
    await this.sql('INSERT INTO readings SELECT n, n * 1.5 FROM generate_series(1, 1000) n');
    this.client = await connectTemporal(readConfig({ ...this.env }));
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.client.connection.close();
    await query(this.env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!, 'DROP DATABASE meters WITH (FORCE)');
  }

  /** Ends all workers, so that the next test knows which one it has. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop('SIGKILL')));
  }

  async startWorker(overrides: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    const worker = await startWorkerProcess(
      { ...this.env, ...overrides },
      join(this.dir, `worker-faults-${randomUUID().slice(0, 8)}.log`),
    );
    this.workers.push(worker);
    return worker;
  }

  async startRun(): Promise<Run> {
    return await this.client.workflow.start<typeof ingest>('ingest', {
      taskQueue: 'faults',
      workflowId: `ingest/meters/fault-${++this.nth}`,
      args: [{ pipeline: 'meters', kind: 'live' }],
    });
  }

  /** Waits until a run waits at a gate, and gives it. */
  async gate(run: Run, id: string): Promise<Gate> {
    let found: Gate | undefined;
    await until(async () => {
      const status = await run.query<RunStatus, []>(statusQuery).catch(() => null);
      found = status?.gates.find((gate) => gate.id === id && gate.decision === null);
      return found !== undefined;
    }, LONG_MS);
    return found!;
  }

  async retry(run: Run): Promise<void> {
    await run.executeUpdate(retryUpdate, { args: [{ reason: 'mended', by: 'test' }] });
  }

  /** Steps of this pipeline, of the newest 50 on the cluster, whose names contain a text; newest first. */
  async steps(text: string): Promise<StepSummary[]> {
    const client = new EMRClient({ region: this.env.AWS_REGION });
    const { Steps = [] } = await client.send(
      new ListStepsCommand({ ClusterId: this.env.TIDEMARK_EMR_CLUSTER_ID }),
    );
    client.destroy();
    return Steps.filter((step) => step.Name?.startsWith('tidemark/meters/') && step.Name.includes(text));
  }

  /** Waits until a step whose name contains a text is in a state. */
  async stepIs(text: string, state: string): Promise<void> {
    await until(async () => (await this.steps(text)).some((step) => step.Status?.State === state), LONG_MS);
  }

  async armStepFault(fault: { mode: string; match: string; times: number }): Promise<void> {
    const response = await fetch(`${this.env.AWS_ENDPOINT_URL_EMR}/_steps`, {
      method: 'POST',
      body: JSON.stringify(fault),
    });
    if (!response.ok) throw new Error(`the fault was not armed: ${await response.text()}`);
  }

  sql(text: string): Promise<pg.QueryResult> {
    return query(this.env.METERS_GRID_URL!, text);
  }

  /** Rows and sum of the native table as `count sum`, beside the same of the source. */
  async compare(): Promise<{ source: string; native: string; publication: Publication }> {
    const totals = 'SELECT count(*), CAST(sum(kilowatts) AS VARCHAR(40)) FROM';
    const source = (await this.sql(`${totals} readings`)).rows[0] as { count: string; sum: string };
    const config = readConfig({ ...this.env });
    const deps = await composeDeps(config, new Map());
    try {
      const { rows } = await deps.warehouse.query(`${totals} meters.reading_fact`);
      const publication = await deps.store.read(`${config.zones.state}/meters/publication.json`);
      return {
        source: `${source.count} ${source.sum}`,
        native: rows[0]!.join(' '),
        publication: JSON.parse(publication!.text) as Publication,
      };
    } finally {
      await deps.close();
    }
  }
}

async function query(connectionString: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
