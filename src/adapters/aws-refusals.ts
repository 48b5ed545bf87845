import type { ErrorCode } from '../core/errors.ts';

export type AwsService = 's3' | 'emr' | 'glue' | 'redshift-data';

/** The code for a refusal; `text` replaces the service's own words where those say less. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly text?: string;
}

interface Refused {
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
}

/**
 * What it means that a service refused a request, apart from rights, load and outages; undefined when the
 * error is not the service's.
 */
export function classifyRefusal(service: AwsService, error: Refused): Refusal | undefined {
  return CLASSIFIERS[service](error) ?? (error.status === undefined ? undefined : { code: OTHER[service] });
}

/** Requests that are wrong in themselves: the same one is refused again, so these are permanent. */
const OTHER: Readonly<Record<AwsService, ErrorCode>> = {
  s3: 'STORE_ACCESS_DENIED',
  emr: 'DEFINITION_INVALID',
  glue: 'DEFINITION_INVALID',
  'redshift-data': 'WAREHOUSE_SQL_FAILED',
};

const CLASSIFIERS: Readonly<Record<AwsService, (error: Refused) => Refusal | undefined>> = {
  s3: ({ name, status }) => {
    if (name === 'NoSuchBucket') return { code: 'BUCKET_MISSING', text: 'the bucket does not exist' };
    if (status === 301 || name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed') {
      return { code: 'BUCKET_MISSING', text: 'the bucket is in another region than AWS_REGION says' };
    }
    if (name === 'NoSuchKey' || name === 'NotFound') {
      return { code: 'OBJECT_MISSING', text: 'the object does not exist' };
    }
    if (status === 412) return { code: 'OBJECT_CHANGED', text: 'the object is no longer the one expected' };
    if (name === 'NoSuchUpload') return { code: 'STORE_UNREACHABLE', text: 'the multipart upload is gone' };
    if (status === 409) return { code: 'STORE_THROTTLED', text: 'another write to it was under way' };
    return undefined;
  },

  // EMR knows one exception for all that it refuses; only the text tells them apart.
  emr: ({ message }) => {
    if (/maximum number of .*steps/i.test(message)) return { code: 'AWS_THROTTLED' };
    if (
      /cluster id .*not valid|job ?flow .*(does not exist|not valid)|shutting down|terminated/i.test(message)
    ) {
      return { code: 'EMR_CLUSTER_GONE' };
    }
    return undefined;
  },

  glue: ({ name }) => {
    if (/^(ConcurrentModification|VersionMismatch|Conflict|AlreadyExists)/.test(name)) {
      return { code: 'CATALOG_CONFLICT' };
    }
    if (/^(OperationTimeout|ResourceNotReady|FederationSourceRetryable)/.test(name)) {
      return { code: 'CATALOG_UNREACHABLE' };
    }
    return undefined;
  },

  'redshift-data': ({ name }) =>
    name === 'DatabaseConnectionException' || name === 'QueryTimeoutException'
      ? { code: 'WAREHOUSE_UNREACHABLE' }
      : undefined,
};
