import { type BackfillInput, type Chunk, chunkName, splitRange } from './backfill.ts';
import type { Publication, PublishedChunk } from './publication.ts';
import type { BusinessWindow } from './run.ts';

/** A chunk that ended without publishing, as it is kept beside the publication. */
export interface FailedChunkRecord {
  readonly reason: string;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** One chunk of a plan: what is there, and whether it is done again. */
export interface PlannedChunk {
  readonly window: Chunk;
  readonly isTodo: boolean;
  readonly state: 'missing' | 'published' | 'failed';
  readonly published: PublishedChunk | null;
  readonly failure: FailedChunkRecord | null;
  /** What a person should know before it is written again. */
  readonly conflicts: readonly string[];
}

export interface BackfillFacts {
  readonly publication: Publication | null;
  /** By chunk name. */
  readonly failures: ReadonlyMap<string, FailedChunkRecord>;
  /** `YYYY-MM-DD` in the pipeline's time zone. */
  readonly today: string;
}

/** Decides chunk by chunk what a backfill does, in the order in which it does it. */
export function planChunks(input: BackfillInput, facts: BackfillFacts): PlannedChunk[] {
  const chunks = splitRange(input.from, input.to, input.chunk).map((window) =>
    planChunk(window, input, facts),
  );
  return input.isBackwards ? chunks.reverse() : chunks;
}

function planChunk(window: BusinessWindow, { mode }: BackfillInput, facts: BackfillFacts): PlannedChunk {
  const name = chunkName(window);
  const published = facts.publication?.chunks[name] ?? null;
  const failure = facts.failures.get(name) ?? null;
  const isFailed = failure !== null && (published === null || published.publishedAt < failure.at);
  const state = isFailed ? 'failed' : published ? 'published' : 'missing';
  const isTodo = mode === 'all' || (mode === 'failed' ? isFailed : published === null);
  return { window, isTodo, state, published, failure: isFailed ? failure : null, conflicts: conflictsOf() };

  function conflictsOf(): string[] {
    const conflicts: string[] = [];
    if (window.to > facts.today)
      conflicts.push('live runs still write these days; newer rows of theirs stay');
    if (isTodo && published?.approvedBy?.length)
      conflicts.push(`was approved by ${published.approvedBy.join(', ')}; the new rows are checked anew`);
    return conflicts;
  }
}

/** Text whose digest names a plan: another one means that something else would be done. */
export function planText(input: BackfillInput, chunks: readonly PlannedChunk[]): string {
  const { pipeline, from, to, chunk, mode, entities, isBackwards } = input;
  const todo = chunks
    .filter((each) => each.isTodo)
    .map((each) => [chunkName(each.window), each.published?.runKey ?? null]);
  return JSON.stringify([pipeline, from, to, chunk, mode, entities ?? null, isBackwards ?? false, todo]);
}
