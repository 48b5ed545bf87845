import { expect, test } from 'vitest';
import { type ExtractProgress, toDetails } from '../../../activities/extract-progress.ts';
import { extractManifest } from '../core/sample.ts';

const { server, snapshot } = extractManifest({});

/** What an extract of so many parts has to remember, with names as long as they get. */
function progressOf(partCount: number): ExtractProgress {
  const parts = Array.from({ length: partCount }, (_, nth) => ({
    uri: `s3://acme-production-raw-zone/warehouse/order_lines/run=backfill-20240103T000000Z-1f2e3d4c-x1/5e6f7a8b/part-${String(nth).padStart(5, '0')}.csv.gz`,
    sizeBytes: 104_857_600,
    rowCount: 1_234_567,
    sha256: 'f'.repeat(64),
    entity: 'order_lines',
    csvBytes: 134_217_728,
    blocks: [[nth * 16_384, (nth + 1) * 16_384]] as const,
    relationIds: '16384:16999',
    schemaHash: 'e'.repeat(64),
  }));
  const etags = Object.fromEntries(parts.map(({ uri }) => [uri, `"${'a'.repeat(32)}-20"`]));
  return { progress: {}, finished: { server, snapshots: [snapshot], parts }, etags };
}

test('heartbeat details of an extract of 5,000 parts fit: the first parts are kept, with their etags', () => {
  const details = toDetails(progressOf(5_000));
  expect(JSON.stringify(details).length).toBeLessThan(1_000_000);
  expect(details.finished!.parts).toEqual(progressOf(800).finished!.parts);
  expect(details.etags).toEqual(progressOf(800).etags);
});

test('those of a smaller one are kept whole', () => {
  expect(toDetails(progressOf(800))).toEqual(progressOf(800));
});
