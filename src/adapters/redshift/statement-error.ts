import type { DescribeStatementCommandOutput } from '@aws-sdk/client-redshift-data';
import { type ErrorCode, TidemarkError } from '../../core/errors.ts';
import { maskValues } from '../mask-values.ts';

/** The first that fits decides; all else is WAREHOUSE_SQL_FAILED, a refused grant on a table included. */
const CODES: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /^(ERROR:\s*)?1023\b|serializable isolation violation|conflict with concurrent transaction|deadlock/i,
    'WAREHOUSE_CONFLICT',
  ],
  [/not authorized to|access ?denied|UnauthorizedOperation|InvalidAccessKeyId/i, 'AWS_ACCESS_DENIED'],
  [/SlowDown|throttl|rate exceeded/i, 'AWS_THROTTLED'],
  [
    /connection .*(lost|reset|closed|refused)|terminating connection|database system is (starting|shutting)/i,
    'WAREHOUSE_UNREACHABLE',
  ],
];

/** The error for a statement that did not finish: the SQL text's first 200 characters and Redshift's reason, without values of rows. */
export function statementError(
  statement: DescribeStatementCommandOutput,
  sqls: readonly string[],
): TidemarkError {
  const { text, reason } = findFailure(statement, sqls);
  const sql = text.replace(/\s+/g, ' ').trim().slice(0, 200);
  if (statement.Status === 'ABORTED') {
    return new TidemarkError('WAREHOUSE_SQL_FAILED', `statement ${statement.Id} was cancelled: ${sql}`);
  }
  const code = CODES.find(([pattern]) => pattern.test(reason))?.[1] ?? 'WAREHOUSE_SQL_FAILED';
  const message = `${maskValues(reason, text).slice(0, 500)} in: ${sql} (statement ${statement.Id})`;
  return new TidemarkError(code, message, code === 'AWS_THROTTLED' ? { retryAfterMs: 10_000 } : {});
}

/** Which of a batch failed, and why. The batch's own error tells no more than that one of them did. */
function findFailure(
  { SubStatements, Error: whole = '' }: DescribeStatementCommandOutput,
  sqls: readonly string[],
): { text: string; reason: string } {
  const index = SubStatements?.findIndex(({ Status }) => Status === 'FAILED') ?? -1;
  const part = SubStatements?.[index];
  return { text: sqls[Math.max(index, 0)] ?? '', reason: part?.Error ?? whole };
}
