import type { S3Access } from './types.ts';

/**
 * Region and keys as the AWS SDK's own chain finds them (environment, profile, role), for DuckDB's reads. Without any keys only
 * public objects can be read. `endpoint` for a store that is not AWS's.
 */
export async function findS3Access(endpoint?: string): Promise<S3Access> {
  // Checks of local files do not wait for the SDK to load.
  const { S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({});
  try {
    const region = await client.config.region().catch(() => undefined);
    const keys = await client.config.credentials().catch(() => null);
    return {
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(keys === null
        ? {}
        : {
            accessKeyId: keys.accessKeyId,
            secretAccessKey: keys.secretAccessKey,
            sessionToken: keys.sessionToken,
          }),
    };
  } finally {
    client.destroy();
  }
}
