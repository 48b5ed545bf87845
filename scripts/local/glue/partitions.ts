import { AwsError, type Operation } from '../aws-json.ts';
import {
  alreadyExists,
  asInput,
  type Input,
  invalid,
  notFound,
  nowSeconds,
  page,
  requireList,
  requireName,
  requireObject,
  requireString,
  requireStrings,
} from './input.ts';
import type { Change, Journal } from './journal.ts';
import { partitionKey, partitionsPrefix } from './keys.ts';
import { requireTable } from './lookup.ts';
import { compilePartitionExpression } from './partition-expression.ts';
import { catalogId, type Partition, type Table } from './shapes.ts';

/** Create, Update, Get and Delete of partitions, one by one and in batches, and GetPartitions. */
export function partitionOperations(journal: Journal): Record<string, Operation> {
  const tableOf = (input: Input): Table =>
    requireTable(journal, requireName(input, 'DatabaseName'), requireName(input, 'TableName'));
  const find = (table: Table, values: readonly string[]): Partition => {
    const partition = journal.get<Partition>(partitionKey(table.DatabaseName, table.Name, values));
    if (partition === undefined) throw notFound('Cannot find partition.');
    return partition;
  };

  const create = (table: Table, given: Input): void => {
    const partition = partitionFrom(table, given);
    const key = partitionKey(table.DatabaseName, table.Name, partition.Values);
    if (journal.get(key) !== undefined) throw alreadyExists('Partition already exists.');
    journal.commit([[key, partition]]);
  };
  const update = (table: Table, values: string[], given: Input): void => {
    const previous = find(table, values);
    const partition = partitionFrom(table, given, previous);
    const oldKey = partitionKey(table.DatabaseName, table.Name, values);
    const newKey = partitionKey(table.DatabaseName, table.Name, partition.Values);
    if (newKey !== oldKey && journal.get(newKey) !== undefined) {
      throw alreadyExists('Partition already exists.');
    }
    const removal: Change[] = newKey === oldKey ? [] : [[oldKey, null]];
    journal.commit([...removal, [newKey, partition]]);
  };
  const remove = (table: Table, values: string[]): void => {
    find(table, values);
    journal.commit([[partitionKey(table.DatabaseName, table.Name, values), null]]);
  };

  return {
    CreatePartition: async (request) => {
      const input = asInput(request);
      create(tableOf(input), requireObject(input, 'PartitionInput'));
      return {};
    },
    UpdatePartition: async (request) => {
      const input = asInput(request);
      update(
        tableOf(input),
        requireStrings(input, 'PartitionValueList'),
        requireObject(input, 'PartitionInput'),
      );
      return {};
    },
    DeletePartition: async (request) => {
      const input = asInput(request);
      remove(tableOf(input), requireStrings(input, 'PartitionValues'));
      return {};
    },
    GetPartition: async (request) => {
      const input = asInput(request);
      return { Partition: find(tableOf(input), requireStrings(input, 'PartitionValues')) };
    },
    BatchCreatePartition: async (request) => {
      const input = asInput(request);
      const table = tableOf(input);
      const entries = requireList(input, 'PartitionInputList', 100).map(asInput);
      return {
        Errors: collectErrors(
          entries,
          (entry) => create(table, entry),
          (entry) => ({
            PartitionValues: entry.Values,
          }),
        ),
      };
    },
    BatchUpdatePartition: async (request) => {
      const input = asInput(request);
      const table = tableOf(input);
      const entries = requireList(input, 'Entries', 100).map(asInput);
      return {
        Errors: collectErrors(
          entries,
          (entry) =>
            update(
              table,
              requireStrings(entry, 'PartitionValueList'),
              requireObject(entry, 'PartitionInput'),
            ),
          (entry) => ({ PartitionValueList: entry.PartitionValueList }),
        ),
      };
    },
    BatchDeletePartition: async (request) => {
      const input = asInput(request);
      const table = tableOf(input);
      const entries = requireList(input, 'PartitionsToDelete', 25).map(asInput);
      return {
        Errors: collectErrors(
          entries,
          (entry) => remove(table, requireStrings(entry, 'Values')),
          (entry) => ({
            PartitionValues: entry.Values,
          }),
        ),
      };
    },
    BatchGetPartition: async (request) => {
      const input = asInput(request);
      const table = tableOf(input);
      const wanted = requireList(input, 'PartitionsToGet', 1000).map((one) =>
        requireStrings(asInput(one), 'Values'),
      );
      const found = wanted.map((values) =>
        journal.get<Partition>(partitionKey(table.DatabaseName, table.Name, values)),
      );
      return { Partitions: found.filter((one) => one !== undefined), UnprocessedKeys: [] };
    },
    GetPartitions: async (request) => getPartitions(journal, tableOf(asInput(request)), asInput(request)),
  };
}

function getPartitions(journal: Journal, table: Table, input: Input): unknown {
  const all = journal.list<Partition>(partitionsPrefix(table.DatabaseName, table.Name));
  const wanted =
    input.Expression === undefined || input.Expression === ''
      ? () => true
      : compilePartitionExpression(requireString(input, 'Expression'), table.PartitionKeys ?? []);
  const { items, ...rest } = page(
    all.filter((partition) => wanted(partition.Values)),
    input,
    1000,
  );
  const partitions = input.ExcludeColumnSchema === true ? items.map(withoutColumns) : items;
  return { Partitions: partitions, ...rest };
}

function withoutColumns(partition: Partition): Partition {
  const { Columns, ...descriptor } = partition.StorageDescriptor ?? {};
  return { ...partition, StorageDescriptor: descriptor };
}

function partitionFrom(table: Table, given: Input, previous?: Partition): Partition {
  const values = requireStrings(given, 'Values');
  if (values.length !== (table.PartitionKeys ?? []).length) {
    throw invalid('The number of partition keys do not match the number of partition values');
  }
  return {
    ...given,
    Values: values,
    DatabaseName: table.DatabaseName,
    TableName: table.Name,
    CreationTime: previous?.CreationTime ?? nowSeconds(),
    CatalogId: catalogId,
  };
}

/** Batch calls do what they can and report the rest entry by entry. */
function collectErrors(
  entries: Input[],
  apply: (entry: Input) => void,
  identify: (entry: Input) => Record<string, unknown>,
): unknown[] {
  return entries.flatMap((entry) => {
    try {
      apply(entry);
      return [];
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return [{ ...identify(entry), ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message } }];
    }
  });
}
