import { setTimeout as delay } from 'node:timers/promises';
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementCommandOutput,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { TidemarkError } from '../../core/errors.ts';
import type { StatementOptions } from '../../ports/warehouse.ts';
import { callAws } from '../aws-errors.ts';

const FIRST_POLL_MS = 50;
const LAST_POLL_MS = 1_000;
/** The statement goes on while we cannot see it: giving up early would run it a second time. */
const MAX_BLIND_POLLS = 5;

/**
 * Polls a statement until it is over, and returns what it has come to. When the signal fires it cancels the
 * statement, and still waits for its end: only then is it known whether it was applied.
 */
export async function awaitStatement(
  client: RedshiftDataClient,
  id: string,
  { signal, onPoll }: StatementOptions,
): Promise<DescribeStatementCommandOutput> {
  let isCancelled = false;
  let blindPolls = 0;
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 1.5, LAST_POLL_MS)) {
    let statement: DescribeStatementCommandOutput | undefined;
    try {
      statement = await describe(client, id);
      blindPolls = 0;
    } catch (error) {
      if (!isRetryable(error) || ++blindPolls > MAX_BLIND_POLLS) throw error;
    }
    onPoll?.(id);
    if (statement && isOver(statement)) return statement;
    if (signal?.aborted && !isCancelled) isCancelled = await cancel(client, id);
    await pause(waitMs, signal);
  }
}

async function describe(client: RedshiftDataClient, id: string): Promise<DescribeStatementCommandOutput> {
  return await callAws(
    { service: 'redshift-data', action: 'redshift-data:DescribeStatement', target: `statement ${id}` },
    (options) => client.send(new DescribeStatementCommand({ Id: id }), options),
  );
}

function isOver({ Status }: DescribeStatementCommandOutput): boolean {
  return Status === 'FINISHED' || Status === 'FAILED' || Status === 'ABORTED';
}

/** False when it has to be tried again, or was refused, as for a statement that ended this moment: the next poll shows it. */
async function cancel(client: RedshiftDataClient, id: string): Promise<boolean> {
  try {
    const { Status } = await callAws(
      { service: 'redshift-data', action: 'redshift-data:CancelStatement', target: `statement ${id}` },
      (options) => client.send(new CancelStatementCommand({ Id: id }), options),
    );
    return Status ?? false;
  } catch (error) {
    const isRefused = error instanceof TidemarkError && error.code === 'WAREHOUSE_SQL_FAILED';
    if (isRefused || isRetryable(error)) return false;
    throw error;
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof TidemarkError && error.retryable;
}

/** Ends early when the signal fires, so that the cancellation is not late. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal?.aborted ? {} : { signal }).catch(() => undefined);
}
