import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BuildReport, ChunkReport, FailedChunk } from '../src/core/backfill.ts';
import type { DecisionRequest, Gate } from '../src/core/gate.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import type { Stage } from '../src/core/run.ts';
import type { WaivedFinding } from '../src/core/verdict.ts';

/** Answer to a decision: what was recorded, and what happens next. */
export interface DecisionAnswer {
  readonly decision: DecisionRecord;
  readonly next: string;
  /** Present when it was the first of two approvals: the gate stays open for another person's. */
  readonly waitsForSecond?: boolean;
}

/** A signal that was refused; its sender cannot be answered. */
export interface RefusedSignal {
  readonly action: string;
  /** Who it says that it is from; null when it does not. */
  readonly by: string | null;
  readonly refusal: string;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** Decisions as updates: validated before they enter history, answered at once. */
export const approveUpdate = defineUpdate<DecisionAnswer, [DecisionRequest]>('approve');
export const skipUpdate = defineUpdate<DecisionAnswer, [DecisionRequest]>('skip');
export const retryUpdate = defineUpdate<DecisionAnswer, [DecisionRequest]>('retry');
export const abortUpdate = defineUpdate<DecisionAnswer, [DecisionRequest]>('abort');

/** The same decisions as signals, for `temporal workflow signal`; an invalid one is refused into log, status and current details. */
export const approveSignal = defineSignal<[DecisionRequest]>('approve');
export const skipSignal = defineSignal<[DecisionRequest]>('skip');
export const retrySignal = defineSignal<[DecisionRequest]>('retry');
export const abortSignal = defineSignal<[DecisionRequest]>('abort');

export interface RunStatus {
  readonly runKey: string;
  readonly state: 'running' | 'waiting' | 'extracted' | 'published' | 'skipped' | 'failed' | 'aborted';
  readonly stage: Stage;
  /** ISO-8601 UTC, when the stage began. */
  readonly since: string;
  readonly gates: readonly Gate[];
  /** The decision that ended the run, at a gate or without one. */
  readonly aborted: DecisionRecord | null;
  /** The last signals that were refused, oldest first. */
  readonly refused: readonly RefusedSignal[];
  /** Failures that waivers let pass. */
  readonly waived: readonly WaivedFinding[];
  /** Rows by entity, once extracted. */
  readonly extracted: Readonly<Record<string, number>>;
  readonly sequence: number | null;
}

export const statusQuery = defineQuery<RunStatus>('status');

/** Where a backfill is; chunks by name, `<from>..<to>`. */
export interface BackfillStatus {
  /** Chunks of the plan. */
  readonly total: number;
  /** Published. */
  readonly done: readonly string[];
  readonly skipped: readonly string[];
  /** Ended without publishing; the backfill goes on with the others. */
  readonly failed: readonly FailedChunk[];
  readonly extracting: readonly string[];
  /** Extracted and checked, to be built. */
  readonly ready: readonly string[];
  /** Cleaned, modelled and published at this moment, by one step each. */
  readonly building: readonly string[];
  /** Ids of the workflows that wait for a person. */
  readonly waiting: readonly string[];
  readonly isPaused: boolean;
  readonly parallel: number;
  /** ISO-8601 UTC. */
  readonly startedAt: string;
}

/** Status of a backfill of which nothing is done. */
export function emptyStatus(total: number, startedAt: string): BackfillStatus {
  const none = { done: [], skipped: [], failed: [], extracting: [], ready: [], building: [], waiting: [] };
  return { total, ...none, isPaused: false, parallel: 1, startedAt };
}

export const backfillStatusQuery = defineQuery<BackfillStatus>('backfill');

/** Steer a backfill while it runs; each answers with its state. */
export const pauseUpdate = defineUpdate<BackfillStatus>('pause');
export const resumeUpdate = defineUpdate<BackfillStatus>('resume');
/** Chunks that are extracted side by side, 1 to 32. */
export const setParallelUpdate = defineUpdate<BackfillStatus, [number]>('setParallel');

/** Sent by chunks and builds to the backfill that they belong to. */
export const chunkReportSignal = defineSignal<[ChunkReport]>('chunkReport');
export const buildReportSignal = defineSignal<[BuildReport]>('buildReport');
/** Sent to a chunk that already runs: whom to tell, by workflow id. */
export const reportToSignal = defineSignal<[string]>('reportTo');
