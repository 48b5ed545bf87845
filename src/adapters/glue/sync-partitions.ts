import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchUpdatePartitionCommand,
  type ErrorDetail,
  GetPartitionsCommand,
  type GlueClient,
  type Partition,
  type PartitionInput,
} from '@aws-sdk/client-glue';
import { TidemarkError } from '../../core/errors.ts';
import { type AwsCall, callAws } from '../aws-errors.ts';
import { diffPartitions, type PartitionDiff } from './diff-partitions.ts';
import { entryFailure, type FailedEntry } from './entry-failure.ts';
import { inBatches } from './in-batches.ts';

const MAX_ATTEMPTS = 3;

/**
 * Makes the partitions of a table exactly those wanted: new ones are added and changed ones moved before the
 * others are removed, so that a reader meanwhile misses none. When a partition turns out to be there or gone
 * against what was listed, by another writer or by a request whose answer was lost, they are listed again.
 * Killed half-way, it goes on when repeated.
 */
export async function syncPartitions(
  client: GlueClient,
  database: string,
  table: string,
  wanted: readonly PartitionInput[],
): Promise<void> {
  const of: TableName = { DatabaseName: database, TableName: table };
  for (let attempt = 1; ; attempt++) {
    const diff = diffPartitions(await listPartitions(client, of), wanted);
    const failed = await applyDiff(client, of, diff);
    if (failed.length === 0) return;
    const error = entryFailure(nameOf(of), failed);
    const isConflict = error instanceof TidemarkError && error.code === 'CATALOG_CONFLICT';
    if (!isConflict || attempt === MAX_ATTEMPTS) throw error;
  }
}

interface TableName {
  readonly DatabaseName: string;
  readonly TableName: string;
}

/** Entries that Glue did not carry out. Nothing is removed when there are any before. */
async function applyDiff(
  client: GlueClient,
  of: TableName,
  { create, update, remove }: PartitionDiff,
): Promise<FailedEntry[]> {
  const failed: FailedEntry[] = [];
  await Promise.all([
    inBatches(create, 100, async (PartitionInputList) => {
      const call = callOf('glue:BatchCreatePartition', of);
      const command = new BatchCreatePartitionCommand({ ...of, PartitionInputList });
      const { Errors = [] } = await callAws(call, (options) => client.send(command, options));
      failed.push(...Errors.map((each) => toFailed(call, each.PartitionValues, each.ErrorDetail)));
    }),
    inBatches(update, 100, async (batch) => {
      const call = callOf('glue:BatchUpdatePartition', of);
      const Entries = batch.map((input) => ({ PartitionValueList: input.Values, PartitionInput: input }));
      const command = new BatchUpdatePartitionCommand({ ...of, Entries });
      const { Errors = [] } = await callAws(call, (options) => client.send(command, options));
      failed.push(...Errors.map((each) => toFailed(call, each.PartitionValueList, each.ErrorDetail)));
    }),
  ]);
  if (failed.length > 0) return failed;
  await inBatches(remove, 25, async (batch) => {
    const call = callOf('glue:BatchDeletePartition', of);
    const PartitionsToDelete = batch.map((Values) => ({ Values }));
    const command = new BatchDeletePartitionCommand({ ...of, PartitionsToDelete });
    const { Errors = [] } = await callAws(call, (options) => client.send(command, options));
    const real = Errors.filter((each) => each.ErrorDetail?.ErrorCode !== 'EntityNotFoundException');
    failed.push(...real.map((each) => toFailed(call, each.PartitionValues, each.ErrorDetail)));
  });
  return failed;
}

function toFailed(
  { action }: AwsCall,
  values: readonly string[] | undefined,
  detail: ErrorDetail | undefined,
): FailedEntry {
  return { action, values, detail: detail ?? {} };
}

function nameOf({ DatabaseName, TableName }: TableName): string {
  return `${DatabaseName}.${TableName}`;
}

function callOf(action: string, of: TableName): AwsCall {
  return { service: 'glue', action, target: nameOf(of) };
}

async function listPartitions(client: GlueClient, of: TableName): Promise<Partition[]> {
  const partitions: Partition[] = [];
  let NextToken: string | undefined;
  do {
    const command = new GetPartitionsCommand({ ...of, NextToken });
    const page = await callAws(callOf('glue:GetPartitions', of), (options) => client.send(command, options));
    partitions.push(...(page.Partitions ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return partitions;
}
