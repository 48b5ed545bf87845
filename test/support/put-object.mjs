// Stores standard input as objects of at most SPLIT_BYTES: put-object.mjs BUCKET KEY REGION TOLD_FILE SPLIT_BYTES, the
// second as KEY_part2. Writes their number and the bytes of all to TOLD_FILE; on failure S3's error code. Run by the PostgreSQL server of a test, see rds-export.ts; the SDK would take longer to
// load than this takes to run.
import { createHash, createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';

const [bucket, key, region, toldFile, splitBytes] = process.argv.slice(2);
const { AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;

const digest = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (secret, data) => createHmac('sha256', secret).update(data).digest();

/** S3's error code, or null. */
async function put(name, body) {
  const path = name.split('/').map(encodeURIComponent).join('/');
  const url = new URL(
    AWS_ENDPOINT_URL_S3
      ? `${AWS_ENDPOINT_URL_S3}/${bucket}/${path}`
      : `https://${bucket}.s3.${region}.amazonaws.com/${path}`,
  );
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = {
    host: url.host,
    'x-amz-content-sha256': digest(body),
    'x-amz-date': time,
    ...(AWS_SESSION_TOKEN && { 'x-amz-security-token': AWS_SESSION_TOKEN }),
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([header, value]) => `${header}:${value}\n`);
  const canonical = ['PUT', url.pathname, '', lines.join(''), names, headers['x-amz-content-sha256']].join(
    '\n',
  );
  const scope = [time.slice(0, 8), region, 's3', 'aws4_request'];
  const signing = scope.reduce(hmac, `AWS4${AWS_SECRET_ACCESS_KEY}`);
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), digest(canonical)].join('\n');
  const signature = hmac(signing, text).toString('hex');
  const credential = `${AWS_ACCESS_KEY_ID}/${scope.join('/')}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  const answer = await fetch(url, { method: 'PUT', body, headers: { ...headers, authorization } });
  if (answer.ok) return null;
  return /<Code>(\w+)/.exec(await answer.text())?.[1] ?? String(answer.status);
}

const all = await buffer(process.stdin);
const fileCount = Math.max(1, Math.ceil(all.length / Number(splitBytes)));
let refused = null;
for (let nth = 1; nth <= fileCount && refused === null; nth++) {
  const bytes = all.subarray((nth - 1) * Number(splitBytes), nth * Number(splitBytes));
  refused = await put(nth === 1 ? key : `${key}_part${nth}`, bytes);
}
writeFileSync(toldFile, refused ?? `${fileCount} ${all.length}`);
process.exitCode = refused === null ? 0 : 1;
