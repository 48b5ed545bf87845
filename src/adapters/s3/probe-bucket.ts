import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadBucketCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import { callAws, describeAwsError } from '../aws-errors.ts';
import { parseS3Uri } from './s3-uri.ts';

/** Fails with BUCKET_MISSING when the bucket of the URI does not exist. */
export async function requireBucket(client: S3Client, uri: string): Promise<void> {
  const { Bucket } = parseS3Uri(uri);
  await callAws({ service: 's3', action: 's3:ListBucket', target: `s3://${Bucket}` }, async (options) => {
    try {
      await client.send(new HeadBucketCommand({ Bucket }), options);
    } catch (error) {
      const { status } = describeAwsError(error);
      if (status === 404) {
        throw new TidemarkError(
          'BUCKET_MISSING',
          `s3:ListBucket on s3://${Bucket}: the bucket does not exist`,
        );
      }
      throw error;
    }
  });
}

/** Checks that the bucket exists and can be written, by a multipart upload that is opened and dropped: no object is left. */
export async function probeBucket(client: S3Client, uri: string): Promise<void> {
  await requireBucket(client, uri);
  const { Bucket, Key: prefix } = parseS3Uri(uri);
  const target = { Bucket, Key: `${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}_probe` };
  const created = await callAws({ service: 's3', action: 's3:PutObject', target: uri }, (options) =>
    client.send(new CreateMultipartUploadCommand(target), options),
  );
  await callAws({ service: 's3', action: 's3:AbortMultipartUpload', target: uri }, (options) =>
    client.send(new AbortMultipartUploadCommand({ ...target, UploadId: created.UploadId }), options),
  );
}
