import {
  EntityNotFoundException,
  GetPartitionsCommand,
  type GetPartitionsCommandOutput,
  GetTableCommand,
  GetTablesCommand,
  type GetTablesCommandOutput,
  type GlueClient,
  type Partition,
  type Table,
} from '@aws-sdk/client-glue';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { DuckDBConnection } from '@duckdb/node-api';
import { RedshiftError } from '../errors.ts';
import { mapLimited } from './map-limited.ts';
import { type FileSchema, readFileSchemas } from './parquet-schema.ts';

/** An object of the lake. Its etag tells one content from another. */
export interface LakeFile {
  /** `s3://bucket/key` */
  url: string;
  etag: string;
}

/** What the warehouse reads of Glue and S3. */
export class Lake {
  readonly glue: GlueClient;
  readonly #s3: S3Client;
  readonly #connection: DuckDBConnection;
  readonly #schemas = new Map<string, FileSchema>();

  /** `connection` reads Parquet footers, outside of any statement's transaction. */
  constructor(glue: GlueClient, s3: S3Client, connection: DuckDBConnection) {
    this.glue = glue;
    this.#s3 = s3;
    this.#connection = connection;
  }

  /** A table of the catalog, or undefined. */
  async table(database: string, name: string): Promise<Table | undefined> {
    try {
      return (await this.glue.send(new GetTableCommand({ DatabaseName: database, Name: name }))).Table;
    } catch (error) {
      if (error instanceof EntityNotFoundException) return undefined;
      throw new RedshiftError(`Glue could not be read: ${String(error)}`);
    }
  }

  /** All tables of a database of the catalog; none when it is not there. */
  async tables(database: string): Promise<Table[]> {
    const found: Table[] = [];
    let NextToken: string | undefined;
    try {
      do {
        const page: GetTablesCommandOutput = await this.glue.send(
          new GetTablesCommand({ DatabaseName: database, ...(NextToken === undefined ? {} : { NextToken }) }),
        );
        found.push(...(page.TableList ?? []));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
    } catch (error) {
      if (!(error instanceof EntityNotFoundException)) throw error;
    }
    return found;
  }

  /** All partitions that are registered for a table. */
  async partitions(database: string, table: string): Promise<Partition[]> {
    const found: Partition[] = [];
    let NextToken: string | undefined;
    do {
      const page: GetPartitionsCommandOutput = await this.glue.send(
        new GetPartitionsCommand({
          DatabaseName: database,
          TableName: table,
          ExcludeColumnSchema: true,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      );
      found.push(...(page.Partitions ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  }

  /** Files below each location, in the order of the locations. Names that begin with `_` or `.` are hidden. */
  async filesOf(locations: readonly string[]): Promise<LakeFile[][]> {
    return mapLimited(locations, 16, async (location) => {
      const files = await this.list(location.endsWith('/') ? location : `${location}/`);
      return files.filter((file) => !isHidden(file.url.slice(location.length)));
    });
  }

  /** Files whose key starts with the prefix, hidden ones too; empty objects are no files. */
  async list(prefix: string): Promise<LakeFile[]> {
    const { bucket, key } = parseS3Url(prefix);
    const found: LakeFile[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await this.#s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: key,
          ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
        }),
      );
      for (const { Key, ETag, Size } of page.Contents ?? []) {
        if (Key === undefined || Size === 0) continue;
        found.push({ url: `s3://${bucket}/${Key}`, etag: ETag ?? '' });
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found;
  }

  /** The text of an object. */
  async readText(url: string): Promise<string> {
    const { bucket, key } = parseS3Url(url);
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }

  /** What the footers of the files say; each content is read once in the life of the process. */
  async schemasOf(files: readonly LakeFile[]): Promise<Map<string, FileSchema>> {
    const id = (file: LakeFile): string => `${file.url} ${file.etag}`;
    const unknown = files.filter((file) => !this.#schemas.has(id(file)));
    if (unknown.length > 0) {
      const urls = unknown.map((file) => file.url);
      const read = await readFileSchemas(this.#connection, urls);
      for (const file of unknown) this.#schemas.set(id(file), read.get(file.url) ?? []);
    }
    return new Map(files.map((file) => [file.url, this.#schemas.get(id(file)) ?? []]));
  }
}

/** Bucket and key of an `s3://` URL. */
function parseS3Url(url: string): { bucket: string; key: string } {
  const match = /^s3[an]?:\/\/([^/]+)\/?(.*)$/s.exec(url);
  if (match?.[1] === undefined) throw new RedshiftError(`${url} is no S3 URL`);
  return { bucket: match[1], key: match[2] ?? '' };
}

function isHidden(relativePath: string): boolean {
  return relativePath.split('/').some((segment) => /^[_.]/.test(segment) || segment.endsWith('~'));
}
