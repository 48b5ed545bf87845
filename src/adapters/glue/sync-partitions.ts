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
import { type AwsCall, callAws } from '../aws-errors.ts';
import { diffPartitions } from './diff-partitions.ts';
import { entryFailure } from './entry-failure.ts';
import { inBatches } from './in-batches.ts';

/**
 * Makes the partitions of a table exactly those wanted: new ones are added and changed ones moved before the
 * others are removed, so that a reader meanwhile misses none. Killed half-way, it goes on when repeated.
 */
export async function syncPartitions(
  client: GlueClient,
  database: string,
  table: string,
  wanted: readonly PartitionInput[],
): Promise<void> {
  const of = { DatabaseName: database, TableName: table };
  const target = `${database}.${table}`;
  const call = (action: string): AwsCall => ({ service: 'glue', action, target });
  const { create, update, remove } = diffPartitions(await listPartitions(client, of, call), wanted);

  const failed: { action: string; values: string[] | undefined; detail: ErrorDetail }[] = [];
  const collect = (
    action: string,
    errors: readonly { values: string[] | undefined; detail: ErrorDetail | undefined }[],
  ) => failed.push(...errors.map(({ values, detail }) => ({ action, values, detail: detail ?? {} })));

  await Promise.all([
    inBatches(create, 100, async (PartitionInputList) => {
      const action = 'glue:BatchCreatePartition';
      const command = new BatchCreatePartitionCommand({ ...of, PartitionInputList });
      const { Errors = [] } = await callAws(call(action), (options) => client.send(command, options));
      collect(
        action,
        Errors.map((each) => ({ values: each.PartitionValues, detail: each.ErrorDetail })),
      );
    }),
    inBatches(update, 100, async (batch) => {
      const action = 'glue:BatchUpdatePartition';
      const Entries = batch.map((input) => ({ PartitionValueList: input.Values, PartitionInput: input }));
      const command = new BatchUpdatePartitionCommand({ ...of, Entries });
      const { Errors = [] } = await callAws(call(action), (options) => client.send(command, options));
      collect(
        action,
        Errors.map((each) => ({ values: each.PartitionValueList, detail: each.ErrorDetail })),
      );
    }),
  ]);
  if (failed.length > 0) throw entryFailure(target, failed);

  await inBatches(remove, 25, async (batch) => {
    const action = 'glue:BatchDeletePartition';
    const PartitionsToDelete = batch.map((Values) => ({ Values }));
    const command = new BatchDeletePartitionCommand({ ...of, PartitionsToDelete });
    const { Errors = [] } = await callAws(call(action), (options) => client.send(command, options));
    const real = Errors.filter((each) => each.ErrorDetail?.ErrorCode !== 'EntityNotFoundException');
    collect(
      action,
      real.map((each) => ({ values: each.PartitionValues, detail: each.ErrorDetail })),
    );
  });
  if (failed.length > 0) throw entryFailure(target, failed);
}

async function listPartitions(
  client: GlueClient,
  of: { DatabaseName: string; TableName: string },
  call: (action: string) => AwsCall,
): Promise<Partition[]> {
  const partitions: Partition[] = [];
  let NextToken: string | undefined;
  do {
    const command = new GetPartitionsCommand({ ...of, NextToken });
    const page = await callAws(call('glue:GetPartitions'), (options) => client.send(command, options));
    partitions.push(...(page.Partitions ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return partitions;
}
