export { deliverAlert } from './alert.ts';
export { backfill } from './backfill.ts';
export { extractChunk } from './extract-chunk.ts';
export { watchFreshness } from './freshness.ts';
export { ingest } from './ingest.ts';
export { publishChunks } from './publish-chunks.ts';
