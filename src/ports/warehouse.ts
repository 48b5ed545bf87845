/** SQL on Redshift through its Data API. */
export interface Warehouse {
  /** Runs one statement outside a transaction and waits for it. `token`: 1-64 characters, the same token never runs twice. */
  execute(sql: string, options?: StatementOptions): Promise<void>;
  /** Runs 1-40 statements in one transaction and waits; all or none of it is applied. */
  transact(sqls: readonly string[], options?: StatementOptions): Promise<void>;
  /** Runs a query and reads all pages. Integers beyond 2^53 and decimals come as text. */
  query(sql: string, options?: StatementOptions): Promise<QueryResult>;
}

export interface StatementOptions {
  readonly token?: string;
  readonly signal?: AbortSignal;
  /** Called at each poll, for heartbeats. */
  readonly onPoll?: (statementId: string) => void;
}

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}
