import { randomUUID } from 'node:crypto';
import {
  BatchExecuteStatementCommand,
  ExecuteStatementCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { StatementOptions, Warehouse } from '../../ports/warehouse.ts';
import { callAws } from '../aws-errors.ts';
import { awaitStatement } from './await-statement.ts';
import { readResult } from './read-result.ts';
import { statementError } from './statement-error.ts';

/** A Serverless workgroup, or a provisioned cluster with a user or secret to log in with; without either, IAM decides. */
export interface RedshiftConfig {
  readonly database: string;
  readonly workgroup?: string;
  readonly clusterIdentifier?: string;
  readonly dbUser?: string;
  readonly secretArn?: string;
}

/**
 * Runs SQL through the Redshift Data API.
 *
 * A token is a promise about one statement, its failure included: what ran under it is waited for and answered
 * again, also after a crash of the caller, so a caller that tries a failed statement again takes a new token.
 * Without one, a repetition within one call (the SDK's, after a lost answer) still runs nothing twice.
 *
 * When the signal fires the statement is cancelled and waited for; the signal's reason is thrown unless the
 * statement finished all the same. Errors: WAREHOUSE_CONFLICT (run the whole again), WAREHOUSE_SQL_FAILED,
 * AWS_ACCESS_DENIED, AWS_THROTTLED, WAREHOUSE_UNREACHABLE.
 */
export function createRedshiftWarehouse(client: RedshiftDataClient, config: RedshiftConfig): Warehouse {
  const place = {
    Database: config.database,
    WorkgroupName: config.workgroup,
    ClusterIdentifier: config.clusterIdentifier,
    DbUser: config.dbUser,
    SecretArn: config.secretArn,
  };

  async function run(sql: string, options: StatementOptions): Promise<{ id: string; hasResult: boolean }> {
    options.signal?.throwIfAborted();
    const command = new ExecuteStatementCommand({ ...place, Sql: sql, ClientToken: tokenOf(options) });
    const { Id } = await callAws(
      { service: 'redshift-data', action: 'redshift-data:ExecuteStatement', target: describePlace(config) },
      (abort) => client.send(command, abort),
    );
    return await finish(Id!, [sql], options);
  }

  async function finish(
    id: string,
    sqls: readonly string[],
    options: StatementOptions,
  ): Promise<{ id: string; hasResult: boolean }> {
    const statement = await awaitStatement(client, id, options);
    if (statement.Status === 'FINISHED') return { id, hasResult: statement.HasResultSet ?? false };
    options.signal?.throwIfAborted();
    throw statementError(statement, sqls);
  }

  return {
    async execute(sql, options = {}) {
      await run(sql, options);
    },

    async transact(sqls, options = {}) {
      options.signal?.throwIfAborted();
      const command = new BatchExecuteStatementCommand({
        ...place,
        Sqls: [...sqls],
        ClientToken: tokenOf(options),
      });
      const { Id } = await callAws(
        {
          service: 'redshift-data',
          action: 'redshift-data:BatchExecuteStatement',
          target: describePlace(config),
        },
        (abort) => client.send(command, abort),
      );
      await finish(Id!, sqls, options);
    },

    async query(sql, options = {}) {
      const { id, hasResult } = await run(sql, options);
      return hasResult ? await readResult(client, id) : { columns: [], rows: [] };
    },
  };
}

function tokenOf({ token }: StatementOptions): string {
  return token ?? randomUUID();
}

function describePlace({ workgroup, clusterIdentifier, database }: RedshiftConfig): string {
  return `${workgroup ?? clusterIdentifier}/${database}`;
}
