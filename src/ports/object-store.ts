import type { Readable } from 'node:stream';

/** Objects by `s3://bucket/key` URI. Missing object or bucket, access denied and throttling are told apart (see core/errors). */
export interface ObjectStore {
  /** Reads a whole small object as text; null when it does not exist. */
  read(uri: string): Promise<{ text: string; etag: string } | null>;
  /** Creates an object; `created: false` when one is already there (it is left as it is). */
  create(
    uri: string,
    body: string | Buffer,
    contentType?: string,
  ): Promise<{ created: boolean; etag: string }>;
  /** Writes an object, replacing what is there. Only for reports that nothing depends on. */
  write(uri: string, body: string, contentType?: string): Promise<void>;
  /** Compare-and-swap: replaces the object only while its etag is `expected`, or creates it when `expected` is null. */
  swap(uri: string, body: string, expected: string | null): Promise<{ swapped: boolean; etag: string }>;
  /** Size and etag; null when it does not exist. */
  head(uri: string): Promise<{ sizeBytes: number; etag: string } | null>;
  /** Bytes `[start, start + length)`; fails with OBJECT_CHANGED when `etag` is given and no longer matches. */
  readRange(uri: string, start: number, length: number, etag?: string): Promise<Buffer>;
  /** Streams into a multipart upload; memory stays flat; an abort leaves no incomplete upload. */
  upload(uri: string, body: Readable, options?: UploadOptions): Promise<{ sizeBytes: number; etag: string }>;
  /** Removes incomplete multipart uploads below a prefix, such as those of a killed process; gives how many there were. */
  abortUploads(prefixUri: string): Promise<number>;
  /** Checks that the bucket of the URI can be reached and written (doctor). */
  probe(uri: string): Promise<void>;
}

export interface UploadOptions {
  contentType?: string;
  contentEncoding?: string;
  signal?: AbortSignal;
  /** Called as bytes are accepted by the store, with the total so far. */
  onProgress?: (sizeBytes: number) => void;
}
