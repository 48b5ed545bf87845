import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { callAws, describeAwsError } from '../aws-errors.ts';
import { parseS3Uri } from './s3-uri.ts';

/** Aborts the incomplete multipart uploads below a prefix, and so removes their parts; gives how many there were. */
export async function abortUploads(client: S3Client, prefixUri: string): Promise<number> {
  const { Bucket, Key: Prefix } = parseS3Uri(prefixUri);
  let count = 0;
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    const next = { KeyMarker: page?.NextKeyMarker, UploadIdMarker: page?.NextUploadIdMarker };
    page = await callAws(
      { service: 's3', action: 's3:ListBucketMultipartUploads', target: prefixUri },
      (options) => client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...next }), options),
    );
    for (const { Key, UploadId } of page.Uploads ?? []) {
      // Not every store filters by prefix.
      if (!Key?.startsWith(Prefix)) continue;
      await abortUpload(client, { Bucket, Key, UploadId });
      count++;
    }
  } while (page.IsTruncated && page.NextKeyMarker);
  return count;
}

async function abortUpload(
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
): Promise<void> {
  const target = `s3://${upload.Bucket}/${upload.Key}`;
  await callAws({ service: 's3', action: 's3:AbortMultipartUpload', target }, async (options) => {
    try {
      await client.send(new AbortMultipartUploadCommand(upload), options);
    } catch (error) {
      // Its owner was quicker.
      if (describeAwsError(error).name !== 'NoSuchUpload') throw error;
    }
  });
}
