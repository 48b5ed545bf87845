import { expect, test, vi } from 'vitest';
import { type AwsCall, callAws, isAmbiguous, translateAwsError } from '../../../src/adapters/aws-errors.ts';
import { TidemarkError } from '../../../src/core/errors.ts';

const CALLS = {
  s3: { service: 's3', action: 's3:PutObject', target: 's3://lake/key' },
  emr: { service: 'emr', action: 'elasticmapreduce:AddJobFlowSteps', target: 'j-1' },
  glue: { service: 'glue', action: 'glue:UpdateTable', target: 'db.orders' },
  redshift: { service: 'redshift-data', action: 'redshift-data:ExecuteStatement', target: 'local/dev' },
} as const satisfies Record<string, AwsCall>;

interface Given {
  readonly name?: string;
  readonly status?: number;
  readonly message?: string;
  readonly code?: string;
  readonly headers?: Record<string, string>;
}

function sdkError({ name = 'Error', status, message = 'said AWS', code, headers }: Given): Error {
  return Object.assign(new Error(message), {
    name,
    ...(code === undefined ? {} : { code }),
    $metadata: { httpStatusCode: status, attempts: 1 },
    ...(headers === undefined ? {} : { $response: { headers } }),
  });
}

test.each<[keyof typeof CALLS, Given, string]>([
  ['s3', { name: 'NoSuchBucket', status: 404 }, 'BUCKET_MISSING'],
  ['s3', { name: 'PermanentRedirect', status: 301 }, 'BUCKET_MISSING'],
  ['s3', { name: 'NoSuchKey', status: 404 }, 'OBJECT_MISSING'],
  ['s3', { name: 'PreconditionFailed', status: 412 }, 'OBJECT_CHANGED'],
  ['s3', { name: 'ConditionalRequestConflict', status: 409 }, 'STORE_THROTTLED'],
  ['s3', { name: 'AccessDenied', status: 403 }, 'STORE_ACCESS_DENIED'],
  ['s3', { name: '403', status: 403, message: 'UnknownError' }, 'STORE_ACCESS_DENIED'],
  ['s3', { name: 'SlowDown', status: 503 }, 'STORE_THROTTLED'],
  ['s3', { name: 'InternalError', status: 500 }, 'STORE_UNREACHABLE'],
  ['s3', { name: 'RequestTimeout', status: 400 }, 'STORE_UNREACHABLE'],
  ['s3', { name: 'BadDigest', status: 400 }, 'STORE_UNREACHABLE'],
  ['s3', { code: 'ECONNRESET' }, 'STORE_UNREACHABLE'],
  ['s3', { name: 'TimeoutError' }, 'STORE_UNREACHABLE'],
  ['s3', { code: 'CERT_HAS_EXPIRED' }, 'STORE_UNREACHABLE'],
  ['s3', { name: 'ExpiredToken', status: 400 }, 'AWS_ACCESS_DENIED'],
  ['s3', { name: 'SignatureDoesNotMatch', status: 403 }, 'AWS_ACCESS_DENIED'],
  ['emr', { name: 'ThrottlingException', status: 400 }, 'AWS_THROTTLED'],
  ['emr', { name: 'Whatever', status: 429 }, 'AWS_THROTTLED'],
  ['emr', { code: 'ECONNREFUSED' }, 'EMR_UNREACHABLE'],
  ['emr', { name: 'InternalServerException', status: 500 }, 'EMR_UNREACHABLE'],
  ['emr', { name: 'AccessDeniedException', status: 400 }, 'AWS_ACCESS_DENIED'],
  [
    'emr',
    { name: 'InvalidRequestException', status: 400, message: "Cluster id 'j-1' is not valid." },
    'EMR_CLUSTER_GONE',
  ],
  [
    'emr',
    {
      name: 'ValidationException',
      status: 400,
      message: 'A job flow that is shutting down, terminated, or finished may not be modified.',
    },
    'EMR_CLUSTER_GONE',
  ],
  [
    'emr',
    { name: 'ValidationException', status: 400, message: 'Maximum number of active steps exceeded.' },
    'AWS_THROTTLED',
  ],
  ['emr', { name: 'ValidationException', status: 400, message: 'Args too long' }, 'DEFINITION_INVALID'],
  ['glue', { name: 'ConcurrentModificationException', status: 400 }, 'CATALOG_CONFLICT'],
  ['glue', { name: 'OperationTimeoutException', status: 400 }, 'CATALOG_UNREACHABLE'],
  ['glue', { name: 'InvalidInputException', status: 400 }, 'DEFINITION_INVALID'],
  ['glue', { name: 'GlueEncryptionException', status: 400 }, 'AWS_ACCESS_DENIED'],
  ['redshift', { name: 'ActiveStatementsExceededException', status: 400 }, 'AWS_THROTTLED'],
  ['redshift', { name: 'DatabaseConnectionException', status: 500 }, 'WAREHOUSE_UNREACHABLE'],
  ['redshift', { name: 'ValidationException', status: 400 }, 'WAREHOUSE_SQL_FAILED'],
  ['redshift', { name: 'CredentialsProviderError' }, 'AWS_ACCESS_DENIED'],
])('%s: %o is %s', (service, given, code) => {
  expect(translateAwsError(sdkError(given), CALLS[service])).toMatchObject({ code });
});

test('a message names call, target and missing permission', () => {
  const error = translateAwsError(sdkError({ name: 'AccessDenied', status: 403 }), CALLS.s3) as Error;
  expect(error.message).toBe('s3:PutObject on s3://lake/key: permission s3:PutObject is missing: said AWS');
});

test('refused credentials leave out what AWS says, since it can quote the signed request', () => {
  const message = 'The Canonical String should have been x-amz-security-token:SECRET';
  const given = { name: 'InvalidSignatureException', status: 403, message };
  const error = translateAwsError(sdkError(given), CALLS.glue) as TidemarkError;
  expect(error.code).toBe('AWS_ACCESS_DENIED');
  expect(error.message).toContain('the credentials are not accepted');
  expect(error.message).not.toContain('SECRET');
  expect(error.cause).toBeUndefined();
});

test.each<[Record<string, string> | undefined, number]>([
  [undefined, 5_000],
  [{ 'retry-after': '7' }, 7_000],
  [{ 'x-amz-retry-after': '250' }, 250],
  [{ 'retry-after': '86400' }, 300_000],
  [{ 'retry-after': 'nonsense' }, 5_000],
])('a throttle with %o waits %d ms', (headers, retryAfterMs) => {
  const given = { name: 'ThrottlingException', status: 400, ...(headers ? { headers } : {}) };
  expect(translateAwsError(sdkError(given), CALLS.emr)).toMatchObject({ retryAfterMs });
});

test('several refused addresses are named one by one', () => {
  const each = ['connect ECONNREFUSED ::1:80', 'connect ECONNREFUSED 127.0.0.1:80'].map((m) => new Error(m));
  const error = Object.assign(new AggregateError(each, ''), { code: 'ECONNREFUSED' });
  const translated = translateAwsError(error, CALLS.s3) as TidemarkError;
  expect(translated.message).toContain('::1:80');
  expect(translated.message).toContain('127.0.0.1:80');
});

test('errors of neither AWS nor the network, and those already translated, pass as they are', () => {
  const bug = new TypeError('x is not a function');
  const known = new TidemarkError('FILE_MISMATCH', 'x');
  expect(translateAwsError(bug, CALLS.s3)).toBe(bug);
  expect(translateAwsError(known, CALLS.s3)).toBe(known);
  expect(translateAwsError('text', CALLS.s3)).toBe('text');
});

test('only a call without an answer may have been carried out', () => {
  const translate = (given: Given) => translateAwsError(sdkError(given), CALLS.emr);
  expect(isAmbiguous(translate({ code: 'ECONNRESET' }))).toBe(true);
  expect(isAmbiguous(translate({ name: 'InternalServerException', status: 500 }))).toBe(true);
  expect(isAmbiguous(translate({ name: 'ThrottlingException', status: 400 }))).toBe(false);
  expect(isAmbiguous(translate({ name: 'ValidationException', status: 400 }))).toBe(false);
});

test('a call that is never answered is given up', async () => {
  const spy = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
  const call = callAws(CALLS.glue, async ({ abortSignal }) => abortSignal.throwIfAborted());
  await expect(call).rejects.toMatchObject({
    code: 'CATALOG_UNREACHABLE',
    message: 'glue:UpdateTable on db.orders: no answer within 15000 ms',
  });
  spy.mockRestore();
});
