import { isTerminal, type StatementRecord, type SubStatement } from './statement-record.ts';

const seconds = (epochMs: number): number => epochMs / 1_000;

/** What ExecuteStatement and BatchExecuteStatement answer. */
export function submitted(record: StatementRecord): unknown {
  return {
    Id: record.id,
    CreatedAt: seconds(record.createdAt),
    Database: record.database,
    DbUser: record.user,
    Status: record.status,
    ...place(record),
  };
}

/** What DescribeStatement answers for a whole statement. */
export function describeRecord(record: StatementRecord): unknown {
  const [first] = record.subs;
  const isOne = !record.isBatch && first !== undefined;
  return {
    Id: record.id,
    Status: record.status,
    Database: record.database,
    DbUser: record.user,
    ...place(record),
    CreatedAt: seconds(record.createdAt),
    UpdatedAt: seconds(record.updatedAt),
    Duration: record.durationNs,
    RedshiftPid: record.pid,
    RedshiftQueryId: isTerminal(record.status) ? (first?.queryId ?? -1) : 0,
    HasResultSet: record.status === 'FINISHED' && record.subs.some((sub) => sub.hasResultSet),
    ResultRows: isOne ? first.resultRows : -1,
    ResultSize: isOne ? first.resultSize : -1,
    ResultFormat: 'JSON',
    ...(isOne ? { QueryString: first.sql } : {}),
    ...(record.error === undefined ? {} : { Error: record.error }),
    ...(record.parameters.length === 0 ? {} : { QueryParameters: record.parameters }),
    ...(record.isBatch
      ? { SubStatements: record.subs.map((sub, index) => subData(record, sub, index)) }
      : {}),
  };
}

/** What DescribeStatement answers for one of a batch. */
export function describeSub(record: StatementRecord, index: number): unknown {
  return {
    ...subData(record, record.subs[index] as SubStatement, index),
    Database: record.database,
    ...place(record),
  };
}

/** One line of ListStatements. */
export function listEntry(record: StatementRecord): unknown {
  return {
    Id: record.id,
    Status: record.status,
    CreatedAt: seconds(record.createdAt),
    UpdatedAt: seconds(record.updatedAt),
    IsBatchStatement: record.isBatch,
    QueryString: record.subs[0]?.sql,
    QueryStrings: record.subs.map((sub) => sub.sql),
    QueryParameters: record.parameters,
    ResultFormat: 'JSON',
    ...(record.name === undefined ? {} : { StatementName: record.name }),
    ...(record.secretArn === undefined ? {} : { SecretArn: record.secretArn }),
  };
}

function subData(record: StatementRecord, sub: SubStatement, index: number): object {
  return {
    Id: `${record.id}:${index + 1}`,
    Status: sub.status,
    CreatedAt: seconds(sub.createdAt),
    UpdatedAt: seconds(sub.updatedAt),
    Duration: sub.durationNs,
    QueryString: sub.sql,
    RedshiftQueryId: isTerminal(sub.status) ? sub.queryId : 0,
    HasResultSet: sub.hasResultSet,
    ResultRows: sub.resultRows,
    ResultSize: sub.resultSize,
    ...(sub.error === undefined ? {} : { Error: sub.error }),
  };
}

function place(record: StatementRecord): object {
  return {
    ...(record.workgroup === undefined ? {} : { WorkgroupName: record.workgroup }),
    ...(record.cluster === undefined ? {} : { ClusterIdentifier: record.cluster }),
    ...(record.secretArn === undefined ? {} : { SecretArn: record.secretArn }),
  };
}
