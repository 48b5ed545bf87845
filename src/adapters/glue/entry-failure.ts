import type { ErrorDetail } from '@aws-sdk/client-glue';
import { TidemarkError } from '../../core/errors.ts';
import { translateAwsError } from '../aws-errors.ts';

export interface FailedEntry {
  readonly action: string;
  /** Values of the partition, or the name of the table. */
  readonly values: readonly string[] | undefined;
  readonly detail: ErrorDetail;
}

/** One error for the entries of batches that Glue did not carry out, with the code of the first and up to three named. */
export function entryFailure(target: string, failed: readonly FailedEntry[]): unknown {
  const [first] = failed as [FailedEntry, ...FailedEntry[]];
  const named = failed
    .slice(0, 3)
    .map(({ values, detail }) => `${values?.join('/')}: ${detail.ErrorCode} ${detail.ErrorMessage}`);
  const more = failed.length > named.length ? `, and ${failed.length - named.length} more` : '';
  const code = first.detail.ErrorCode ?? 'Unknown';
  // Something that was there a moment ago and is gone, or the other way round: another writer is at work.
  const name = code === 'EntityNotFoundException' ? 'ConcurrentModificationException' : code;
  const error = Object.assign(new Error(`${named.join('; ')}${more}`), {
    name,
    $metadata: { httpStatusCode: /^Internal/.test(code) ? 500 : 400 },
  });
  const translated = translateAwsError(error, { service: 'glue', action: first.action, target });
  if (!(translated instanceof TidemarkError)) return translated;
  const { retryAfterMs } = translated;
  return new TidemarkError(
    translated.code,
    `${first.action} on ${target}: ${failed.length} entries failed: ${error.message}`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}
