import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { UploadOptions } from '../../ports/object-store.ts';
import { type AwsCall, callAws, describeAwsError, isAmbiguous, translateAwsError } from '../aws-errors.ts';
import { parseS3Uri, quoteEtag } from './s3-uri.ts';

/** 10,000 parts of this make objects of up to 78 GiB. */
const PART_SIZE_BYTES = 8 * 1024 * 1024;
/**
 * Parts under way at a time, besides the one that gathers; together they bound the memory. Two hide the store's
 * answer behind the next part even at 300 ms, as an extract makes about 15 MB a second.
 */
const PARALLEL_PARTS = 2;
const NONCE = 'tidemark-upload';

/**
 * Streams a body into an object by multipart upload, by one PUT when it fits into a part. Errors of the body
 * and the signal's reason come out as they are. On any failure the parts are removed, after those under way
 * have ended; a process that is killed leaves them to the bucket's lifecycle rule for incomplete uploads.
 */
export async function uploadStream(
  client: S3Client,
  uri: string,
  body: Readable,
  options: UploadOptions = {},
): Promise<{ sizeBytes: number; etag: string }> {
  const { signal, contentType, contentEncoding, onProgress } = options;
  const nonce = randomUUID();
  const call: AwsCall = { service: 's3', action: 's3:PutObject', target: uri };
  const upload = new Upload({
    client,
    partSize: PART_SIZE_BYTES,
    queueSize: PARALLEL_PARTS,
    params: {
      ...parseS3Uri(uri),
      Body: body,
      ContentType: contentType ?? 'application/octet-stream',
      ContentEncoding: contentEncoding,
      Metadata: { [NONCE]: nonce },
    },
  });
  let sizeBytes = 0;
  upload.on('httpUploadProgress', ({ loaded }) => {
    sizeBytes = loaded ?? sizeBytes;
    onProgress?.(sizeBytes);
  });
  let bodyError: Error | undefined;
  body.on('error', (error) => {
    bodyError = error;
  });
  // Upload's own abort rejects at once and removes the parts behind the caller's back, or never, while the
  // body stalls. Ending the body with an error goes the way of every failure, which is waited for.
  const stop = () => body.destroy(new Error('the upload was aborted'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    const { ETag } = await upload.done();
    return { sizeBytes, etag: quoteEtag(ETag) };
  } catch (error) {
    signal?.throwIfAborted();
    if (bodyError !== undefined) throw bodyError;
    const translated = translateAwsError(error, call);
    const stored = isAmbiguous(translated) ? await findUpload(client, uri, nonce).catch(() => null) : null;
    if (stored === null) throw translated;
    return stored;
  } finally {
    signal?.removeEventListener('abort', stop);
    body.destroy();
  }
}

/** The object, if it is the one of this upload: then only the answer to its last request was lost. */
async function findUpload(
  client: S3Client,
  uri: string,
  nonce: string,
): Promise<{ sizeBytes: number; etag: string } | null> {
  return await callAws({ service: 's3', action: 's3:GetObject', target: uri }, async (options) => {
    try {
      const head = await client.send(new HeadObjectCommand(parseS3Uri(uri)), options);
      if (head.Metadata?.[NONCE] !== nonce) return null;
      return { sizeBytes: head.ContentLength ?? 0, etag: quoteEtag(head.ETag) };
    } catch (error) {
      if (describeAwsError(error).status === 404) return null;
      throw error;
    }
  });
}
