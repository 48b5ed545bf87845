import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type BackfillInput,
  type BuildReport,
  backfillName,
  type CarriedBackfill,
  type Chunk,
  type ChunkReport,
  chunkName,
  chunkWorkflowId,
  type FailedChunk,
  type InitialLoadInput,
  type ReadyChunk,
} from '../src/core/backfill.ts';
import type { backfill } from './backfill.ts';
import type { extractChunk } from './extract-chunk.ts';
import {
  type BackfillStatus,
  backfillStatusQuery,
  buildReportSignal,
  chunkReportSignal,
  pauseUpdate,
  reportToSignal,
  resumeUpdate,
  setParallelUpdate,
} from './messages.ts';
import { patient } from './proxies.ts';
import type { publishChunks } from './publish-chunks.ts';
import { pipelineKey, runKindKey, stateKey } from './search-attributes.ts';

/** Events after which the workflow continues as new, so that history stays small over decades of days. */
const EVENTS_PER_RUN = 1_000;

/** Extracted chunks that may wait to be built, in batches: what is read early lies on S3 unused. */
const BATCHES_AHEAD = 2;

const MAX_PARALLEL = 32;

/** Parts outlive the workflow run that started them. */
const PART = {
  workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
  parentClosePolicy: ParentClosePolicy.ABANDON,
};

/** Parts are cancelled by `cancelParts` alone, whichever run of the workflow started them. */
async function startPart(start: () => Promise<unknown>): Promise<void> {
  await CancellationScope.nonCancellable(start);
}

/** One workflow run of a backfill: starts chunks and builds within their limits, and keeps count of them. */
export class SideBySide {
  private readonly input: BackfillInput | InitialLoadInput;
  private readonly workflowId = workflowInfo().workflowId;
  private startedAt = workflowInfo().startTime.toISOString();
  private total = 0;
  private todo: Chunk[] = [];
  private readonly extracting = new Map<string, Chunk>();
  private readonly waiting = new Set<string>();
  private ready: ReadyChunk[] = [];
  private building: readonly ReadyChunk[] = [];
  private buildCount = 0;
  private readonly done: string[] = [];
  private readonly skipped: string[] = [];
  private readonly failed: FailedChunk[] = [];
  private isPaused = false;
  private isFirstAlone = false;
  private readonly unrecorded: FailedChunk[] = [];
  private parallel: number;
  private changes = 0;

  constructor(input: BackfillInput | InitialLoadInput) {
    this.input = input;
    this.parallel = input.parallel ?? 2;
    if (input.carried) this.restore(input.carried);
    setHandler(backfillStatusQuery, () => this.status());
    setHandler(chunkReportSignal, (report) => this.hearOfChunk(report));
    setHandler(buildReportSignal, (report) => this.hearOfBuild(report));
    setHandler(pauseUpdate, () => this.steer(() => (this.isPaused = true)));
    setHandler(resumeUpdate, () => this.steer(() => (this.isPaused = false)));
    setHandler(setParallelUpdate, (parallel) => this.steer(() => (this.parallel = parallel)), {
      validator: (parallel) => {
        if (Number.isInteger(parallel) && parallel >= 1 && parallel <= MAX_PARALLEL) return;
        throw ApplicationFailure.nonRetryable(
          `parallel ${parallel} is not a whole number from 1 to ${MAX_PARALLEL}`,
          'ParallelRefused',
        );
      },
    });
  }

  /** Runs to the end of the plan, or continues as new on the way. */
  async run(): Promise<{ published: number; skipped: number }> {
    upsertSearchAttributes([
      { key: pipelineKey, value: this.input.pipeline },
      { key: runKindKey, value: 'backfill' },
      { key: stateKey, value: 'running' },
    ]);
    try {
      if (!this.input.carried) {
        const plan = await patient.planBackfill(this.input);
        this.todo = [...plan.todo];
        this.total = plan.todo.length;
        this.isFirstAlone = plan.isFirstAlone;
      }
      for (;;) {
        const seen = this.changes;
        await this.recordFailures();
        await this.startChunks();
        await this.startBuild();
        this.show();
        if (this.isOver()) break;
        if (workflowInfo().historyLength > EVENTS_PER_RUN)
          await continueAsNew<typeof backfill>({ ...this.input, carried: this.carry() });
        await condition(() => this.changes > seen);
      }
    } catch (error) {
      if (isCancellation(error)) {
        upsertSearchAttributes([{ key: stateKey, value: 'aborted' }]);
        await CancellationScope.nonCancellable(() => this.cancelParts());
      }
      throw error;
    }
    // An entity of which a range was left out has no watermark: its load is not done.
    if ('isInitial' in this.input)
      this.failed.push(...this.skipped.map((chunk) => ({ chunk, reason: 'left out by decision' })));
    upsertSearchAttributes([{ key: stateKey, value: this.failed.length > 0 ? 'failed' : 'published' }]);
    if (this.failed.length > 0) throw this.incomplete();
    return { published: this.done.length, skipped: this.skipped.length };
  }

  private async startChunks(): Promise<void> {
    const maxReady = this.isAlone() ? 1 : BATCHES_AHEAD * this.batch;
    while (
      !this.isPaused &&
      this.todo.length > 0 &&
      this.extracting.size - this.waitingChunks() < (this.isAlone() ? 1 : this.parallel) &&
      this.waiting.size < (this.input.maxWaiting ?? 3) &&
      this.ready.length + (this.isAlone() ? this.building.length : 0) < maxReady
    ) {
      const window = this.todo.shift()!;
      this.extracting.set(chunkName(window), window);
      await this.startChunk(window);
    }
  }

  /** Starts a chunk, or listens to it when it runs already: it may outlive a backfill that was terminated. */
  private async startChunk(window: Chunk): Promise<void> {
    const { pipeline } = this.input;
    const { onlyEntities } = this;
    const workflowId = chunkWorkflowId(pipeline, window);
    for (;;) {
      try {
        const args: Parameters<typeof extractChunk> = [
          { pipeline, window, onlyEntities, backfill: this.workflowId },
        ];
        await startPart(() => startChild<typeof extractChunk>('extractChunk', { ...PART, workflowId, args }));
        return;
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      try {
        await getExternalWorkflowHandle(workflowId).signal(reportToSignal, this.workflowId);
        return;
      } catch (error) {
        if (isCancellation(error)) throw error;
        log.info('the chunk ended meanwhile; it is started again', { workflowId });
      }
    }
  }

  /** Builds when a batch is full, or when nothing more is on its way to it. */
  private async startBuild(): Promise<void> {
    if (this.isPaused || this.building.length > 0 || this.ready.length === 0) return;
    const isMoreComing = this.extracting.size > this.waitingChunks() || this.canStartMore();
    if (this.ready.length < this.batch && isMoreComing) return;
    const chosen = this.chooseBatch();
    this.building = chosen;
    this.ready = this.ready.filter((each) => !chosen.includes(each));
    this.buildCount += 1;
    const { pipeline } = this.input;
    const { onlyEntities } = this;
    const workflowId = this.buildWorkflowId();
    const args: Parameters<typeof publishChunks> = [
      { pipeline, build: this.buildCount, chunks: chosen, onlyEntities, backfill: this.workflowId },
    ];
    await startPart(() => startChild<typeof publishChunks>('publishChunks', { ...PART, workflowId, args }));
  }

  /** In the plan's order. A chunk from which an entity was left out is built alone: its neighbours keep theirs. */
  private chooseBatch(): ReadyChunk[] {
    const order = ({ window }: ReadyChunk) => chunkName(window);
    const sorted = this.ready.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
    if ('isBackwards' in this.input && this.input.isBackwards) sorted.reverse();
    const [first] = sorted;
    if (first!.skipped.length > 0) return [first!];
    return sorted.filter((each) => each.skipped.length === 0).slice(0, this.batch);
  }

  /** A chunk of a first load names its entity itself, and is done with it. */
  private get onlyEntities(): readonly string[] | undefined {
    return 'isInitial' in this.input ? undefined : this.input.entities;
  }

  private canStartMore(): boolean {
    return this.todo.length > 0 && this.waiting.size < (this.input.maxWaiting ?? 3);
  }

  private hearOfChunk(report: ChunkReport): void {
    const { chunk } = report;
    const window = this.extracting.get(chunk);
    // A report that comes twice, or of a chunk that was taken over, changes nothing.
    if (!window) return;
    const id = chunkWorkflowId(this.input.pipeline, window);
    if (report.state === 'waiting') this.waiting.add(id);
    else this.waiting.delete(id);
    if (report.state !== 'waiting' && report.state !== 'running') this.extracting.delete(chunk);
    if (report.state === 'ready') this.ready.push(report.ready);
    if (report.state === 'skipped') this.skipped.push(chunk);
    if (report.state === 'failed') this.fail([chunk], report.reason);
    this.changes += 1;
  }

  private hearOfBuild(report: BuildReport): void {
    if (report.build !== this.buildCount || this.building.length === 0) return;
    const id = this.buildWorkflowId();
    if (report.state === 'waiting') this.waiting.add(id);
    else this.waiting.delete(id);
    const chunks = this.building.map((each) => chunkName(each.window));
    if (report.state === 'published') this.done.push(...chunks);
    if (report.state === 'skipped') this.skipped.push(...chunks);
    if (report.state === 'failed') this.fail(chunks, report.reason);
    if (report.state !== 'waiting' && report.state !== 'running') this.building = [];
    this.changes += 1;
  }

  private fail(chunks: readonly string[], reason: string): void {
    const failed = chunks.map((chunk) => ({ chunk, reason }));
    this.failed.push(...failed);
    this.unrecorded.push(...failed);
  }

  /** Failures are kept on S3, where `--mode failed` finds them when this workflow is long forgotten. */
  private async recordFailures(): Promise<void> {
    const at = new Date().toISOString();
    const { pipeline } = this.input;
    for (let failed = this.unrecorded.shift(); failed; failed = this.unrecorded.shift())
      await patient.recordFailedChunk({ pipeline, at, ...failed });
  }

  private steer(change: () => void): BackfillStatus {
    change();
    this.changes += 1;
    return this.status();
  }

  private isOver(): boolean {
    const open = this.todo.length + this.extracting.size + this.ready.length + this.building.length;
    return open === 0;
  }

  /** Cancels what is under way and waits for it: EMR steps and statements are gone when it returns. */
  private async cancelParts(): Promise<void> {
    const parts = [...this.extracting.values()].map((window) => chunkWorkflowId(this.input.pipeline, window));
    if (this.building.length > 0) parts.push(this.buildWorkflowId());
    // What counts is that they say so; a part that ends by itself at this moment may never answer the request.
    for (const part of parts) {
      getExternalWorkflowHandle(part)
        .cancel()
        .catch(() => log.info('it ended by itself', { part }));
    }
    await condition(() => this.extracting.size === 0 && this.building.length === 0, '10 minutes');
  }

  private get batch(): number {
    return this.isAlone() ? 1 : (this.input.batch ?? 31);
  }

  /** Until one chunk is published, when each would read the entities without business dates whole. */
  private isAlone(): boolean {
    return this.isFirstAlone && this.done.length === 0;
  }

  private waitingChunks(): number {
    return this.waiting.size - (this.waiting.has(this.buildWorkflowId()) ? 1 : 0);
  }

  private buildWorkflowId(): string {
    // A build of an earlier backfill of this range may still run.
    const token = workflowInfo().firstExecutionRunId.slice(-8);
    return `ingest/${this.input.pipeline}/build-${backfillName(this.input)}-${token}-${this.buildCount}`;
  }

  private status(): BackfillStatus {
    const names = (chunks: readonly ReadyChunk[]) => chunks.map((each) => chunkName(each.window));
    return {
      total: this.total,
      done: this.done,
      skipped: this.skipped,
      failed: this.failed,
      extracting: [...this.extracting.keys()],
      ready: names(this.ready),
      building: names(this.building),
      waiting: [...this.waiting],
      isPaused: this.isPaused,
      parallel: this.parallel,
      startedAt: this.startedAt,
    };
  }

  private show(): void {
    const { done, failed, extracting, ready, building, waiting } = this.status();
    setCurrentDetails(
      [
        `**${done.length} of ${this.total} chunks published**${this.isPaused ? ', paused' : ''}`,
        `${extracting.length} extracting, ${ready.length} ready, ${building.length} building, ${failed.length} failed, ${this.skipped.length} skipped`,
        ...waiting.map((id) => `- ${id} waits for a person`),
      ].join('\n\n'),
    );
  }

  private carry(): CarriedBackfill {
    return {
      total: this.total,
      startedAt: this.startedAt,
      todo: this.todo,
      extracting: [...this.extracting.values()],
      waiting: [...this.waiting],
      ready: this.ready,
      building: this.building,
      buildCount: this.buildCount,
      done: this.done,
      skipped: this.skipped,
      failed: this.failed,
      isPaused: this.isPaused,
      parallel: this.parallel,
      isFirstAlone: this.isFirstAlone,
    };
  }

  private restore(carried: CarriedBackfill): void {
    this.total = carried.total;
    this.startedAt = carried.startedAt;
    this.todo = [...carried.todo];
    for (const window of carried.extracting) this.extracting.set(chunkName(window), window);
    for (const id of carried.waiting) this.waiting.add(id);
    this.ready = [...carried.ready];
    this.building = carried.building;
    this.buildCount = carried.buildCount;
    this.done.push(...carried.done);
    this.skipped.push(...carried.skipped);
    this.failed.push(...carried.failed);
    this.isPaused = carried.isPaused;
    this.parallel = carried.parallel;
    this.isFirstAlone = carried.isFirstAlone;
  }

  private incomplete(): ApplicationFailure {
    const shown = this.failed.slice(0, 5).map(({ chunk, reason }) => `${chunk} (${reason})`);
    const more = this.failed.length > shown.length ? ` and ${this.failed.length - shown.length} more` : '';
    return ApplicationFailure.nonRetryable(
      `${this.failed.length} of ${this.total} chunks ended without publishing: ${shown.join(', ')}${more}; ${this.done.length} are published; start the backfill again to go on with the missing ones`,
      'BackfillIncomplete',
    );
  }
}
