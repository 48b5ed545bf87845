import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { RetryPolicy } from '../src/core/definition.ts';

/**
 * Activity stubs by how long the work may take. A retryable error is tried again by the pipeline's policy and
 * then opens a gate; a permanent one opens it at once. Every activity waits for its cancellation to be done,
 * so that an aborted run leaves no EMR step or statement behind.
 */
export function proxiesFor(policy: RetryPolicy) {
  const retry = {
    initialInterval: policy.firstDelaySeconds * 1000,
    maximumInterval: policy.maxDelaySeconds * 1000,
    backoffCoefficient: 2,
    maximumAttempts: policy.attempts,
  };
  const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
  // Heartbeats tell of a dead worker within half a minute. Twelve hours of work, after as many of waiting for a place
  // among the pipeline's limits (activities/limits.ts): it is waited for within the activity.
  const long = { startToCloseTimeout: '24 hours', heartbeatTimeout: '20 seconds', cancellationType } as const;
  return {
    quick: proxyActivities<Activities>({ startToCloseTimeout: '2 minutes', retry, cancellationType }),
    long: proxyActivities<Activities>({ ...long, retry }),
    /** A cluster is paid for by the minute: one more try, then a person looks. */
    spark: proxyActivities<Activities>({
      ...long,
      retry: { ...retry, maximumAttempts: Math.min(policy.attempts, 2) },
    }),
  };
}

export type Proxies = ReturnType<typeof proxiesFor>;

/** For the activities that need no pipeline's policy, such as reading it. */
export const patient = proxyActivities<
  Pick<
    Activities,
    | 'describePipeline'
    | 'judgeFreshness'
    | 'rememberFreshness'
    | 'planBackfill'
    | 'recordFailedChunk'
    | 'sendAlert'
    | 'listAlertChannels'
  >
>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute', maximumAttempts: 20 },
});

/** Alerts, which must arrive at last: a channel may be down over a weekend. */
export const alerting = proxyActivities<Pick<Activities, 'sendAlert'>>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '3 days',
  retry: { initialInterval: '1 second', maximumInterval: '15 minutes', backoffCoefficient: 2 },
});
