import type { DecisionRecord } from './publication.ts';
import type { BusinessWindow, KeyRange, ManifestRef } from './run.ts';

/** What all kinds of backfills are asked alike. */
interface BackfillOptions {
  readonly pipeline: string;
  /** Chunks that are extracted and checked side by side; default 2. */
  readonly parallel?: number;
  /** Chunks that are cleaned, modelled and published by one Spark step each; default 31. */
  readonly batch?: number;
  /** Chunks that wait for a person before no further one is started; default 3. */
  readonly maxWaiting?: number;
  /** Refuses to start when the plan is no longer the one that was shown. */
  readonly planDigest?: string;
  /** What a workflow run hands to the one that it continues as. */
  readonly carried?: CarriedBackfill;
}

/** Input of the `backfill` workflow for business dates `[from, to)`, `YYYY-MM-DD`. */
export interface BackfillInput extends BackfillOptions {
  readonly from: string;
  readonly to: string;
  /** ISO-8601 duration of one chunk: whole days, weeks, months or years, such as `P1D` or `P1M`. */
  readonly chunk: string;
  /** `missing`: chunks that no publication holds; `failed`: those whose last try did not publish; `all`: every chunk again. */
  readonly mode: BackfillMode;
  /** Entities to read again; default all. A backfill of some marks no chunk as done. */
  readonly entities?: readonly string[];
  /** Newest chunk first; default oldest first. */
  readonly isBackwards?: boolean;
  /** Only in backfills that began before chunks went side by side: first chunk to do, by its `from`. */
  readonly resumeFrom?: string;
}

/** Input of the `backfill` workflow for the first load of entities, in ranges of their keys. */
export interface InitialLoadInput extends BackfillOptions {
  readonly isInitial: true;
  /** Default those that have no watermark. */
  readonly entities?: readonly string[];
  /** Rows of a range, about; default 1,000,000. */
  readonly rowsPerChunk?: number;
}

export type BackfillMode = 'missing' | 'failed' | 'all';

/** What one chunk reads. */
export type Chunk = BusinessWindow | KeyRange;

/** A chunk that is extracted and checked, ready to be built. */
export interface ReadyChunk {
  readonly window: Chunk;
  readonly runKey: string;
  readonly manifests: readonly ManifestRef[];
  /** Entities that a decision left out of it. */
  readonly skipped: readonly string[];
  readonly decisions: readonly DecisionRecord[];
  readonly extracted: Readonly<Record<string, number>>;
}

/** Progress of a backfill between two runs of its workflow. */
export interface CarriedBackfill {
  readonly total: number;
  /** ISO-8601 UTC. */
  readonly startedAt: string;
  readonly todo: readonly Chunk[];
  readonly extracting: readonly Chunk[];
  readonly waiting: readonly string[];
  readonly ready: readonly ReadyChunk[];
  readonly building: readonly ReadyChunk[];
  readonly buildCount: number;
  readonly done: readonly string[];
  readonly skipped: readonly string[];
  readonly failed: readonly FailedChunk[];
  readonly isPaused: boolean;
  readonly parallel: number;
  readonly isFirstAlone: boolean;
}

export interface FailedChunk {
  readonly chunk: string;
  readonly reason: string;
}

/** What a chunk, or the build of several, tells the backfill that it belongs to. */
export type ChunkReport =
  | { readonly chunk: string; readonly state: 'running' | 'waiting' | 'skipped' }
  | { readonly chunk: string; readonly state: 'ready'; readonly ready: ReadyChunk }
  | { readonly chunk: string; readonly state: 'failed'; readonly reason: string };

export type BuildReport =
  | { readonly build: number; readonly state: 'running' | 'waiting' | 'published' | 'skipped' }
  | { readonly build: number; readonly state: 'failed'; readonly reason: string };

/** Name of a chunk; those of a load sort in its order. */
export function chunkName(chunk: Chunk): string {
  if (!isKeyRange(chunk)) return `${chunk.from}..${chunk.to}`;
  return `initial-${chunk.load}-${String(chunk.nth).padStart(5, '0')}-${chunk.entity}`;
}

export function isKeyRange(chunk: Chunk): chunk is KeyRange {
  return 'load' in chunk;
}

export function isWindow(chunk: Chunk): chunk is BusinessWindow {
  return !isKeyRange(chunk);
}

/** Id of the workflow that extracts and checks a chunk. */
export function chunkWorkflowId(pipeline: string, chunk: Chunk): string {
  return `ingest/${pipeline}/backfill-${chunkName(chunk)}`;
}

/** What a backfill covers, as ids name it. */
export function backfillName(input: BackfillInput | InitialLoadInput): string {
  return 'isInitial' in input ? 'initial' : `${input.from}..${input.to}`;
}

/** Cuts `[from, to)` into chunks that neither overlap nor leave a gap; months and years end on calendar boundaries counted from `from`. */
export function splitRange(from: string, to: string, chunk: string): BusinessWindow[] {
  const start = parseDate(from, 'from');
  const end = parseDate(to, 'to');
  if (start >= end) throw new RangeError(`from ${from} is not before to ${to}`);
  const match = /^P(\d{1,4})([DWMY])$/.exec(chunk);
  if (!match || Number(match[1]) === 0)
    throw new RangeError(`chunk "${chunk}" is not a duration; use P1D, P1W, P1M or P1Y`);
  const count = Number(match[1]);
  const windows: BusinessWindow[] = [];
  for (let nth = 0, at = from; at < to; nth++) {
    // Counted from `from` each time: repeated adding would drift after a short month.
    const next = addTo(start, count * (nth + 1), match[2]!);
    windows.push({ from: at, to: next < to ? next : to });
    at = next;
  }
  return windows;
}

function addTo(start: number, count: number, unit: string): string {
  const date = new Date(start);
  if (unit === 'D' || unit === 'W') date.setUTCDate(date.getUTCDate() + count * (unit === 'W' ? 7 : 1));
  else {
    const months = date.getUTCMonth() + count * (unit === 'Y' ? 12 : 1);
    const year = date.getUTCFullYear() + Math.floor(months / 12);
    const lastDay = new Date(Date.UTC(year, (months % 12) + 1, 0)).getUTCDate();
    date.setTime(Date.UTC(year, months % 12, Math.min(date.getUTCDate(), lastDay)));
  }
  return date.toISOString().slice(0, 10);
}

function parseDate(text: string, field: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
    throw new RangeError(`${field} "${text}" is not a date; use YYYY-MM-DD`);
  }
  return time;
}
