import type { StepConfig } from '@aws-sdk/client-emr';
import type { StepRef } from '../../ports/spark.ts';
import type { FoundStep } from './step-list.ts';

/** Where steps run: one cluster that stands, or a cluster for each step. */
export interface StepPlace {
  /** The step of a name: one to adopt if there is any, else the newest; null when there is none. */
  find(name: string): Promise<FoundStep | null>;
  /** Starts a step by one request that is never repeated by itself, since EMR cannot tell a repetition. */
  start(step: StepConfig & { Name: string }): Promise<StepRef>;
  probe(): Promise<string>;
  /** Whether its clusters are meant to end after their step. */
  readonly isTransient: boolean;
}
