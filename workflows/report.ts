import { CancellationScope, getExternalWorkflowHandle, log } from '@temporalio/workflow';
import type { BuildReport, ChunkReport } from '../src/core/backfill.ts';
import { buildReportSignal, chunkReportSignal } from './messages.ts';

/**
 * Tells backfills how a part of theirs goes, in order. They are told by signal and not by the part's result, so
 * that a part outlives the backfill's continuing as new, and a wait for a person does not hold its history.
 */
export class Reporter<T extends ChunkReport | BuildReport> {
  private readonly listeners: Set<string>;
  private last: T | null = null;
  private sending: Promise<void> = Promise.resolve();

  constructor(listener: string) {
    this.listeners = new Set([listener]);
  }

  /** Adds a backfill, or one that was started again under its id: it is told the last state at once. */
  listen(listener: string): void {
    this.listeners.add(listener);
    if (this.last) this.tell([listener], this.last);
  }

  report(report: T): void {
    this.last = report;
    this.tell([...this.listeners], report);
  }

  private tell(listeners: readonly string[], report: T): void {
    // A part that is cancelled still says so.
    const work = () =>
      CancellationScope.nonCancellable(async () => {
        for (const listener of listeners) await send(listener, report);
      });
    this.sending = this.sending.then(work);
  }

  /**
   * Resolves when everything is told, also to a backfill that asks meanwhile: a signal that is sent by the task which ends
   * the workflow never arrives.
   */
  async flush(): Promise<void> {
    for (let seen: Promise<void> | null = null; seen !== this.sending; ) {
      seen = this.sending;
      await seen;
    }
  }
}

async function send(listener: string, report: ChunkReport | BuildReport): Promise<void> {
  const backfill = getExternalWorkflowHandle(listener);
  try {
    if ('chunk' in report) await backfill.signal(chunkReportSignal, report);
    else await backfill.signal(buildReportSignal, report);
  } catch {
    // It was stopped, or has ended: started again, it does what the publication lacks.
    log.info('the backfill no longer runs', { backfill: listener });
  }
}
