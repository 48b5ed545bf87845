import type { Parameter } from './sql/parameters.ts';

export type Status = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

/** One SQL text of a statement. A batch has several; a single statement is a list of one. */
export interface SubStatement {
  sql: string;
  status: Status;
  error?: string;
  durationNs: number;
  /** Rows given or changed; -1 when that means nothing. */
  resultRows: number;
  resultSize: number;
  hasResultSet: boolean;
  createdAt: number;
  updatedAt: number;
  queryId: number;
}

/** What was asked for and what became of it. Instants are epoch milliseconds. */
export interface StatementRecord {
  id: string;
  isBatch: boolean;
  /** AUTO_COMMIT commits each SQL text of a batch on its own. */
  isAutoCommit: boolean;
  database: string;
  workgroup?: string;
  cluster?: string;
  secretArn?: string;
  user: string;
  name?: string;
  parameters: Parameter[];
  clientToken?: string;
  /** Hash of the request, to tell a repeated token from a reused one. */
  fingerprint: string;
  status: Status;
  error?: string;
  durationNs: number;
  createdAt: number;
  updatedAt: number;
  pid: number;
  subs: SubStatement[];
}

/** Whether nothing more will happen to a statement. */
export function isTerminal(status: Status): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}
