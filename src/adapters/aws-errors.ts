import { type ErrorCode, TidemarkError } from '../core/errors.ts';
import { type AwsService, classifyRefusal } from './aws-refusals.ts';

/** One call of an AWS API, as error messages name it. */
export interface AwsCall {
  readonly service: AwsService;
  /** IAM action that the call needs, such as `glue:CreateTable`. */
  readonly action: string;
  /** What it works on: a URI, a table, a step. No secrets, no row data. */
  readonly target: string;
}

/** A call is given up after this, all its retries included. Below the heartbeat timeout of activities, but for data of S3. */
const TIMEOUT_MS: Readonly<Record<AwsService, number>> = {
  s3: 60_000,
  emr: 15_000,
  glue: 15_000,
  'redshift-data': 15_000,
};

/**
 * Runs one SDK call and turns what it throws into a `TidemarkError` (see `translateAwsError`).
 * Pass the signal on to `client.send`: without it a server that never answers would be waited for without end.
 */
export async function callAws<T>(
  call: AwsCall,
  work: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const timeoutMs = TIMEOUT_MS[call.service];
  const abortSignal = AbortSignal.timeout(timeoutMs);
  try {
    return await work({ abortSignal });
  } catch (error) {
    if (abortSignal.aborted && !(error instanceof TidemarkError)) {
      throw new TidemarkError(
        UNREACHABLE[call.service],
        `${placeOf(call)}: no answer within ${timeoutMs} ms`,
      );
    }
    throw translateAwsError(error, call);
  }
}

/**
 * Gives the `TidemarkError` for an SDK error: refused credentials and permissions, throttles (with
 * `retryAfterMs`), a service that cannot be reached or fails (5xx), a missing bucket or object, and whatever
 * else the service refused. An error that comes from neither AWS nor the network is returned as it is.
 */
export function translateAwsError(error: unknown, call: AwsCall): unknown {
  if (!(error instanceof Error) || error instanceof TidemarkError) return error;
  const { name, status } = describeAwsError(error);
  const at = placeOf(call);
  if (CREDENTIAL_ERRORS.has(name)) {
    // The service's own text can quote the signed request with its session token, so it is left out, cause and all.
    return new TidemarkError('AWS_ACCESS_DENIED', `${at}: ${credentialProblem(name)} (${name})`);
  }
  if (isThrottle(name, status, call)) {
    const code = call.service === 's3' ? 'STORE_THROTTLED' : 'AWS_THROTTLED';
    return new TidemarkError(code, `${at}: asked to slow down (${name})`, {
      retryAfterMs: retryAfterMs(error) ?? 5_000,
    });
  }
  if (ACCESS_ERRORS.has(name) || status === 403) {
    const code = call.service === 's3' ? 'STORE_ACCESS_DENIED' : 'AWS_ACCESS_DENIED';
    const reason = excerpt(error.message);
    // An answer to HEAD has no body, hence no reason.
    const said = reason === '' || reason === 'UnknownError' ? `HTTP ${status}` : reason;
    return new TidemarkError(code, `${at}: permission ${call.action} is missing: ${said}`);
  }
  if (isNetworkError(error, name) || (status !== undefined && status >= 500)) {
    const reason = status === undefined ? networkReason(error) : `${name}, HTTP ${status}`;
    return new TidemarkError(UNREACHABLE[call.service], `${at}: ${reason}`, { cause: error });
  }
  const refusal = classifyRefusal(call.service, { name, status, message: error.message });
  if (refusal === undefined) return error;
  return new TidemarkError(refusal.code, `${at}: ${refusal.text ?? `${name}: ${excerpt(error.message)}`}`);
}

/** Whether a call that failed in this way may have been carried out all the same. */
export function isAmbiguous(error: unknown): boolean {
  return error instanceof TidemarkError && Object.values(UNREACHABLE).includes(error.code);
}

/** Name, HTTP status and number of attempts of an SDK error; undefined where it has none. */
export function describeAwsError(error: unknown): {
  name: string;
  status: number | undefined;
  attempts: number | undefined;
} {
  if (!(error instanceof Error)) return { name: typeof error, status: undefined, attempts: undefined };
  const metadata = (error as SdkError).$metadata;
  return { name: error.name, status: metadata?.httpStatusCode, attempts: metadata?.attempts };
}

interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $retryable?: { readonly throttling?: boolean };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const UNREACHABLE: Readonly<Record<AwsService, ErrorCode>> = {
  s3: 'STORE_UNREACHABLE',
  emr: 'EMR_UNREACHABLE',
  glue: 'CATALOG_UNREACHABLE',
  'redshift-data': 'WAREHOUSE_UNREACHABLE',
};

const CREDENTIAL_ERRORS = new Set([
  'AuthFailure',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
]);

function credentialProblem(name: string): string {
  if (name.startsWith('Expired') || name === 'TokenRefreshRequired') return 'the credentials have expired';
  if (name.endsWith('ProviderError')) return 'no AWS credentials were found or they could not be loaded';
  if (/Skewed|InTheFuture|RequestExpired/.test(name)) return 'the clock of this machine is wrong';
  return 'the credentials are not accepted';
}

const THROTTLES = new Set([
  'ActiveSessionsExceededException',
  'ActiveStatementsExceededException',
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

function isThrottle(name: string, status: number | undefined, { service }: AwsCall): boolean {
  return THROTTLES.has(name) || status === 429 || (service === 's3' && status === 503);
}

/** What the answer's `retry-after` (seconds) or `x-amz-retry-after` (milliseconds) asks for. */
function retryAfterMs(error: SdkError): number | undefined {
  const headers = error.$response?.headers ?? {};
  const wanted = Number(headers['x-amz-retry-after'] ?? Number(headers['retry-after']) * 1_000);
  return Number.isFinite(wanted) && wanted > 0 ? Math.min(wanted, 300_000) : undefined;
}

const ACCESS_ERRORS = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'AuthorizationError',
  'GlueEncryptionException',
  'KMSKeyNotAccessibleFault',
  'OptInRequired',
  'UnauthorizedOperation',
]);

const NETWORK_CODE =
  /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET|EADDRNOTAVAIL|ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

function isNetworkError(error: SdkError, name: string): boolean {
  if (NETWORK_CODE.test(error.code ?? '')) return true;
  // A body that was cut or damaged on its way, or an answer that is no answer of AWS.
  if (/^(TimeoutError|RequestTimeout(Exception)?|NetworkingError|BadDigest|InvalidDigest)$/.test(name))
    return true;
  return /socket hang up|checksum mismatch|deserialization error|XAmzContentSHA256Mismatch|^aborted$/i.test(
    `${name} ${error.message}`,
  );
}

function networkReason(error: SdkError): string {
  // Node collects one error for each address that it tried and leaves the message of the whole empty.
  const message = error instanceof AggregateError ? error.errors.map(String).join(', ') : error.message;
  return excerpt(message) || error.code || error.name;
}

function placeOf({ action, target }: AwsCall): string {
  return `${action} on ${target}`;
}

/** One line, 300 characters. */
function excerpt(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
