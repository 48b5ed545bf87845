import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { readParquetColumns } from './parquet-columns.ts';
import type { Column } from './shapes.ts';

/** A table that a crawl found: its place, its columns, and its partitions by their values. */
export interface FoundTable {
  name: string;
  location: string;
  columns: Column[];
  partitionKeys: Column[];
  partitions: { values: string[]; location: string }[];
}

interface FoundFile {
  key: string;
  sizeBytes: number;
  modifiedAt: number;
}

/**
 * Reads what lies below an S3 path and tells its Parquet tables.
 *
 * A folder is a table when it holds files or `key=value` folders; of any other folder, each sub-folder is looked at.
 * Columns are those of all files; where files differ in a type, the newest wins. Partition keys are strings.
 */
export async function crawlPath(s3: S3Client, path: string, tablePrefix: string): Promise<FoundTable[]> {
  const { bucket, prefix } = parsePath(path);
  const files = await listParquet(s3, bucket, prefix);
  const roots = new Map<string, FoundFile[]>();
  for (const file of files) {
    const root = tableRoot(prefix, file.key, files);
    roots.set(root, [...(roots.get(root) ?? []), file]);
  }
  const tables: FoundTable[] = [];
  for (const [root, members] of roots)
    tables.push(await describeTable(s3, bucket, root, members, tablePrefix));
  return tables;
}

function parsePath(path: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(path);
  if (match?.[1] === undefined) throw new Error(`${path} is no S3 path`);
  const key = match[2] ?? '';
  return { bucket: match[1], prefix: key === '' || key.endsWith('/') ? key : `${key}/` };
}

async function listParquet(s3: S3Client, bucket: string, prefix: string): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      }),
    );
    for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
      const isHidden = Key.slice(prefix.length)
        .split('/')
        .some((segment) => /^[_.]/.test(segment));
      if (isHidden || !/\.parquet$/i.test(Key)) continue;
      files.push({ key: Key, sizeBytes: Size, modifiedAt: LastModified?.getTime() ?? 0 });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return files;
}

/** Descends from the crawled folder to the one that is this file's table. */
function tableRoot(prefix: string, key: string, files: readonly FoundFile[]): string {
  let root = prefix;
  for (;;) {
    const children = files
      .filter((file) => file.key.startsWith(root))
      .map((file) => file.key.slice(root.length));
    const isTable = children.some((child) => !child.includes('/') || /^[^/]*=/.test(child));
    const next = key.slice(root.length).split('/')[0];
    if (isTable || next === undefined) return root;
    root = `${root}${next}/`;
  }
}

async function describeTable(
  s3: S3Client,
  bucket: string,
  root: string,
  files: readonly FoundFile[],
  tablePrefix: string,
): Promise<FoundTable> {
  const columns = new Map<string, Column>();
  for (const file of [...files].sort((a, b) => a.modifiedAt - b.modifiedAt)) {
    const read = async (offset: number, length: number): Promise<Buffer> => {
      const Range = `bytes=${offset}-${offset + length - 1}`;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: file.key, Range }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    };
    for (const column of await readParquetColumns(read, file.sizeBytes)) columns.set(column.Name, column);
  }
  const folders = new Set(files.map((file) => file.key.slice(root.length, file.key.lastIndexOf('/') + 1)));
  const partitions = [...folders].filter((folder) => folder !== '').sort();
  const keys = partitionKeys(partitions[0] ?? '');
  for (const key of keys) columns.delete(key);
  const folderName = root.replace(/\/$/, '').split('/').at(-1);
  return {
    name: `${tablePrefix}${folderName === '' || folderName === undefined ? bucket : folderName}`
      .toLowerCase()
      .replace(/\W/g, '_'),
    location: `s3://${bucket}/${root}`,
    columns: [...columns.values()],
    partitionKeys: keys.map((Name) => ({ Name, Type: 'string' })),
    partitions: partitions.map((folder) => ({
      values: segments(folder).map((segment) => decodeURIComponent(segment.slice(segment.indexOf('=') + 1))),
      location: `s3://${bucket}/${root}${folder}`,
    })),
  };
}

function partitionKeys(folder: string): string[] {
  return segments(folder).map((segment, index) =>
    segment.includes('=') ? segment.slice(0, segment.indexOf('=')).toLowerCase() : `partition_${index}`,
  );
}

function segments(folder: string): string[] {
  return folder.split('/').filter((segment) => segment !== '');
}
