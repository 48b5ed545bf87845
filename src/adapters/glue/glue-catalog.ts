import {
  BatchDeleteTableCommand,
  CreateDatabaseCommand,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetTablesCommand,
  type GlueClient,
} from '@aws-sdk/client-glue';
import type { Catalog } from '../../ports/catalog.ts';
import { type AwsCall, callAws, describeAwsError } from '../aws-errors.ts';
import { entryFailure, type FailedEntry } from './entry-failure.ts';
import { inBatches } from './in-batches.ts';
import { putTableDefinition } from './put-table.ts';
import { syncPartitions } from './sync-partitions.ts';
import { toPartitionInput, toTableInput } from './table-input.ts';

/** The Glue Data Catalog of the client's account and region. Names are lower case, as Glue keeps them. */
export function createGlueCatalog(client: GlueClient): Catalog {
  return {
    ensureDatabase: (name, description) => ensureDatabase(client, name, description),

    async putTable(database, table) {
      await putTableDefinition(client, database, toTableInput(table));
      if (table.partitionKey === null) return;
      const wanted = table.partitions.map((partition) => toPartitionInput(table, partition));
      await syncPartitions(client, database, table.name, wanted);
    },

    dropTables: (database, names) => dropTables(client, database, names),
    listTables: (database) => listTables(client, database),

    async probe() {
      await callAws(callOf('glue:GetDatabases', 'the catalog'), (options) =>
        client.send(new GetDatabasesCommand({ MaxResults: 1 }), options),
      );
    },
  };
}

/** Looks first: where the database is made by others, the worker's role need not be allowed to. */
async function ensureDatabase(client: GlueClient, name: string, description: string): Promise<void> {
  const isThere = await callAws(callOf('glue:GetDatabase', name), async (options) => {
    try {
      await client.send(new GetDatabaseCommand({ Name: name }), options);
      return true;
    } catch (error) {
      if (describeAwsError(error).name === 'EntityNotFoundException') return false;
      throw error;
    }
  });
  if (isThere) return;
  const command = new CreateDatabaseCommand({ DatabaseInput: { Name: name, Description: description } });
  await callAws(callOf('glue:CreateDatabase', name), async (options) => {
    try {
      await client.send(command, options);
    } catch (error) {
      if (describeAwsError(error).name !== 'AlreadyExistsException') throw error;
    }
  });
}

async function dropTables(client: GlueClient, database: string, names: readonly string[]): Promise<void> {
  const action = 'glue:BatchDeleteTable';
  const failed: FailedEntry[] = [];
  await inBatches(names, 100, async (TablesToDelete) => {
    const command = new BatchDeleteTableCommand({ DatabaseName: database, TablesToDelete });
    const { Errors = [] } = await callAws(callOf(action, database), (options) =>
      client.send(command, options),
    );
    for (const { TableName, ErrorDetail } of Errors) {
      if (ErrorDetail?.ErrorCode === 'EntityNotFoundException') continue;
      failed.push({ action, values: [TableName ?? ''], detail: ErrorDetail ?? {} });
    }
  });
  if (failed.length > 0) throw entryFailure(database, failed);
}

async function listTables(client: GlueClient, database: string): Promise<string[]> {
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const command = new GetTablesCommand({ DatabaseName: database, AttributesToGet: ['NAME'], NextToken });
    const page = await callAws(callOf('glue:GetTables', database), (options) =>
      client.send(command, options),
    );
    names.push(...(page.TableList ?? []).map((table) => table.Name!));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return names;
}

function callOf(action: string, target: string): AwsCall {
  return { service: 'glue', action, target };
}
