import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { callAws, describeAwsError, isAmbiguous } from '../aws-errors.ts';
import { readObject } from './read-object.ts';
import { parseS3Uri, quoteEtag } from './s3-uri.ts';

export interface ConditionalPut {
  readonly uri: string;
  readonly body: Buffer;
  readonly contentType: string;
  /** Etag that the object must have; null: there must be none. */
  readonly expected: string | null;
}

/**
 * Writes an object only while it is as expected; `etag` is that of the object as it is afterwards, '' when
 * there is none. A write whose answer was lost is recognised by reading back one's own content. Where ours
 * was written and replaced by another writer before that, it counts as not written.
 */
export async function putConditionally(
  client: S3Client,
  put: ConditionalPut,
): Promise<{ written: boolean; etag: string }> {
  const answer = await tryPut(client, put);
  if (answer.outcome === 'written') return { written: true, etag: answer.etag };
  const found = await readObject(client, put.uri);
  // A refusal of the first try is one by another's object, even when that holds the same bytes.
  if (answer.outcome === 'refused') return { written: false, etag: found?.etag ?? '' };
  if (found?.bytes.equals(put.body)) return { written: true, etag: found.etag };
  if (answer.error !== undefined) throw answer.error;
  return { written: false, etag: found?.etag ?? '' };
}

type Answer =
  | { readonly outcome: 'written'; readonly etag: string }
  | { readonly outcome: 'refused' }
  /** Refused after a try without an answer (`error` undefined), or without an answer to the last. */
  | { readonly outcome: 'unknown'; readonly error?: unknown };

async function tryPut(
  client: S3Client,
  { uri, body, contentType, expected }: ConditionalPut,
): Promise<Answer> {
  const command = new PutObjectCommand({
    ...parseS3Uri(uri),
    Body: body,
    ContentType: contentType,
    ...(expected === null ? { IfNoneMatch: '*' } : { IfMatch: quoteEtag(expected) }),
  });
  try {
    return await callAws(
      { service: 's3', action: 's3:PutObject', target: uri },
      async (options): Promise<Answer> => {
        try {
          const { ETag } = await client.send(command, options);
          return { outcome: 'written', etag: quoteEtag(ETag) };
        } catch (error) {
          const { name, status, attempts } = describeAwsError(error);
          const isRefused = status === 412 || (expected !== null && name === 'NoSuchKey');
          if (!isRefused) throw error;
          return { outcome: attempts === 1 ? 'refused' : 'unknown' };
        }
      },
    );
  } catch (error) {
    if (isAmbiguous(error)) return { outcome: 'unknown', error };
    throw error;
  }
}
