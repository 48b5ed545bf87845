import type { DescribeStatementCommandOutput } from '@aws-sdk/client-redshift-data';
import { expect, test } from 'vitest';
import { statementError } from '../../../src/adapters/redshift/statement-error.ts';

function failed(parts: Partial<DescribeStatementCommandOutput>): DescribeStatementCommandOutput {
  return { Id: 'id-1', Status: 'FAILED', $metadata: {}, ...parts };
}

test.each([
  [
    'ERROR: 1023 DETAIL: Serializable isolation violation on table - 104, transactions forming the cycle are: 1, 2',
    'WAREHOUSE_CONFLICT',
  ],
  ['ERROR: conflict with concurrent transaction on table - 104', 'WAREHOUSE_CONFLICT'],
  ['ERROR: deadlock detected', 'WAREHOUSE_CONFLICT'],
  ['ERROR: value 1023 is out of range', 'WAREHOUSE_SQL_FAILED'],
  ['ERROR: permission denied for relation orders', 'WAREHOUSE_SQL_FAILED'],
  ['ERROR: syntax error at or near "FORM"', 'WAREHOUSE_SQL_FAILED'],
  ['ERROR: Not authorized to get credentials of role arn:aws:iam::1:role/x', 'AWS_ACCESS_DENIED'],
  ['ERROR: Spectrum Scan Error. S3 Query Exception (Fetch), Access Denied', 'AWS_ACCESS_DENIED'],
  ['ERROR: S3ServiceException: Please reduce your request rate, SlowDown', 'AWS_THROTTLED'],
  ['ERROR: terminating connection due to administrator command', 'WAREHOUSE_UNREACHABLE'],
])('%s is %s', (reason, code) => {
  expect(statementError(failed({ Error: reason }), ['SELECT 1'])).toMatchObject({ code });
});

test('names the statement of a batch that failed, cut to 200 characters on one line', () => {
  const sqls = ['SELECT 1', `INSERT INTO a\n  SELECT ${'x, '.repeat(200)}`, 'SELECT 3'];
  const { message } = statementError(
    failed({
      Error: 'Query #2 failed with ERROR: no',
      SubStatements: [
        { Id: 'id-1:1', Status: 'FINISHED' },
        { Id: 'id-1:2', Status: 'FAILED', Error: 'ERROR: column "x" does not exist' },
        { Id: 'id-1:3', Status: 'ABORTED' },
      ],
    }),
    sqls,
  );
  expect(message).toMatch(/^ERROR: column "x" does not exist in: INSERT INTO a SELECT x, x/);
  expect(message.length).toBeLessThan(300);
  expect(message).toContain('(statement id-1)');
});

test('what somebody else cancelled is not tried again by itself', () => {
  const error = statementError(failed({ Status: 'ABORTED' }), ['SELECT 1']);
  expect(error).toMatchObject({ code: 'WAREHOUSE_SQL_FAILED', retryable: false });
});
