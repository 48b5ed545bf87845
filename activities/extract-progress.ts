import { activityInfo, log } from '@temporalio/activity';
import type { ObjectStore } from '../src/ports/object-store.ts';
import type { FinishedPart, FinishedWork } from '../src/ports/source.ts';

/** Heartbeat details of an extract: what people see of it, and what another try goes on from. */
export interface ExtractProgress {
  /** By entity. */
  readonly progress: Record<string, { rowCount: number; csvBytes: number }>;
  finished?: FinishedWork;
  /** By URI of a stored part. */
  readonly etags: Record<string, string>;
}

/** About 600 bytes each; Temporal warns from 512 kB and takes 2 MB. Parts beyond it are read again. */
const MAX_PARTS = 800;
const PARALLEL_HEADS = 16;

/** Heartbeat details that fit. */
export function toDetails({ progress, finished, etags }: ExtractProgress): ExtractProgress {
  if (!finished || finished.parts.length <= MAX_PARTS) return { progress, finished, etags };
  const parts = finished.parts.slice(0, MAX_PARTS);
  return {
    progress,
    finished: { ...finished, parts },
    etags: Object.fromEntries(parts.map(({ uri }) => [uri, etags[uri] ?? ''])),
  };
}

/** The progress to heartbeat from the beginning on: a try that breaks at once must not forget what the last one stored. */
export function startProgress(): ExtractProgress {
  const details: Partial<ExtractProgress> | undefined = activityInfo().heartbeatDetails;
  const { finished, etags } = details ?? {};
  return { progress: {}, etags: { ...etags }, ...(finished && { finished }) };
}

/** What earlier tries stored whole and is still there as it was; undefined when there is nothing. */
export async function findFinished(
  store: ObjectStore,
  { finished, etags }: ExtractProgress,
): Promise<FinishedWork | undefined> {
  if (!finished) return undefined;
  const parts: FinishedPart[] = [];
  for (let from = 0; from < finished.parts.length; from += PARALLEL_HEADS) {
    const some = finished.parts.slice(from, from + PARALLEL_HEADS);
    const areWhole = await Promise.all(some.map((part) => isWhole(store, part, etags[part.uri])));
    parts.push(...some.filter((_, index) => areWhole[index]));
  }
  log.info('goes on from what an earlier try has stored', {
    parts: parts.length,
    ofParts: finished.parts.length,
  });
  return { ...finished, parts };
}

/** The etag is that of the upload, whose bytes the store has compared with their checksum; RDS tells none. */
async function isWhole(store: ObjectStore, part: FinishedPart, etag: string | undefined): Promise<boolean> {
  const found = await store.head(part.uri);
  if (!found || found.sizeBytes !== part.sizeBytes) return false;
  return part.sha256 === null || found.etag === etag;
}

/** Removes what uploads that were killed have left below a prefix; a store that does not allow it stops nothing. */
export async function clearLeftovers(store: ObjectStore, prefixes: readonly string[]): Promise<void> {
  for (const prefix of prefixes) {
    try {
      const count = await store.abortUploads(prefix);
      if (count > 0) log.info('aborted incomplete uploads of an earlier try', { prefix, count });
    } catch (error) {
      log.warn('incomplete uploads of earlier tries are left to the lifecycle rule of the bucket', {
        prefix,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }
}
