import type { PartitionInput } from '@aws-sdk/client-glue';
import { expect, test } from 'vitest';
import { diffPartitions } from '../../../src/adapters/glue/diff-partitions.ts';

const at = (value: string, generation: string, rowCount = 1): PartitionInput => ({
  Values: [value],
  StorageDescriptor: { Location: `s3://lake/${generation}/`, Columns: [{ Name: 'a', Type: 'int' }] },
  Parameters: { numRows: String(rowCount) },
});
// What Glue adds of its own.
const stored = (partition: PartitionInput) => ({
  ...partition,
  CreationTime: new Date(0),
  Parameters: { ...partition.Parameters, transient_lastDdlTime: '0' },
  StorageDescriptor: { ...partition.StorageDescriptor, Compressed: false, NumberOfBuckets: 0 },
});

test('creates, moves, keeps and removes', () => {
  const existing = [at('1', 'old'), at('2', 'old'), at('3', 'old'), at('4', 'old', 5)].map(stored);
  const diff = diffPartitions(existing, [at('2', 'old'), at('3', 'new'), at('4', 'old', 6), at('5', 'new')]);
  expect(diff).toEqual({
    create: [at('5', 'new')],
    update: [at('3', 'new'), at('4', 'old', 6)],
    remove: [['1']],
  });
});

test('a changed column counts as a change', () => {
  const wanted = { ...at('1', 'g'), StorageDescriptor: { Columns: [{ Name: 'a', Type: 'bigint' }] } };
  expect(diffPartitions([stored(at('1', 'g'))], [wanted]).update).toEqual([wanted]);
});

test('applied once, nothing is left to do', () => {
  const wanted = ['1', '2', '3'].map((value) => at(value, 'g'));
  expect(diffPartitions(wanted.map(stored), wanted)).toEqual({ create: [], update: [], remove: [] });
});
