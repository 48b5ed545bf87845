// Stores standard input as an object: put-object.mjs BUCKET KEY REGION SIZE_FILE. Writes the size to SIZE_FILE; on
// failure the name of S3's error. Run by the PostgreSQL server of a test, see rds-export.ts.
import { writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const [bucket, key, region, sizeFile] = process.argv.slice(2);
const body = await buffer(process.stdin);
const client = new S3Client({ region, maxAttempts: 1 });
try {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'text/csv' }));
  writeFileSync(sizeFile, String(body.length));
} catch (error) {
  writeFileSync(sizeFile, error.name);
  process.exitCode = 1;
}
