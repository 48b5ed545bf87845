import { WorkflowIdReusePolicy } from '@temporalio/common';
import {
  ApplicationFailure,
  ChildWorkflowCancellationType,
  log,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Alert } from '../src/ports/alerts.ts';
import { alerting, patient } from './proxies.ts';

/**
 * Brings one alert to every channel. Each channel is tried by itself for three days, so that one that is down
 * neither holds the others back nor has them told twice. Fails, visibly, with the channels that never took it.
 */
export async function deliverAlert(alert: Alert): Promise<void> {
  const channels = await patient.listAlertChannels({});
  setCurrentDetails(`${alert.title}\n\nto ${channels.join(', ')}`);
  const results = await Promise.allSettled(
    channels.map((channel) => alerting.sendAlert({ ...alert, channel })),
  );
  const missed = channels.filter((_, index) => results[index]!.status === 'rejected');
  if (missed.length > 0)
    throw ApplicationFailure.nonRetryable(`never taken by ${missed.join(', ')}`, 'AlertUndelivered');
}

/**
 * Hands an alert over to a workflow of its own and returns at once: no channel can hold back or fail the caller.
 * `nth` tells the alerts of one workflow apart.
 */
export async function startAlert(alert: Alert, nth: number): Promise<void> {
  // Not of the caller's workflow id: a history that is replayed by itself does not hold it.
  const { firstExecutionRunId } = workflowInfo();
  await startDelivery(alert, `alert/${alert.pipeline}/${firstExecutionRunId}-${nth}`);
}

/** As `startAlert`, once for all workflows that know the alert by the same `name`. */
export async function startAlertOnce(alert: Alert, name: string): Promise<void> {
  await startDelivery(alert, `alert/${name}`, WorkflowIdReusePolicy.REJECT_DUPLICATE);
}

async function startDelivery(
  alert: Alert,
  workflowId: string,
  workflowIdReusePolicy?: WorkflowIdReusePolicy,
): Promise<void> {
  try {
    await startChild(deliverAlert, {
      workflowId,
      workflowIdReusePolicy,
      args: [alert],
      staticSummary: `${alert.kind}: ${alert.title}`.slice(0, 190),
      // It outlives the run, and an abort of the run.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WorkflowExecutionAlreadyStartedError') throw error;
    log.warn('this alert is being sent already', { kind: alert.kind, dedupKey: alert.dedupKey });
  }
}
