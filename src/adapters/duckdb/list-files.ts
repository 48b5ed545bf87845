import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { duckdbDialect } from '../../expectations/sql/duckdb.ts';
import { openS3 } from './connection.ts';
import { EngineError } from './engine-error.ts';
import { runQuery } from './query.ts';
import type { RunSuiteOptions } from './types.ts';

const DATA_FILE = /\.(csv|csv\.gz|csv\.zst|parquet|pq)$/i;
/** Names that writers of data give to what is no data: `_SUCCESS`, `.part.crc`. */
const HIDDEN = /(^|\/)[._][^/=]*(\/|$)/;

/**
 * The files that paths stand for, sorted within each path: a file is itself, a folder or a prefix that ends in `/` all CSV
 * and Parquet files below it, a pattern (`*`, `?`, `[ab]`, `**`) what it matches. Local paths become absolute.
 * Throws `EngineError` `missing` for a path that stands for nothing.
 */
export async function listFiles(
  paths: readonly string[],
  options: Pick<RunSuiteOptions, 's3' | 'httpfsPath'> = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const files = path.startsWith('s3://') ? await listS3(path, options) : await listLocal(path);
    if (files.length === 0) throw new EngineError('missing', `${path} names no CSV or Parquet file`);
    found.push(...files);
  }
  return [...new Set(found)];
}

async function listLocal(path: string): Promise<string[]> {
  const absolute = resolve(path);
  const entry = await stat(absolute).catch(() => null);
  if (entry?.isFile()) return [absolute];
  if (entry?.isDirectory()) {
    const below = await readdir(absolute, { recursive: true });
    return below
      .filter((name) => DATA_FILE.test(name) && !HIDDEN.test(name))
      .sort()
      .map((name) => join(absolute, name));
  }
  return isPattern(path) ? await glob(absolute, {}) : [];
}

async function listS3(path: string, options: Pick<RunSuiteOptions, 's3' | 'httpfsPath'>): Promise<string[]> {
  if (!isPattern(path) && DATA_FILE.test(path)) return [path];
  const prefix = isPattern(path) ? '' : `${path.replace(/\/+$/, '')}/`;
  const files = await glob(isPattern(path) ? path : `${prefix}**`, options);
  return files.filter((file) => DATA_FILE.test(file) && !HIDDEN.test(file.slice(prefix.length)));
}

function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

async function glob(pattern: string, options: Pick<RunSuiteOptions, 's3' | 'httpfsPath'>): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    if (pattern.startsWith('s3://')) await openS3(connection, options);
    const { rows } = await runQuery(
      connection,
      `select file from glob(${duckdbDialect.string(pattern)}) order by file`,
    );
    return rows.map(([file]) => String(file));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
