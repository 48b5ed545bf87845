export { backfill } from './backfill.ts';
export { ingest } from './ingest.ts';
