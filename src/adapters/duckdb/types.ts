import type { ColumnContract, ResultFormat } from '../../expectations/types.ts';

/** A column of a batch: name, SQL type and whether its values are masked in results. */
export interface BatchColumn extends ColumnContract {
  /** True for columns with a PII class. Default false. */
  readonly isMasked?: boolean;
}

/** Files that together are one table. */
export interface TableFiles {
  readonly format: 'csv' | 'parquet';
  /** Local paths or `s3://` URIs, listed one by one; none means a table without rows. */
  readonly files: readonly string[];
  /**
   * The contract's columns. CSV values are read as these types; columns that the contract does not name are text.
   * Parquet carries its own types. Without a contract, types of CSV columns are guessed from the first rows.
   */
  readonly columns?: readonly BatchColumn[];
  /** Types of some CSV columns in the place of guessed ones; only without a contract. */
  readonly types?: Readonly<Record<string, string>>;
  /** Columns whose values are masked, beside those that the contract says. */
  readonly masked?: readonly string[];
  /** Columns that stand in the paths as `name=value` and not in the files, with their SQL types. */
  readonly partition?: Readonly<Record<string, string>>;
}

/** The data that a suite is run on, with the other tables that its expectations may refer to. */
export interface Batch extends TableFiles {
  readonly tables?: Readonly<Record<string, TableFiles>>;
}

/** How to reach an S3 store. Without keys only public objects can be read. */
export interface S3Access {
  /** `host:port` or a URL. Default AWS. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** Default `path` with an endpoint, else `vhost`. */
  readonly urlStyle?: 'path' | 'vhost';
  /** Default true, or as the endpoint's URL says. */
  readonly useSsl?: boolean;
}

/** How a suite is run. */
export interface RunSuiteOptions {
  /** Default SUMMARY. */
  readonly resultFormat?: ResultFormat;
  /** Values of suite parameters. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Columns that identify a row in the evidence, the entity's key (`unexpected_index_column_names`). */
  readonly indexColumns?: readonly string[];
  /** Shows values of masked columns as they are. Default false. */
  readonly unmasked?: boolean;
  /** Rows in the partial lists. Default 20. */
  readonly partialUnexpectedCount?: number;
  /** Most rows in the full lists of COMPLETE. Default 10,000. */
  readonly maxUnexpectedRows?: number;
  /** Row counts of earlier runs, oldest first, for expectations about history. */
  readonly rowCountHistory?: readonly number[];
  /** The instant that freshness is measured against, ISO-8601. Default now. */
  readonly now?: string;
  /** Default `400MB`. Larger work spills to `temporaryDirectory`. */
  readonly memoryLimit?: string;
  /** Default 2. */
  readonly threads?: number;
  /** Most disk that spilled work may take. Default `10GB`. */
  readonly maxTemporarySize?: string;
  /** For a whole run, in ms. Default 600,000. */
  readonly timeoutMs?: number;
  /** For each query that the suite brings itself, in ms. Default 60,000. */
  readonly queryTimeoutMs?: number;
  readonly s3?: S3Access;
  /** The httpfs extension's file. Default: what DuckDB finds installed, or fetches where it may. */
  readonly httpfsPath?: string;
  /** Stops the run. */
  readonly signal?: AbortSignal;
}
