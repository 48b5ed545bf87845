/** Bucket and key of an `s3://bucket/key` URI; the key may be empty. */
export function parseS3Uri(uri: string): { Bucket: string; Key: string } {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  if (!match) throw new Error(`not an s3://bucket/key URI: ${uri}`);
  return { Bucket: match[1]!, Key: match[2] ?? '' };
}

/** Etags are kept in double quotes, as S3 sends them in headers; listings and other clients leave them out. */
export function quoteEtag(etag: string | undefined): string {
  return `"${(etag ?? '').replaceAll('"', '')}"`;
}
