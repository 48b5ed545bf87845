import { EMRClient, ListStepsCommand, type StepSummary } from '@aws-sdk/client-emr';
import type { WorkflowHandle } from '@temporalio/client';
import type { Gate } from '../../src/core/gate.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { ingest } from '../../workflows/index.ts';
import { type RunStatus, retryUpdate, statusQuery } from '../../workflows/messages.ts';
import { PipelineBench } from './pipeline-bench.ts';

export type Run = WorkflowHandle<typeof ingest>;

/** Runs of the tiny pipeline `meters`, and what a test breaks of them. */
export class MetersBench {
  readonly bench = new PipelineBench({
    pipeline: 'meters',
    urlVariable: 'METERS_GRID_URL',
    env: { TIDEMARK_TASK_QUEUE: 'faults' },
  });
  private nth = 0;

  async open(): Promise<void> {
    await this.bench.open(`
      CREATE TABLE readings (reading_id int PRIMARY KEY, kilowatts numeric(10,2));
      INSERT INTO readings SELECT n, n * 1.5 FROM generate_series(1, 1000) n`);
  }

  async startRun(): Promise<Run> {
    return await this.bench.client.workflow.start<typeof ingest>('ingest', {
      taskQueue: 'faults',
      workflowId: `ingest/meters/fault-${++this.nth}`,
      args: [{ pipeline: 'meters', kind: 'live' }],
    });
  }

  /** Waits until a run waits at a gate, and gives it. */
  async gate(run: Run, id: string): Promise<Gate> {
    let found: Gate | undefined;
    await this.bench.until(async () => {
      const status = await run.query<RunStatus, []>(statusQuery).catch(() => null);
      found = status?.gates.find((gate) => gate.id === id && gate.decision === null);
      return found !== undefined;
    });
    return found!;
  }

  async retry(run: Run): Promise<void> {
    await run.executeUpdate(retryUpdate, { args: [{ reason: 'mended', by: 'test' }] });
  }

  /** Steps of this pipeline, of the newest 50 on the cluster, whose names contain a text; newest first. */
  async steps(text: string): Promise<StepSummary[]> {
    const client = new EMRClient({ region: this.bench.env.AWS_REGION });
    const { Steps = [] } = await client.send(
      new ListStepsCommand({ ClusterId: this.bench.env.TIDEMARK_EMR_CLUSTER_ID }),
    );
    client.destroy();
    return Steps.filter((step) => step.Name?.startsWith('tidemark/meters/') && step.Name.includes(text));
  }

  /** Waits until a step whose name contains a text is in a state. */
  async stepIs(text: string, state: string): Promise<void> {
    await this.bench.until(async () => (await this.steps(text)).some((step) => step.Status?.State === state));
  }

  async armStepFault(fault: { mode: string; match: string; times: number }): Promise<void> {
    const response = await fetch(`${this.bench.env.AWS_ENDPOINT_URL_EMR}/_steps`, {
      method: 'POST',
      body: JSON.stringify(fault),
    });
    if (!response.ok) throw new Error(`the fault was not armed: ${await response.text()}`);
  }

  /** Rows and sum of the native table as `count sum`, beside the same of the source. */
  async compare(): Promise<{ source: string; native: string; publication: Publication }> {
    const totals = 'SELECT count(*), CAST(sum(kilowatts) AS VARCHAR(40)) FROM';
    const source = (await this.bench.sql(`${totals} readings`)).rows[0] as { count: string; sum: string };
    const { rows } = await this.bench.deps.warehouse.query(`${totals} meters.reading_fact`);
    return {
      source: `${source.count} ${source.sum}`,
      native: rows[0]!.join(' '),
      publication: (await this.bench.publication())!,
    };
  }
}
