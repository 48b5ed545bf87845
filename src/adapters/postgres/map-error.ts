import { type ErrorCode, TidemarkError } from '../../core/errors.ts';

/** What was being done: a refused start means another thing than a connection that breaks. */
export type SourceStage = 'connect' | 'read';

/** SQLSTATEs and classes by what an operator has to do; the longest prefix wins. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  '28': 'SOURCE_AUTH_FAILED',
  '3D000': 'SOURCE_AUTH_FAILED',
  '42501': 'SOURCE_ACCESS_DENIED',
  '42P01': 'SOURCE_TABLE_MISSING',
  '42703': 'SOURCE_TABLE_MISSING',
  '3F000': 'SOURCE_TABLE_MISSING',
  '57P03': 'SOURCE_UNREACHABLE',
  '53300': 'SOURCE_UNREACHABLE',
  // Values that cannot be written as text in UTF-8, a type that cannot be summed, a read that PostgreSQL does not do.
  '0A': 'DEFINITION_INVALID',
  '22': 'DEFINITION_INVALID',
  '42': 'DEFINITION_INVALID',
};

/**
 * Classes whose messages speak of connections, names, locks and limits only. Messages of other classes (22:
 * `invalid input syntax for type numeric: "..."`) can quote a value of a row, so they are left out.
 */
const SPEAKABLE = new Set(['08', '25', '28', '3D', '3F', '40', '42', '53', '55', '57']);

/**
 * Turns what pg or the network threw into a TidemarkError that names the source. Errors that are one already
 * pass unchanged. Without a SQLSTATE it is SOURCE_UNREACHABLE while connecting and SOURCE_INTERRUPTED after.
 */
export function mapSourceError(error: unknown, target: string, stage: SourceStage): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const thrown = error as { code?: unknown; message?: unknown; detail?: unknown };
  const code = typeof thrown.code === 'string' ? thrown.code : '';
  const text = typeof thrown.message === 'string' ? thrown.message : String(error);
  const unknownCode = stage === 'connect' ? 'SOURCE_UNREACHABLE' : 'SOURCE_INTERRUPTED';

  if (!/^[0-9A-Z]{5}$/.test(code) || isNodeCode(code)) {
    // The driver reports a missing or unusable password as a failed SASL exchange, without a code.
    const mapped = stage === 'connect' && /SASL|password/i.test(text) ? 'SOURCE_AUTH_FAILED' : unknownCode;
    return new TidemarkError(mapped, `${target}: ${[code, text].filter(Boolean).join(' ')}`, {
      cause: error,
    });
  }
  const refusal = code.startsWith('42') ? null : describeExportRefusal(`${text} ${thrown.detail ?? ''}`);
  if (refusal) return new TidemarkError('STORE_ACCESS_DENIED', `${target}: ${refusal} (SQLSTATE ${code})`);
  const mapped = CODES[code] ?? CODES[code.slice(0, 2)] ?? unknownCode;
  if (!SPEAKABLE.has(code.slice(0, 2))) {
    return new TidemarkError(
      mapped,
      `${target}: PostgreSQL reports SQLSTATE ${code}; its text may quote a row and is left out, see the server log`,
    );
  }
  return new TidemarkError(mapped, `${target}: ${text} (SQLSTATE ${code})`, { cause: error });
}

/**
 * What aws_s3 says when S3 refuses the database, in our own words; null for anything else. Its errors have no SQLSTATE
 * of their own: `could not upload to Amazon S3`, with S3's answer as detail.
 */
function describeExportRefusal(text: string): string | null {
  if (!/\bS3\b|aws_s3|s3Export/i.test(text)) return null;
  if (
    !/access ?denied|forbidden|\b403\b|credentials|not authorized|InvalidAccessKeyId|SignatureDoesNotMatch/i.test(
      text,
    )
  ) {
    return null;
  }
  return 'S3 refused what the database wrote: associate the instance or cluster with an IAM role for the feature s3Export that allows s3:PutObject and s3:AbortMultipartUpload on the raw zone';
}

/** EPIPE and its like are five capitals too. */
function isNodeCode(code: string): boolean {
  return /^E[A-Z]{4}$/.test(code);
}
