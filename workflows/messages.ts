import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DecisionRequest, Gate } from '../src/core/gate.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import type { Stage } from '../src/core/run.ts';

/** Answer to a decision: what was recorded, and what happens next. */
export interface DecisionAnswer {
  readonly decision: DecisionRecord;
  readonly next: string;
}

/** Decisions as updates: validated before they enter history, answered at once. */
export const approveUpdate = defineUpdate<DecisionAnswer, [DecisionRequest]>('approve');
export const skipUpdate = defineUpdate<DecisionAnswer, [DecisionRequest]>('skip');
export const retryUpdate = defineUpdate<DecisionAnswer, [DecisionRequest]>('retry');
export const abortUpdate = defineUpdate<DecisionAnswer, [DecisionRequest]>('abort');

/** The same decisions as signals, for `temporal workflow signal`; an invalid one is refused into the log. */
export const approveSignal = defineSignal<[DecisionRequest]>('approve');
export const skipSignal = defineSignal<[DecisionRequest]>('skip');
export const retrySignal = defineSignal<[DecisionRequest]>('retry');
export const abortSignal = defineSignal<[DecisionRequest]>('abort');

export interface RunStatus {
  readonly runKey: string;
  readonly state: 'running' | 'waiting' | 'published' | 'skipped' | 'failed' | 'aborted';
  readonly stage: Stage;
  /** ISO-8601 UTC, when the stage began. */
  readonly since: string;
  readonly gates: readonly Gate[];
  /** Rows by entity, once extracted. */
  readonly extracted: Readonly<Record<string, number>>;
  readonly sequence: number | null;
}

export const statusQuery = defineQuery<RunStatus>('status');

export interface BackfillStatus {
  readonly total: number;
  readonly done: readonly string[];
  readonly failed: readonly string[];
  readonly current: string | null;
}

export const backfillStatusQuery = defineQuery<BackfillStatus>('backfill');
