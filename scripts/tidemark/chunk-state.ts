import type { PlannedChunk } from '../../src/core/backfill-plan.ts';
import { toSeconds } from './table.ts';

/** What is there of a chunk. */
export function describeState({ state, published, failure }: PlannedChunk): string {
  if (state === 'failed') return `failed ${toSeconds(failure!.at)}: ${failure!.reason.slice(0, 60)}`;
  if (published) return `${published.runKey} ${toSeconds(published.publishedAt)}`;
  return state === 'published' ? 'read whole meanwhile' : 'missing';
}
