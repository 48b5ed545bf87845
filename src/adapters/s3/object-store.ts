import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { callAws, describeAwsError } from '../aws-errors.ts';
import { abortUploads } from './abort-uploads.ts';
import { putConditionally } from './conditional-put.ts';
import { probeBucket, requireBucket } from './probe-bucket.ts';
import { readObject } from './read-object.ts';
import { parseS3Uri, quoteEtag } from './s3-uri.ts';
import { uploadStream } from './upload-stream.ts';

const TEXT = 'text/plain; charset=utf-8';

/** Objects in S3. The client's `AWS_ENDPOINT_URL_S3` may name an IP address: the SDK then uses path style by itself. */
export function createS3ObjectStore(client: S3Client): ObjectStore {
  return {
    async read(uri) {
      const object = await readObject(client, uri);
      return object && { text: object.bytes.toString('utf8'), etag: object.etag };
    },

    async create(uri, body, contentType = TEXT) {
      const { written, etag } = await putConditionally(client, {
        uri,
        body: typeof body === 'string' ? Buffer.from(body) : body,
        contentType,
        expected: null,
      });
      return { created: written, etag };
    },

    async write(uri, body, contentType = TEXT) {
      const command = new PutObjectCommand({
        ...parseS3Uri(uri),
        Body: Buffer.from(body),
        ContentType: contentType,
      });
      await callAws({ service: 's3', action: 's3:PutObject', target: uri }, (options) =>
        client.send(command, options),
      );
    },

    async swap(uri, body, expected) {
      const put = { uri, body: Buffer.from(body), contentType: 'application/json', expected };
      const { written, etag } = await putConditionally(client, put);
      return { swapped: written, etag };
    },

    async head(uri) {
      const found = await callAws({ service: 's3', action: 's3:GetObject', target: uri }, async (options) => {
        try {
          return await client.send(new HeadObjectCommand(parseS3Uri(uri)), options);
        } catch (error) {
          if (describeAwsError(error).status === 404) return null;
          throw error;
        }
      });
      if (found) return { sizeBytes: found.ContentLength ?? 0, etag: quoteEtag(found.ETag) };
      // The answer to HEAD has no body that would tell a missing object from a missing bucket.
      await requireBucket(client, uri);
      return null;
    },

    readRange: (uri, start, length, etag) => readRange(client, uri, start, length, etag),
    upload: (uri, body, options) => uploadStream(client, uri, body, options),
    abortUploads: (prefixUri) => abortUploads(client, prefixUri),
    probe: (uri) => probeBucket(client, uri),
  };
}

async function readRange(
  client: S3Client,
  uri: string,
  start: number,
  length: number,
  etag: string | undefined,
): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  const command = new GetObjectCommand({
    ...parseS3Uri(uri),
    Range: `bytes=${start}-${start + length - 1}`,
    ...(etag === undefined ? {} : { IfMatch: quoteEtag(etag) }),
  });
  const bytes = await callAws({ service: 's3', action: 's3:GetObject', target: uri }, async (options) => {
    try {
      const { Body } = await client.send(command, options);
      return Buffer.from(await Body!.transformToByteArray());
    } catch (error) {
      if (describeAwsError(error).status === 416) return Buffer.alloc(0);
      throw error;
    }
  });
  if (bytes.length !== length) {
    throw new TidemarkError(
      'OBJECT_CHANGED',
      `${uri} is shorter than it was: bytes ${start} to ${start + length} were asked for, ${bytes.length} came`,
    );
  }
  return bytes;
}
