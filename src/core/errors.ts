/**
 * Every error that a person can meet: code, family, and what to do. The family alone decides about retries:
 * `retryable` is retried by policy, `permanent` opens a gate. What needs a decision on data is not an error
 * but a verdict, returned by an activity.
 */
const ERRORS = {
  SOURCE_UNREACHABLE: {
    family: 'retryable',
    todo: 'Check that PostgreSQL runs and that TIDEMARK_SOURCE_<NAME>_URL names its host and port.',
  },
  SOURCE_AUTH_FAILED: {
    family: 'permanent',
    todo: 'Correct user and password in TIDEMARK_SOURCE_<NAME>_URL, restart the worker, then retry.',
  },
  SOURCE_ACCESS_DENIED: {
    family: 'permanent',
    todo: 'Give the reader role what the message names, such as GRANT SELECT on the table, then retry.',
  },
  SOURCE_TABLE_MISSING: {
    family: 'permanent',
    todo: 'Correct the table or column in the entity definition, or restore it at the source, then retry.',
  },
  SOURCE_INTERRUPTED: {
    family: 'retryable',
    todo: 'The connection broke during the read; it starts again under a new snapshot by itself.',
  },
  STORE_UNREACHABLE: { family: 'retryable', todo: 'Check AWS_ENDPOINT_URL_S3, AWS_REGION and the network.' },
  STORE_THROTTLED: { family: 'retryable', todo: 'The store asked to slow down; it goes on by itself.' },
  BUCKET_MISSING: {
    family: 'permanent',
    todo: 'Create the bucket, or correct the TIDEMARK_*_URI that names it, then retry.',
  },
  STORE_ACCESS_DENIED: {
    family: 'permanent',
    todo: 'Give the worker role access to the bucket, then retry.',
  },
  OBJECT_MISSING: {
    family: 'permanent',
    todo: 'An object that a manifest names is gone; retry from the step that writes it.',
  },
  OBJECT_CHANGED: {
    family: 'permanent',
    todo: 'An audited file was changed afterwards; find out by whom, then retry from the step that writes it.',
  },
  SPARK_STEP_FAILED: { family: 'retryable', todo: 'Read the log that the message names.' },
  SPARK_SQL_FAILED: {
    family: 'permanent',
    todo: 'Correct the SQL that the message names, restart the worker, then retry.',
  },
  EMR_UNREACHABLE: { family: 'retryable', todo: 'Check AWS_ENDPOINT_URL_EMR, AWS_REGION and the network.' },
  EMR_CLUSTER_GONE: {
    family: 'permanent',
    todo: 'Start a cluster and set TIDEMARK_EMR_CLUSTER_ID, or configure transient clusters, then retry.',
  },
  CATALOG_UNREACHABLE: {
    family: 'retryable',
    todo: 'Check AWS_ENDPOINT_URL_GLUE, AWS_REGION and the network.',
  },
  CATALOG_CONFLICT: {
    family: 'retryable',
    todo: 'Another writer changed the table; it is synced again by itself.',
  },
  WAREHOUSE_UNREACHABLE: {
    family: 'retryable',
    todo: 'Check AWS_ENDPOINT_URL_REDSHIFT_DATA, AWS_REGION and the network.',
  },
  WAREHOUSE_CONFLICT: {
    family: 'retryable',
    todo: 'A serializable conflict (1023); the whole transaction runs again by itself.',
  },
  WAREHOUSE_SQL_FAILED: {
    family: 'permanent',
    todo: 'Read the statement and reason in the message; correct the model or the grants, then retry.',
  },
  AWS_ACCESS_DENIED: {
    family: 'permanent',
    todo: 'Give the worker role the permission that the message names (docs/operations.md), then retry.',
  },
  AWS_THROTTLED: { family: 'retryable', todo: 'AWS asked to slow down; it goes on by itself.' },
  LIMIT_REACHED: {
    family: 'retryable',
    todo: 'It asks for a place again. See what holds them (tidemark status), or raise `limits` in the pipeline and restart the workers.',
  },
  BALANCE_BROKEN: {
    family: 'permanent',
    todo: 'Rows are missing or doubled between two steps; look at the objects that the message names, then retry.',
  },
  FILE_MISMATCH: {
    family: 'permanent',
    todo: 'A Parquet file does not hold what its manifest says; retry from the model step.',
  },
  DEFINITION_INVALID: {
    family: 'permanent',
    todo: 'Correct the definition (tidemark validate), restart the worker, then retry.',
  },
  DEFINITION_UNKNOWN: {
    family: 'permanent',
    todo: 'Add the pipeline to TIDEMARK_PIPELINES and restart the worker, then retry.',
  },
  ALERT_UNDELIVERED: {
    family: 'retryable',
    todo: 'It is sent again for three days; check TIDEMARK_ALERT_WEBHOOK_URL and the receiver.',
  },
  PLAN_CHANGED: {
    family: 'permanent',
    todo: 'Look at the new plan (tidemark backfill plan) and start with its digest.',
  },
  LOAD_REFUSED: {
    family: 'permanent',
    todo: 'A first load is for entities that the lake lacks; read all again: npx tidemark run PIPELINE --kind full; or business dates: npx tidemark backfill start PIPELINE --from DATE --to DATE.',
  },
  CHECK_FAILED_TO_RUN: {
    family: 'retryable',
    todo: 'Read the reason in the message; it is tried again by itself.',
  },
} as const satisfies Record<string, { family: 'retryable' | 'permanent'; todo: string }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * An error with a code of the table above. The message says what happened and where; it never carries row
 * data or secrets. `retryAfterMs` delays the next attempt after a throttle.
 */
export class TidemarkError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TidemarkError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }

  get retryable(): boolean {
    return ERRORS[this.code].family === 'retryable';
  }

  get todo(): string {
    return ERRORS[this.code].todo;
  }
}
