import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { makeComparisons } from '../../activities/compare-lake.ts';
import { createLakeComparer } from '../../src/adapters/duckdb/compare-lake.ts';
import type { TablePartition, TableVersion } from '../../src/core/publication.ts';
import { duckdbHash } from '../../src/core/row-hash.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import type { EntityToExtract, ExtractRequest, ExtractResult } from '../../src/ports/source.ts';
import { type CsvRow, readCsv } from './lake-of-parts.ts';

/** Lakes of table `item` as Parquet in a folder, for the comparison of keys that a worker makes. */
export function openLakeFiles(dir: string) {
  const lake = createLakeComparer({});
  const opening = DuckDBInstance.create(':memory:', { threads: '1' });
  const connecting = opening.then((duck) => duck.connect());
  const save = async (uri: string, body: Readable) => {
    const bytes = await buffer(body);
    await writeFile(uri, bytes);
    return { uri, sizeBytes: bytes.length, etag: '' };
  };
  return {
    /** What a request and its result need so that entities are compared. */
    compare(
      entities: readonly EntityToExtract[],
      publishedOf: (entity: string) => TableVersion | null,
      runKey: string,
    ) {
      const comparisons = makeComparisons(
        { lake, store: { upload: save } as unknown as ObjectStore },
        {
          entities,
          publishedOf,
          goneUri: (name) => join(dir, `${runKey}-${name}-gone.csv.gz`),
          signal: new AbortController().signal,
        },
      );
      const request: Partial<ExtractRequest> = {
        compareBuckets: comparisons.compareBuckets,
        upload: (name, part, body) => save(join(dir, `${runKey}-${name}-${part}.csv.gz`), body),
      };
      return {
        request,
        finish: ({ entities: extracted, drills }: ExtractResult) => comparisons.finish(extracted, drills),
      };
    },
    /** Stores the rows that a run has published. */
    async store(rows: ReadonlyMap<string, CsvRow>, runKey: string): Promise<TablePartition> {
      const uri = join(dir, `${runKey}-lake.parquet`);
      const values = ['(NULL)', ...[...rows.values()].map(({ k }) => `('${k}')`)].join(', ');
      await (await connecting).run(
        `COPY (SELECT ${duckdbHash(['k'])} AS _key, 0::BIGINT AS _hash, NULL::VARCHAR AS _deleted
           FROM (VALUES ${values}) AS t(k) WHERE k IS NOT NULL) TO '${uri}' (FORMAT parquet)`,
      );
      const files = [{ uri, sizeBytes: 1, rowCount: rows.size, etag: '' }];
      return { value: '', generation: '', location: dir, files, rowCount: rows.size };
    },
    async close(): Promise<void> {
      (await connecting).closeSync();
      (await opening).closeSync();
    },
  };
}

/** Those of the keys (`["1"]`) whose hashes a comparison has stored as gone. */
export function findGone(uri: string, keys: readonly string[]): string[] {
  const gone = new Set(readCsv(gunzipSync(readFileSync(uri)).toString()).map((row) => row._key));
  return keys.filter((key) => gone.has(hashOf(JSON.parse(key)[0] as string)));
}

/** The hash of the key column `k`, as every engine computes it; see core/row-hash. */
function hashOf(k: string): string {
  const digest = createHash('md5').update(`\u001fk\u001e${k}`).digest('hex');
  return String(BigInt.asIntN(64, BigInt(`0x${digest.slice(0, 16)}`)));
}
