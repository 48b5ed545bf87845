import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import type { PipelineLimits } from '../src/core/definition.ts';
import { TidemarkError } from '../src/core/errors.ts';
import type { Pipeline } from '../src/core/pipeline.ts';

export type LimitedKind = keyof PipelineLimits;

/** Half of an activity's start-to-close time (workflows/proxies.ts): the other half is left for its work. */
const LONGEST_WAIT_MS = 12 * 3_600_000;
const BEAT_MS = 2_000;

/** Places that are given in the order of asking. */
class Places {
  readonly count: number;
  private taken = 0;
  private readonly queue: (() => void)[] = [];

  constructor(count: number) {
    this.count = count;
  }

  /** Takes a place if one is free and nobody waits for it. */
  takeFree(): boolean {
    if (this.taken >= this.count) return false;
    this.taken += 1;
    return true;
  }

  /** Takes a place beyond the limit if need be: of work that goes on anyway. Later ones wait for longer. */
  takeAnyway(): void {
    this.taken += 1;
  }

  /** Waits for a place. Rejects with the signal's reason, and is out of the queue, as soon as it fires. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.queue.splice(this.queue.indexOf(enter), 1);
        reject(signal.reason);
      };
      this.queue.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Gives a place back; the first who waits has it at once, so that nobody slips in between. */
  release(): void {
    const next = this.taken > this.count ? undefined : this.queue.shift();
    if (next) next();
    else this.taken -= 1;
  }

  /** How many wait. */
  get waiting(): number {
    return this.queue.length;
  }
}

/** What a waiting activity heartbeats, beside what its last try left: for Temporal's UI and `tidemark status`. */
export interface WaitingForPlace {
  readonly waitsFor: { readonly kind: LimitedKind; readonly limit: number; readonly since: string };
}

/** The limits of every pipeline within this process. Another worker has limits of its own. */
export class Limits {
  private readonly pipelines: ReadonlyMap<string, Pipeline>;
  private readonly places = new Map<string, Places>();

  constructor(pipelines: ReadonlyMap<string, Pipeline>) {
    this.pipelines = pipelines;
  }

  /**
   * Does an activity's work while it holds a place, which it gives back however the work ends. Until there is one
   * it waits with heartbeats, in the order of asking. Work that is `underWay` outside is counted and not held up.
   * Fails with `LIMIT_REACHED` after twelve hours of waiting; a cancelled activity waits no longer.
   */
  async hold<T>(pipeline: string, kind: LimitedKind, work: () => Promise<T>, underWay = false): Promise<T> {
    const places = this.placesOf(pipeline, kind);
    // The work itself refuses a pipeline that is unknown.
    if (!places) return await work();
    if (underWay) places.takeAnyway();
    else if (!places.takeFree()) await awaitPlace(places, pipeline, kind);
    try {
      // Who goes on with what is under way has to end it when it is cancelled.
      if (!underWay) cancellationSignal().throwIfAborted();
      return await work();
    } finally {
      places.release();
    }
  }

  private placesOf(pipeline: string, kind: LimitedKind): Places | undefined {
    const limit = this.pipelines.get(pipeline)?.definition.limits[kind];
    if (limit === undefined) return undefined;
    const key = `${pipeline}/${kind}`;
    const known = this.places.get(key) ?? new Places(limit);
    this.places.set(key, known);
    return known;
  }
}

async function awaitPlace(places: Places, pipeline: string, kind: LimitedKind): Promise<void> {
  const cancellation = cancellationSignal();
  const waitsFor = { kind, limit: places.count, since: new Date().toISOString() };
  log.info('waits for a place', { pipeline, ...waitsFor, ahead: places.waiting });
  // What an earlier try left for the next stays in the details.
  const { heartbeatDetails: left } = activityInfo();
  const beat = () => heartbeat({ ...left, waitsFor });
  beat();
  const timer = setInterval(beat, BEAT_MS);
  try {
    await places.wait(AbortSignal.any([cancellation, AbortSignal.timeout(LONGEST_WAIT_MS)]));
    heartbeat(left);
  } catch (error) {
    if (cancellation.aborted) throw error;
    throw new TidemarkError(
      'LIMIT_REACHED',
      `no place among the ${places.count} ${kind} of pipeline ${pipeline} became free on this worker in twelve hours`,
    );
  } finally {
    clearInterval(timer);
  }
}
