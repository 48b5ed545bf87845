// Stores standard input as an object: put-object.mjs BUCKET KEY REGION SIZE_FILE. Writes the size to SIZE_FILE; on
// failure S3's error code. Run by the PostgreSQL server of a test, see rds-export.ts; the SDK would take longer to
// load than this takes to run.
import { createHash, createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';

const [bucket, key, region, sizeFile] = process.argv.slice(2);
const { AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
const body = await buffer(process.stdin);
const path = key.split('/').map(encodeURIComponent).join('/');
const url = new URL(
  AWS_ENDPOINT_URL_S3
    ? `${AWS_ENDPOINT_URL_S3}/${bucket}/${path}`
    : `https://${bucket}.s3.${region}.amazonaws.com/${path}`,
);

const digest = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (secret, data) => createHmac('sha256', secret).update(data).digest();
const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
const headers = {
  host: url.host,
  'x-amz-content-sha256': digest(body),
  'x-amz-date': time,
  ...(AWS_SESSION_TOKEN && { 'x-amz-security-token': AWS_SESSION_TOKEN }),
};
const names = Object.keys(headers).join(';');
const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
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
const told = answer.ok ? '' : await answer.text();
writeFileSync(
  sizeFile,
  answer.ok ? String(body.length) : (/<Code>(\w+)/.exec(told)?.[1] ?? String(answer.status)),
);
process.exitCode = answer.ok ? 0 : 1;
