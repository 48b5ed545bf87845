/** The JSON that spark/driver.py reads. All logic is SQL made here; the driver only runs it. */
export interface SparkPlan {
  readonly version: 1;
  readonly step: string;
  readonly runKey: string;
  readonly conf: Readonly<Record<string, string>>;
  readonly inputs: readonly SparkInput[];
  readonly statements: readonly SparkStatement[];
  readonly outputs: readonly SparkOutput[];
  /** Each gives one row; its columns come back as text. */
  readonly metrics: readonly { readonly name: string; readonly sql: string }[];
  /** Each gives a few rows, or what is wrong with it; default none. */
  readonly queries?: readonly { readonly name: string; readonly sql: string }[];
  readonly resultUri: string;
}

export type SparkInput =
  | {
      readonly view: string;
      readonly format: 'csv';
      readonly paths: readonly string[];
      readonly columns: readonly string[];
    }
  | {
      readonly view: string;
      readonly format: 'parquet';
      readonly paths: readonly string[];
      readonly schema: string;
    };

export interface SparkStatement {
  readonly view: string;
  readonly sql: string;
  /** Keep the rows for the views and outputs that read them. */
  readonly cache?: boolean;
}

interface SparkOutput {
  readonly name: string;
  readonly view: string;
  /** A fresh prefix that ends in `/`. */
  readonly path: string;
  readonly partitionBy: readonly string[];
  readonly sums: readonly string[];
}

/** What the driver reports, in the object at `resultUri` and as its last line. */
export interface SparkResult {
  readonly version: 1;
  readonly step: string;
  readonly runKey: string;
  readonly ok: boolean;
  readonly outputs?: readonly SparkOutputResult[];
  readonly metrics?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly queries?: Readonly<Record<string, SparkAnswer>>;
  readonly durationMs?: number;
  readonly peakMemoryBytes?: number;
  readonly error?: {
    readonly kind: 'plan' | 'sql' | 'data' | 'environment';
    readonly class: string;
    readonly message: string;
  };
}

/** Rows of a query as texts, or its error. */
export interface SparkAnswer {
  readonly rows?: readonly (readonly (string | null)[])[];
  readonly error?: { readonly kind: string; readonly class: string; readonly message: string };
}

export interface SparkOutputResult {
  readonly name: string;
  readonly path: string;
  readonly rows: number;
  readonly sums: Readonly<Record<string, string | null>>;
  readonly files: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    /** Null stands for Hive's default partition. */
    readonly partition: Readonly<Record<string, string | null>>;
  }[];
}

/** Quotes a name for Spark SQL. */
export function sparkName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Quotes a text for Spark SQL (backslash escapes are on by default there). */
export function sparkText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Settings by the size of what is read: one shuffle partition for each 64 MB once decompressed. */
export function sparkConf(inputBytes: number): Record<string, string> {
  const partitions = Math.min(Math.max(Math.ceil((inputBytes * 4) / (64 * 1024 * 1024)), 4), 2000);
  return { 'spark.sql.shuffle.partitions': String(partitions) };
}
