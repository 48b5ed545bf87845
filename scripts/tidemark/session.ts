import { userInfo } from 'node:os';
import type { Client } from '@temporalio/client';
import type { ActivityDeps } from '../../activities/deps.ts';
import { type Config, type OperatorConfig, readConfig, readOperatorConfig } from '../../src/config.ts';
import type { Pipeline } from '../../src/core/pipeline.ts';
import { didYouMean } from '../../src/expectations/suggest.ts';
import { CommandError, EXIT, type Output } from './output.ts';

/** How long a worker may take to answer a query or an update. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Runs work with a Temporal client and closes the connection after it. */
export async function withTemporal<T>(
  out: Output,
  work: (client: Client, config: OperatorConfig) => Promise<T>,
): Promise<T> {
  const config = readOperatorConfig(out.env);
  const { connectTemporal } = await import('../../src/temporal-client.ts');
  let client: Client;
  try {
    client = await connectTemporal(config);
  } catch {
    throw new CommandError(unreachable(config.temporal.address));
  }
  try {
    return await work(client, config);
  } finally {
    await client.connection.close();
  }
}

/** Who types, when `--by` does not say. */
export function userOf(out: Output): string {
  return out.env.USER || userInfo().username;
}

export function unreachable(address: string): string {
  return `Temporal cannot be reached at ${address}: start it (npm run up, on one machine) or set TEMPORAL_ADDRESS to its host:port`;
}

/** Refuses a pipeline that has no runs and is in no definition either; nothing to say when it has runs. */
export async function requireKnown(
  config: OperatorConfig,
  name: string | undefined,
  found: readonly unknown[],
): Promise<void> {
  if (name !== undefined && found.length === 0) await requirePipeline(config, name);
}

/** Bounds a call that only a worker can answer. */
export async function withAnswer<T>(
  client: Client,
  work: () => Promise<T>,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<T> {
  return await client.connection.withDeadline(Date.now() + timeoutMs, work);
}

/** Runs work with the pipelines loaded and the real adapters, and closes them after it. */
export async function withDeps<T>(
  out: Output,
  work: (deps: ActivityDeps, config: Config) => Promise<T>,
): Promise<T> {
  const config = readConfig(out.env);
  const pipelines = await loadConfigured(config);
  const { composeDeps } = await import('../../src/compose.ts');
  const deps = await composeDeps(config, pipelines);
  try {
    return await work(deps, config);
  } finally {
    await deps.close();
  }
}

async function loadConfigured(config: OperatorConfig): Promise<ReadonlyMap<string, Pipeline>> {
  const { loadPipelines } = await import('../../src/load-pipelines.ts');
  return await loadPipelines(config.pipelinePaths);
}

/** Refuses a pipeline that TIDEMARK_PIPELINES does not hold, before a workflow waits for it in vain. */
export async function requirePipeline(config: OperatorConfig, name: string): Promise<Pipeline> {
  const pipelines = await loadConfigured(config);
  const found = pipelines.get(name);
  if (found) return found;
  const known = [...pipelines.keys()];
  throw new CommandError(
    `there is no pipeline "${name}"${didYouMean(name, known) || `; pipelines are ${known.join(', ')}`} (TIDEMARK_PIPELINES)`,
    EXIT.usage,
  );
}
