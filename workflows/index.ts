export { deliverAlert } from './alert.ts';
export { backfill } from './backfill.ts';
export { extractChunk } from './extract-chunk.ts';
export { ingest } from './ingest.ts';
export { publishChunks } from './publish-chunks.ts';
