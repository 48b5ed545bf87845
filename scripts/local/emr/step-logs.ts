import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** Where EMR archives a log of a step: `<LogUri>/<cluster>/steps/<step>/<name>.gz`. */
export function archivedLogUri(logUri: string, clusterId: string, stepId: string, name: string): string {
  return `${logUri.replace(/\/+$/, '')}/${clusterId}/steps/${stepId}/${name}.gz`;
}

/** Copies stdout and stderr of a step to its cluster's LogUri (`s3://` or EMR's `s3n://`). Repeating it is harmless. */
export async function archiveLogs(
  folder: string,
  logUri: string,
  clusterId: string,
  stepId: string,
): Promise<void> {
  s3 ??= new S3Client({ forcePathStyle: true });
  for (const name of ['stdout', 'stderr']) {
    const file = join(folder, name);
    if (!existsSync(file)) continue;
    const target = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(archivedLogUri(logUri, clusterId, stepId, name));
    if (target === null) throw new Error(`LogUri ${logUri} is not an s3:// URI with a folder`);
    const body = await buffer(createReadStream(file).pipe(createGzip()));
    await s3.send(new PutObjectCommand({ Bucket: target[1]!, Key: target[2]!, Body: body }));
  }
}

let s3: S3Client | undefined;
