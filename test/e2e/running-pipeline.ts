import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { startWorkerProcess } from '../../scripts/demo/worker-process.ts';
import { renderStatus } from '../../scripts/tidemark/gate-text.ts';
import { watchRun } from '../../scripts/tidemark/watch.ts';
import { readConfig } from '../../src/config.ts';
import type { DecisionRequest, Gate } from '../../src/core/gate.ts';
import type { RunKind } from '../../src/core/publication.ts';
import type { BusinessWindow, RunOutcome } from '../../src/core/run.ts';
import type { GateAction } from '../../src/core/verdict.ts';
import { connectTemporal } from '../../src/temporal-client.ts';
import type { ingest } from '../../workflows/index.ts';
import type { DecisionAnswer } from '../../workflows/messages.ts';

/** A worker process with a task queue of its own, and a client that starts runs on it. */
export interface RunningPipeline {
  /** Starts `ingest` and waits for its outcome; throws what the gate says where it waits at one. */
  run(kind: RunKind, window?: BusinessWindow): Promise<RunOutcome>;
  /** Starts `ingest` and waits until it waits at a gate; `decide` answers there and waits for the outcome. */
  runToGate(kind: RunKind): Promise<{
    readonly gate: Gate;
    decide(action: GateAction, reason: string): Promise<RunOutcome>;
  }>;
  /** Ends worker and client; nothing is left running. */
  stop(): Promise<void>;
}

export async function startPipeline(options: {
  readonly pipeline: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folder for the worker's log. */
  readonly dir: string;
}): Promise<RunningPipeline> {
  const { pipeline, dir } = options;
  const taskQueue = `e2e-${pipeline}`;
  const env = { ...options.env, TIDEMARK_TASK_QUEUE: taskQueue };
  const worker = await startWorkerProcess(env, join(dir, `worker-${pipeline}.log`));
  let client: Client;
  try {
    client = await connectTemporal(readConfig(env));
  } catch (error) {
    await worker.stop();
    throw error;
  }
  let nth = 0;
  const start = async (kind: RunKind, window?: BusinessWindow) => {
    const workflowId = `e2e-${pipeline}-${++nth}`;
    const handle = await client.workflow.start<typeof ingest>('ingest', {
      workflowId,
      taskQueue,
      args: [{ pipeline, kind, window }],
      workflowExecutionTimeout: '9 minutes',
    });
    const { state, status } = await watchRun(client, workflowId, () => undefined);
    return { handle, state, status };
  };
  return {
    run: async (kind, window) => {
      const { handle, state, status } = await start(kind, window);
      if (state === 'waiting') throw new Error(renderStatus(handle.workflowId, status!, Date.now()));
      return await handle.result();
    },
    runToGate: async (kind) => {
      const { handle, state, status } = await start(kind);
      if (state !== 'waiting') throw new Error(`${handle.workflowId} is ${state}, it waits at no gate`);
      const gate = status!.gates.find((each) => each.decision === null)!;
      return {
        gate,
        decide: async (action, reason) => {
          const args: [DecisionRequest] = [{ gate: gate.id, reason, by: 'test' }];
          await handle.executeUpdate<DecisionAnswer, [DecisionRequest]>(action, { args });
          return await handle.result();
        },
      };
    },
    stop: async () => {
      await client.connection.close();
      await worker.stop();
    },
  };
}
