import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { callAws, describeAwsError } from '../aws-errors.ts';
import { parseS3Uri, quoteEtag } from './s3-uri.ts';

/** Reads a whole small object; null when it does not exist. */
export async function readObject(
  client: S3Client,
  uri: string,
): Promise<{ bytes: Buffer; etag: string } | null> {
  return await callAws({ service: 's3', action: 's3:GetObject', target: uri }, async (options) => {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand(parseS3Uri(uri)), options);
      return { bytes: Buffer.from(await Body!.transformToByteArray()), etag: quoteEtag(ETag) };
    } catch (error) {
      if (describeAwsError(error).name === 'NoSuchKey') return null;
      throw error;
    }
  });
}
