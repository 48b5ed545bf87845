import { TidemarkError } from '../src/core/errors.ts';
import type { SparkOutputResult, SparkResult } from '../src/core/spark-plan.ts';
import type { WrittenFile } from '../src/core/stage.ts';
import type { ObjectStore } from '../src/ports/object-store.ts';

export function findOutput(result: SparkResult, name: string): SparkOutputResult {
  const output = result.outputs?.find((each) => each.name === name);
  if (!output) throw new TidemarkError('SPARK_STEP_FAILED', `the driver's result has no output ${name}`);
  return output;
}

/** Looks at each file that the driver says it wrote, and keeps the etag that the audit is bound to. */
export async function identifyFiles(
  store: ObjectStore,
  output: SparkOutputResult,
  partitionColumn: string | null,
): Promise<WrittenFile[]> {
  return await mapParallel(output.files, 16, async ({ path, sizeBytes, partition }) => {
    const uri = path.replace(/^s3a:/, 's3:');
    const head = await store.head(uri);
    if (!head) throw new TidemarkError('OBJECT_MISSING', `${uri} was written by Spark and is gone`);
    if (head.sizeBytes !== sizeBytes)
      throw new TidemarkError(
        'OBJECT_CHANGED',
        `${uri} has ${head.sizeBytes} bytes, Spark wrote ${sizeBytes}`,
      );
    return {
      uri,
      sizeBytes,
      etag: head.etag,
      partition: partitionColumn ? (partition[partitionColumn] ?? '') : '',
    };
  });
}

/** Maps with at most `limit` calls under way; order is kept. */
export async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const lanes = Array.from({ length: Math.min(limit, items.length) }, async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  });
  await Promise.all(lanes);
  return results;
}
