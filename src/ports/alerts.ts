/** Tells people. A channel that fails never fails the data: sending is a workflow of its own, retried apart. */
export interface AlertChannel {
  /** Tells the channels of a worker apart; part of history, so no secret. */
  readonly name: string;
  /** Resolves once the channel has taken the alert; throws `ALERT_UNDELIVERED` when it has not. */
  send(alert: Alert): Promise<void>;
}

export interface Alert {
  readonly kind:
    | 'gate-opened'
    | 'gate-reminder'
    | 'gate-needs-second'
    | 'gate-decided'
    | 'check-warning'
    | 'run-published'
    | 'run-skipped'
    | 'run-aborted'
    | 'run-failed'
    | 'backfill-failed'
    | 'publication-late'
    | 'publication-fresh';
  /** One incident for one cause: channels update rather than repeat. */
  readonly dedupKey: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly pipeline: string;
  readonly runKey: string;
  readonly workflowId: string;
  readonly title: string;
  /** What failed, where, how many, since when. No row data, no secrets. */
  readonly lines: readonly string[];
  /** Commands to type, most likely first. */
  readonly commands: readonly { readonly command: string; readonly effect: string }[];
  /** ISO-8601 UTC. */
  readonly at: string;
}
