import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { type RunStatus, statusQuery } from '../../workflows/messages.ts';
import { stateKey, waitingForKey } from '../../workflows/search-attributes.ts';
import { CommandError, EXIT } from './output.ts';
import { withAnswer } from './session.ts';
import { toSeconds } from './table.ts';

export interface RunLine {
  readonly id: string;
  readonly state: string;
  /** Null when the run has ended or no worker answers. */
  readonly stage: string | null;
  /** Begin of the stage, or end of the run. */
  readonly since: string;
  readonly waitingFor: string | null;
}

/** Runs, and the chunks and builds of backfills, newest first. */
export async function listRuns(
  client: Client,
  filter: { pipeline?: string; waiting?: boolean; limit: number },
): Promise<WorkflowExecutionInfo[]> {
  if (filter.pipeline !== undefined && !/^[a-z][a-z0-9_]*$/.test(filter.pipeline))
    throw new CommandError(`"${filter.pipeline}" is not a pipeline's name`, EXIT.usage);
  const conditions = [
    "WorkflowType IN ('ingest', 'extractChunk', 'publishChunks')",
    filter.pipeline === undefined
      ? 'TidemarkPipeline IS NOT NULL'
      : `TidemarkPipeline = '${filter.pipeline}'`,
    ...(filter.waiting ? ["TidemarkState = 'waiting'", "ExecutionStatus = 'Running'"] : []),
  ];
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query: conditions.join(' AND ') })) {
    runs.push(run);
    if (runs.length === filter.limit) break;
  }
  return runs.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
}

/** What the run answers, or null when no worker answers in 5 s. */
export async function askStatus(client: Client, workflowId: string): Promise<RunStatus | null> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    return await withAnswer(client, () => handle.query(statusQuery), 5_000);
  } catch {
    return null;
  }
}

/** State as people use the word: a run that was terminated from outside never said so itself. */
export function stateOf(run: Pick<WorkflowExecutionInfo, 'status' | 'typedSearchAttributes'>): string {
  const said = run.typedSearchAttributes.get(stateKey) ?? 'running';
  const status = run.status.name;
  if (status === 'RUNNING' || status === 'COMPLETED') return said;
  if (status === 'FAILED') return said === 'aborted' ? said : 'failed';
  return status.toLowerCase();
}

export async function describeRun(client: Client, run: WorkflowExecutionInfo): Promise<RunLine> {
  const open = run.status.name === 'RUNNING';
  const status = open ? await askStatus(client, run.workflowId) : null;
  return {
    id: run.workflowId,
    state: stateOf(run),
    stage: status?.stage ?? null,
    since: toSeconds(status?.since ?? run.closeTime ?? run.startTime),
    waitingFor: open ? (run.typedSearchAttributes.get(waitingForKey) ?? null) : null,
  };
}
