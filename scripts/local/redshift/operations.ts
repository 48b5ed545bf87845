import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AwsError, type Operation } from '../aws-json.ts';
import { describeRecord, describeSub, listEntry, submitted } from './answers.ts';
import type { Field, ResultSet } from './results.ts';
import type { Runner } from './runner.ts';
import { type Parameter, parameterNames } from './sql/parameters.ts';
import { tokenize } from './sql/tokens.ts';
import { isTerminal, type StatementRecord, type SubStatement } from './statement-record.ts';
import type { StatementStore } from './statement-store.ts';

type Input = Record<string, unknown>;

/** What there is to connect to. */
export interface Endpoints {
  workgroups: readonly string[];
  clusters: readonly string[];
  databases: readonly string[];
}

const maxSqlBytes = 100 * 1024;
const maxSqls = 40;
const maxParameters = 200;
const pageBytes = 1024 * 1024;
const maxWaitSeconds = 30;

/** The operations of the Redshift Data API. */
export function redshiftOperations(
  store: StatementStore,
  runner: Runner,
  endpoints: Endpoints,
): Record<string, Operation> {
  const submit = async (input: Input, sqls: string[], isBatch: boolean): Promise<unknown> => {
    const record = newRecord(input, sqls, isBatch, endpoints);
    const known = record.clientToken === undefined ? undefined : store.byToken(record.clientToken);
    if (known !== undefined && known.fingerprint !== record.fingerprint) {
      throw invalid('ClientToken was used before with another request.');
    }
    if (known === undefined) runner.submit(record);
    const accepted = known ?? record;
    await waitFor(runner, accepted.id, input);
    return submitted(store.get(accepted.id) ?? accepted);
  };

  return {
    ExecuteStatement: async (request) => {
      const input = request as Input;
      return submit(input, [requireText(input, 'Sql')], false);
    },
    BatchExecuteStatement: async (request) => {
      const input = request as Input;
      const sqls = input.Sqls;
      if (!Array.isArray(sqls) || sqls.length < 1 || sqls.length > maxSqls) {
        throw invalid(`Sqls must hold between 1 and ${maxSqls} statements.`);
      }
      return submit(input, sqls.map(String), true);
    },
    DescribeStatement: async (request) => {
      const input = request as Input;
      const { record, index } = find(store, requireText(input, 'Id'));
      await waitFor(runner, record.id, input);
      const current = store.get(record.id) ?? record;
      return index === undefined ? describeRecord(current) : describeSub(current, index);
    },
    GetStatementResult: async (request) => getResult(store, request as Input),
    ListStatements: async (request) => listStatements(store, request as Input),
    CancelStatement: async (request) => {
      const { record } = find(store, requireText(request as Input, 'Id'));
      if (isTerminal(record.status)) {
        throw invalid(`Could not cancel a query that is already in ${record.status} state.`);
      }
      return { Status: runner.cancel(record.id) };
    },
    ListDatabases: async (request) => {
      requireEndpoint(request as Input, endpoints);
      return { Databases: [...endpoints.databases] };
    },
  };
}

function newRecord(input: Input, sqls: string[], isBatch: boolean, endpoints: Endpoints): StatementRecord {
  const place = requireEndpoint(input, endpoints);
  for (const sql of sqls) {
    if (sql.trim() === '') throw invalid('Sql must not be empty.');
    if (Buffer.byteLength(sql) > maxSqlBytes) throw invalid(`Sql is longer than ${maxSqlBytes} bytes.`);
  }
  if (input.SessionId !== undefined || input.SessionKeepAliveSeconds !== undefined) {
    throw invalid('Sessions are not supported by the local stand-in.');
  }
  if (input.ResultFormat !== undefined && input.ResultFormat !== 'JSON') {
    throw invalid('ResultFormat CSV is not supported by the local stand-in.');
  }
  const clientToken = optionalText(input, 'ClientToken', 64);
  const name = optionalText(input, 'StatementName', 500);
  const parameters = readParameters(input.Parameters, sqls);
  const now = Date.now();
  const isAutoCommit = isBatch && input.ExecutionMode === 'AUTO_COMMIT';
  const { ClientToken: _, WaitTimeSeconds: __, ...rest } = input;
  return {
    id: randomUUID(),
    isBatch,
    isAutoCommit,
    database: requireText(input, 'Database'),
    ...place,
    user: String(input.DbUser ?? 'IAMR:tidemark'),
    ...(name === undefined ? {} : { name }),
    ...(clientToken === undefined ? {} : { clientToken }),
    ...(input.SecretArn === undefined ? {} : { secretArn: String(input.SecretArn) }),
    parameters,
    fingerprint: createHash('sha256')
      .update(JSON.stringify(Object.entries(rest).sort()))
      .digest('hex'),
    status: 'SUBMITTED',
    durationNs: -1,
    createdAt: now,
    updatedAt: now,
    pid: process.pid,
    subs: sqls.map((sql) => newSub(sql, now)),
  };
}

function newSub(sql: string, now: number): SubStatement {
  return {
    sql,
    status: 'SUBMITTED',
    durationNs: -1,
    resultRows: -1,
    resultSize: -1,
    hasResultSet: false,
    createdAt: now,
    updatedAt: now,
    queryId: Math.floor(Math.random() * 2 ** 31),
  };
}

/** Every parameter must be used; texts that do not even cut into tokens fail when they run. */
function readParameters(value: unknown, sqls: readonly string[]): Parameter[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxParameters) throw invalid('Parameters must be a list.');
  const parameters = value.map((one: unknown) => {
    const { name, value: text } = (one ?? {}) as Input;
    if (typeof name !== 'string' || typeof text !== 'string') {
      throw invalid('A parameter needs a name and a value, both strings.');
    }
    return { name, value: text };
  });
  const used = new Set(sqls.flatMap((sql) => [...usedNames(sql)]));
  const unused = parameters.filter((one) => !used.has(one.name)).map((one) => one.name);
  if (unused.length > 0) {
    throw invalid(`Parameters list contains unused parameters. Unused parameters: [${unused.join(', ')}]`);
  }
  return parameters;
}

function usedNames(sql: string): Set<string> {
  try {
    return parameterNames(tokenize(sql));
  } catch {
    return new Set();
  }
}

function requireEndpoint(input: Input, endpoints: Endpoints): { workgroup?: string; cluster?: string } {
  const { WorkgroupName: workgroup, ClusterIdentifier: cluster } = input;
  if ((workgroup === undefined) === (cluster === undefined)) {
    throw invalid('Either ClusterIdentifier, WorkgroupName or SessionId must be provided.');
  }
  const known =
    workgroup === undefined
      ? endpoints.clusters.includes(String(cluster))
      : endpoints.workgroups.includes(String(workgroup).replace(/^arn:.*\//, ''));
  if (!known) throw invalid("Redshift endpoint doesn't exist in this region.");
  return workgroup === undefined ? { cluster: String(cluster) } : { workgroup: String(workgroup) };
}

function find(store: StatementStore, given: string): { record: StatementRecord; index: number | undefined } {
  const [id = '', part] = given.split(':');
  const record = store.get(id);
  const index = part === undefined ? undefined : Number(part) - 1;
  if (
    record === undefined ||
    (index !== undefined && (!record.isBatch || record.subs[index] === undefined))
  ) {
    throw new AwsError('ResourceNotFoundException', 'Query does not exist.', 400, { ResourceId: given });
  }
  return { record, index };
}

function getResult(store: StatementStore, input: Input): unknown {
  const given = requireText(input, 'Id');
  const { record, index } = find(store, given);
  if (record.isBatch && index === undefined) {
    throw invalid('BatchExecuteStatement result can only be retrieved with sub-statement id.');
  }
  const result = record.status === 'FINISHED' ? store.readResult(record.id, index ?? 0) : undefined;
  if (result === undefined) {
    throw new AwsError(
      'ResourceNotFoundException',
      'Query does not have result. Please check query status with DescribeStatement.',
      400,
      { ResourceId: given },
    );
  }
  const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
  if (!Number.isSafeInteger(start) || start < 0) throw invalid('NextToken is not valid.');
  const end = pageEnd(result, start);
  return {
    Records: result.rows.slice(start, end),
    ColumnMetadata: result.columns,
    TotalNumRows: result.rows.length,
    ...(end < result.rows.length ? { NextToken: String(end) } : {}),
  };
}

/** A page holds what fits in about a megabyte, and a row at least. */
function pageEnd({ rows }: ResultSet, start: number): number {
  let size = 0;
  let end = start;
  while (end < rows.length && size < pageBytes) {
    size += JSON.stringify(rows[end] as Field[]).length;
    end += 1;
  }
  return end;
}

function listStatements(store: StatementStore, input: Input): unknown {
  const { Status: status = 'ALL', StatementName: name } = input;
  const size = Math.min(Number(input.MaxResults ?? 100), 100) || 100;
  const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
  const wanted = store
    .list()
    .filter((record) => status === 'ALL' || record.status === status)
    .filter((record) => name === undefined || record.name?.startsWith(String(name)) === true)
    .filter((record) => input.Database === undefined || record.database === input.Database)
    .filter((record) => input.WorkgroupName === undefined || record.workgroup === input.WorkgroupName)
    .filter((record) => input.ClusterIdentifier === undefined || record.cluster === input.ClusterIdentifier);
  const page = wanted.slice(start, start + size);
  return {
    Statements: page.map(listEntry),
    ...(start + size < wanted.length ? { NextToken: String(start + size) } : {}),
  };
}

async function waitFor(runner: Runner, id: string, input: Input): Promise<void> {
  const seconds = Math.min(Number(input.WaitTimeSeconds ?? 0), maxWaitSeconds);
  if (!(seconds > 0)) return;
  const timer = new AbortController();
  const patience = delay(seconds * 1_000, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([runner.whenOver(id), patience]);
  timer.abort();
}

function requireText(input: Input, member: string): string {
  const value = input[member];
  if (typeof value !== 'string' || value === '') throw invalid(`${member} must be provided.`);
  return value;
}

function optionalText(input: Input, member: string, max: number): string | undefined {
  const value = input[member];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > max) {
    throw invalid(`${member} must have 1 to ${max} characters.`);
  }
  return value;
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
