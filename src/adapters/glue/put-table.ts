import {
  CreateTableCommand,
  GetTableCommand,
  type GlueClient,
  type Table,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { TidemarkError } from '../../core/errors.ts';
import { callAws, describeAwsError } from '../aws-errors.ts';
import { holds } from './table-input.ts';

const MAX_ATTEMPTS = 3;

/**
 * Makes a table what is wanted, against the version that was read; when another writer was faster, it is read
 * again. Leaves a table alone that is as wanted already. Keeps no older versions: publications are the history.
 */
export async function putTableDefinition(
  client: GlueClient,
  database: string,
  wanted: TableInput,
): Promise<void> {
  const target = `${database}.${wanted.Name}`;
  for (let attempt = 1; ; attempt++) {
    const existing = await getTable(client, database, wanted.Name!);
    if (existing && holds(existing, wanted)) return;
    try {
      if (existing) {
        const command = new UpdateTableCommand({
          DatabaseName: database,
          TableInput: wanted,
          VersionId: existing.VersionId,
          SkipArchive: true,
        });
        await callAws({ service: 'glue', action: 'glue:UpdateTable', target }, (options) =>
          client.send(command, options),
        );
      } else {
        const command = new CreateTableCommand({ DatabaseName: database, TableInput: wanted });
        await callAws({ service: 'glue', action: 'glue:CreateTable', target }, (options) =>
          client.send(command, options),
        );
      }
      return;
    } catch (error) {
      const isConflict = error instanceof TidemarkError && error.code === 'CATALOG_CONFLICT';
      if (!isConflict || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function getTable(client: GlueClient, database: string, name: string): Promise<Table | null> {
  const call = { service: 'glue', action: 'glue:GetTable', target: `${database}.${name}` } as const;
  return await callAws(call, async (options) => {
    try {
      const { Table: table } = await client.send(
        new GetTableCommand({ DatabaseName: database, Name: name }),
        options,
      );
      return table ?? null;
    } catch (error) {
      if (describeAwsError(error).name === 'EntityNotFoundException') return null;
      throw error;
    }
  });
}
