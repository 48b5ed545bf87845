import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { composeDeps } from './compose.ts';
import { type Config, ConfigError, taskQueueOf } from './config.ts';
import type { Pipeline } from './core/pipeline.ts';
import { ROOT } from './root.ts';
import { commandForMissingAttributes } from './temporal-client.ts';

/**
 * Runs a worker on the task queues of its pipelines until `signal` fires or the process is asked to end; activities under way are cancelled and
 * taken up by another worker. Fails with `ConfigError` when Temporal cannot be reached or its namespace lacks a search
 * attribute.
 */
export async function runWorker(
  config: Config,
  pipelines: ReadonlyMap<string, Pipeline>,
  options: { signal?: AbortSignal; onReady?: () => void } = {},
): Promise<void> {
  const deps = await composeDeps(config, pipelines);
  Runtime.install({ shutdownSignals: ['SIGINT', 'SIGTERM'] });
  const connection = await NativeConnection.connect({
    address: config.temporal.address,
    tls: config.temporal.tls,
    apiKey: config.temporal.apiKey,
  }).catch((error: unknown) => {
    throw new ConfigError([
      `TEMPORAL_ADDRESS="${config.temporal.address}": Temporal cannot be reached there; start it, or correct the address (and TEMPORAL_TLS, TEMPORAL_API_KEY): ${String(error).slice(0, 200)}`,
    ]);
  });
  try {
    await requireSearchAttributes(connection, config.temporal.namespace);
    const workflowsPath = fileURLToPath(new URL('workflows/index.ts', ROOT));
    const shared = {
      connection,
      namespace: config.temporal.namespace,
      workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: Runtime.instance().logger }),
      activities: createActivities(deps),
      // Activities that wait for a place among their pipeline's limits are counted here, so there is room for other pipelines'.
      maxConcurrentActivityTaskExecutions: 100,
      shutdownGraceTime: '5 seconds',
      // An abort reaches an activity with the answer to its heartbeat, so they must not be held back for long.
      maxHeartbeatThrottleInterval: '3 seconds',
    } as const;
    const workers: Worker[] = [];
    for (const taskQueue of taskQueuesOf(config, pipelines))
      workers.push(await Worker.create({ ...shared, taskQueue }));
    const shutDown = () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    options.signal?.addEventListener('abort', shutDown, { once: true });
    // One that fails takes the others with it, so that the process ends and is seen to.
    const running = workers.map((worker) => worker.run().finally(shutDown));
    options.onReady?.();
    await Promise.all(running);
  } finally {
    await connection.close();
    await deps.close();
  }
}

/** Every task queue that a worker of these pipelines polls. */
export function taskQueuesOf(
  config: Pick<Config, 'temporal'>,
  pipelines: ReadonlyMap<string, Pipeline>,
): string[] {
  return [...new Set([...pipelines.values()].map((each) => taskQueueOf(config, each)))];
}

/** A worker that lacks them would park every run, so it takes none. */
async function requireSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { logger } = Runtime.instance();
  const command = await commandForMissingAttributes(connection.operatorService, namespace).catch(
    (error: unknown) => {
      logger.warn(
        'cannot tell whether the namespace has all search attributes; without one, runs wait for ever',
        {
          namespace,
          reason: error instanceof Error ? error.message : String(error),
        },
      );
      return null;
    },
  );
  if (command)
    throw new ConfigError([
      `TEMPORAL_NAMESPACE="${namespace}": lacks search attributes that every run sets; make them: ${command}`,
    ]);
}
