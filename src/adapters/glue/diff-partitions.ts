import type { Partition, PartitionInput } from '@aws-sdk/client-glue';
import { holds } from './table-input.ts';

export interface PartitionDiff {
  readonly create: PartitionInput[];
  readonly update: PartitionInput[];
  /** Values of partitions to remove. */
  readonly remove: string[][];
}

/** What turns the partitions that a table has into those wanted; those that are as wanted are in no list. */
export function diffPartitions(
  existing: readonly Partition[],
  wanted: readonly PartitionInput[],
): PartitionDiff {
  const have = new Map(existing.map((partition) => [keyOf(partition), partition]));
  const want = new Set(wanted.map(keyOf));
  return {
    create: wanted.filter((partition) => !have.has(keyOf(partition))),
    update: wanted.filter((partition) => {
      const current = have.get(keyOf(partition));
      return current !== undefined && !holds(current, partition);
    }),
    remove: existing.filter((partition) => !want.has(keyOf(partition))).map(({ Values }) => Values ?? []),
  };
}

function keyOf({ Values }: { Values?: string[] | undefined }): string {
  return JSON.stringify(Values);
}
