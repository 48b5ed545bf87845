import { expect, test } from 'vitest';
import { mapSourceError } from '../../src/adapters/postgres/map-error.ts';
import { TidemarkError } from '../../src/core/errors.ts';

const target = 'source shop (db:5432/shop)';
const failure = (code: string | undefined, message = 'what the server said') =>
  Object.assign(new Error(message), { code, detail: 'Key (email)=(ann@example.org)' });

test.each([
  ['connect', 'ECONNREFUSED', 'SOURCE_UNREACHABLE'],
  ['connect', 'ENOTFOUND', 'SOURCE_UNREACHABLE'],
  ['connect', 'ETIMEDOUT', 'SOURCE_UNREACHABLE'],
  ['connect', undefined, 'SOURCE_UNREACHABLE'],
  ['connect', '57P03', 'SOURCE_UNREACHABLE'],
  ['connect', '53300', 'SOURCE_UNREACHABLE'],
  ['connect', '28P01', 'SOURCE_AUTH_FAILED'],
  ['connect', '28000', 'SOURCE_AUTH_FAILED'],
  ['connect', '3D000', 'SOURCE_AUTH_FAILED'],
  ['read', 'ECONNRESET', 'SOURCE_INTERRUPTED'],
  ['read', 'EPIPE', 'SOURCE_INTERRUPTED'],
  ['read', undefined, 'SOURCE_INTERRUPTED'],
  ['read', '57P01', 'SOURCE_INTERRUPTED'],
  ['read', '57014', 'SOURCE_INTERRUPTED'],
  ['read', '40001', 'SOURCE_INTERRUPTED'],
  ['read', '55P03', 'SOURCE_INTERRUPTED'],
  ['read', '42501', 'SOURCE_ACCESS_DENIED'],
  ['read', '42P01', 'SOURCE_TABLE_MISSING'],
  ['read', '42703', 'SOURCE_TABLE_MISSING'],
  ['read', '42883', 'DEFINITION_INVALID'],
  ['read', '22P05', 'DEFINITION_INVALID'],
  ['read', 'XX001', 'SOURCE_INTERRUPTED'],
] as const)('%s %s is %s', (stage, code, expected) => {
  const mapped = mapSourceError(failure(code), target, stage);
  expect(mapped.code).toBe(expected);
  expect(mapped.message.startsWith(`${target}: `)).toBe(true);
  expect(mapped.message).not.toContain('ann@example.org');
});

test('text that may quote a row is left out, with the error that carries it', () => {
  const mapped = mapSourceError(
    failure('22P02', 'invalid input syntax for type numeric: "4111-1111"'),
    target,
    'read',
  );
  expect(mapped.message).toContain('SQLSTATE 22P02');
  expect(mapped.message).not.toContain('4111');
  expect(mapped.cause).toBeUndefined();
});

test('a missing password is an authentication error', () => {
  const thrown = new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string');
  expect(mapSourceError(thrown, target, 'connect').code).toBe('SOURCE_AUTH_FAILED');
});

test('a database that S3 refuses is told from one that S3 does not answer', () => {
  const upload = (detail: string) =>
    mapSourceError(
      Object.assign(new Error('could not upload to Amazon S3'), { code: 'XX000', detail }),
      target,
      'read',
    );
  const refused = upload("Amazon S3 client returned 'Access Denied'.");
  expect(refused.code).toBe('STORE_ACCESS_DENIED');
  expect(refused.message).toContain('s3Export');
  expect(upload("Amazon S3 client returned 'curlCode: 28, Timeout was reached'.").code).toBe(
    'SOURCE_INTERRUPTED',
  );
});

test('an error of the table passes as it is', () => {
  const own = new TidemarkError('STORE_THROTTLED', 'slow down');
  expect(mapSourceError(own, target, 'read')).toBe(own);
});
