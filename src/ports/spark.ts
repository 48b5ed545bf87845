/** Runs spark-submit steps on an EMR cluster. */
export interface Spark {
  /**
   * Submits a step once per name: a step of that name that is pending, running or completed is adopted instead.
   * A failed, cancelled or interrupted one is not: the caller gives each attempt a name of its own.
   */
  submit(step: { name: string; args: readonly string[] }): Promise<StepRef>;
  status(ref: StepRef): Promise<StepStatus>;
  /** Asks for cancellation; not guaranteed, so poll `status` until it is terminal. */
  cancel(ref: StepRef): Promise<void>;
  /** Looks up a step by name; null when the cluster has none. */
  find(name: string): Promise<(StepRef & { state: StepState }) | null>;
  /** Checks that the cluster can take steps (doctor); returns a line that describes it. */
  probe(): Promise<string>;
}

export interface StepRef {
  readonly clusterId: string;
  readonly stepId: string;
}

export type StepState =
  | 'PENDING'
  | 'CANCEL_PENDING'
  | 'RUNNING'
  | 'COMPLETED'
  | 'CANCELLED'
  | 'FAILED'
  | 'INTERRUPTED';

export interface StepStatus {
  readonly state: StepState;
  /** Why it failed, as EMR says it; null otherwise. */
  readonly reason: string | null;
  /** Where its log is, as EMR says it; null when unknown. */
  readonly logUri: string | null;
}
