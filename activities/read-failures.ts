import type { FailedChunkRecord } from '../src/core/backfill-plan.ts';
import type { Layout } from '../src/core/layout.ts';
import type { ObjectStore } from '../src/ports/object-store.ts';
import { mapParallel } from './written-files.ts';

/** What is kept of chunks that ended without publishing, by their names. */
export async function readFailures(
  store: ObjectStore,
  layout: Layout,
  names: readonly string[],
): Promise<ReadonlyMap<string, FailedChunkRecord>> {
  const found = await mapParallel(names, 16, async (name) => {
    const object = await store.read(layout.failedChunk(name));
    return object ? ([[name, JSON.parse(object.text) as FailedChunkRecord]] as const) : [];
  });
  return new Map(found.flat());
}
