import {
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ConfigError } from '../../src/config.ts';
import { DefinitionError } from '../../src/core/definition.ts';
import { TidemarkError } from '../../src/core/errors.ts';
import { CommandError, EXIT, type ExitCode } from './output.ts';
import { unreachable } from './session.ts';

const NO_WORKER = 'no worker answered; start one: npx tidemark worker';

/** One message for a person, without a stack, and the exit code. */
export function describeError(
  error: unknown,
  address = 'TEMPORAL_ADDRESS',
  namespace = 'default',
): { message: string; exitCode: ExitCode } {
  const failed = (message: string) => ({ message, exitCode: EXIT.failed });
  if (error instanceof CommandError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof ConfigError || error instanceof DefinitionError) return failed(error.message);
  if (error instanceof TidemarkError) return failed(`${error.code}: ${error.message}. ${error.todo}`);
  if (isNamespaceMissing(error))
    return failed(
      `TEMPORAL_NAMESPACE "${namespace}" does not exist at ${address}; correct it, or create it: temporal operator namespace create ${namespace}`,
    );
  if (error instanceof WorkflowUpdateFailedError)
    return failed(`refused: ${error.cause?.message ?? error.message}`);
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return failed(
      `${error.workflowId} is running already; look at it: npx tidemark ${error.workflowId.startsWith('backfill/') ? `backfill status ${error.workflowId}` : 'status'}`,
    );
  if (error instanceof WorkflowNotFoundError)
    return failed(
      /already completed|closing workflow/.test(error.message)
        ? hasEnded(error.workflowId)
        : isUnknown(error.workflowId),
    );
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return failed(NO_WORKER);
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (isGrpcServiceError(cause)) {
    const code: number = cause.code;
    if (code === 14) return failed(unreachable(address));
    if (code === 4 || (code === 9 && /no poller/i.test(cause.details))) return failed(NO_WORKER);
    if (code === 5) return failed(`Temporal does not know it: ${cause.details}`);
    if (code === 7 || code === 16)
      return failed(
        `Temporal refuses access: ${cause.details}; check TEMPORAL_API_KEY and TEMPORAL_NAMESPACE`,
      );
    return failed(`Temporal: ${cause.details || cause.message}`);
  }
  return failed(error instanceof Error ? error.message : String(error));
}

/** Says of a workflow that it takes no message any more. */
export function hasEnded(workflowId: string): string {
  return workflowId.startsWith('backfill/')
    ? `${workflowId} has ended; see how: npx tidemark backfill status ${workflowId}`
    : `${workflowId} has ended, so nothing can be decided; see how: npx tidemark status ${workflowId.replace(/^ingest\//, '')}`;
}

function isUnknown(workflowId: string): string {
  return workflowId.startsWith('backfill/')
    ? `there is no ${workflowId}; list the backfills: npx tidemark backfill list`
    : `there is no workflow ${workflowId || 'of that name'}; list the runs: npx tidemark status`;
}

function isNamespaceMissing(error: unknown): boolean {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  const text = isGrpcServiceError(cause) ? cause.details : error instanceof Error ? error.message : '';
  return /^namespace\b.*not found/i.test(text);
}
